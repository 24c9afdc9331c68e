"""Deciding about an alert, raising a concern, the definition."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

HOURS = [
    (1, _("1 hour")),
    (4, _("4 hours")),
    (12, _("12 hours")),
    (24, _("1 day")),
    (72, _("3 days")),
    (168, _("a week")),
]
BUDGETS = [
    (0.02, _("about one in a year")),
    (0.08, _("about one in three months")),
    (0.25, _("about one in a month")),
    (1.0, _("about one in a week")),
    (3.0, _("about three in a week")),
]


class DismissForm(forms.Form):
    """Why it is not a crisis."""

    why = forms.CharField(
        label=_("Not a crisis, because"), max_length=500, widget=forms.Textarea({"rows": 2})
    )


class SilenceForm(forms.Form):
    """For how long and why nobody is called."""

    hours = forms.TypedChoiceField(label=_("For"), coerce=int, choices=HOURS, initial=4)
    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("A planned campaign, a known event, a repair under way.")
    )


class ConcernForm(forms.Form):
    """What somebody noticed."""

    text = forms.CharField(
        label=_("What did you notice?"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    url = forms.CharField(
        label=_("Where"), required=False, max_length=1000, help_text=_("An address, if there is one.")
    )


class DecideForm(forms.Form):
    """Whether a concern needs a reaction."""

    react = forms.TypedChoiceField(
        label=_("Does it need a reaction?"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("yes")), ("no", _("no"))],
    )
    why = forms.CharField(label=_("Why"), max_length=500)


class DefinitionForm(forms.Form):
    """The one knob: how many alarms in vain are bearable."""

    budget = forms.TypedChoiceField(
        label=_("Alarms in vain that you can bear"), coerce=float, choices=BUDGETS, widget=forms.RadioSelect
    )
