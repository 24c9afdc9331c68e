"""Deciding about an alert, raising a concern, the definition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from stormdesk.detect.rules import KnownKind
from stormdesk.detect.rules.criteria import CALLED, LARGEST, SHARES, Called, Condition, Criteria
from stormdesk.detect.words import CALLED_WORDS, CONDITION_WORDS, KNOWN_WORDS, SEVERITY_WORDS, country_names
from stormdesk.listen.matching import QueryError, parse

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


class _Moment(forms.DateTimeInput):
    """The browser's own field for a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"class": "input"}, format="%Y-%m-%dT%H:%M")


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


class KnownForm(forms.Form):
    """Something known ahead. Times are where the brand is."""

    name = forms.CharField(
        label=_("What"), max_length=120, help_text=_("It will stand in the sentence of the alert.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, KNOWN_WORDS[kind]) for kind in KnownKind if kind != KnownKind.HOLIDAY],
    )
    starts_at = forms.DateTimeField(label=_("From"), widget=_Moment())
    ends_at = forms.DateTimeField(label=_("Until"), widget=_Moment())


class DefinitionForm(forms.Form):
    """What the brand calls a crisis: a budget, conditions beside it, and who is called."""

    budget = forms.TypedChoiceField(
        label=_("Alarms in vain that you can bear"), coerce=float, choices=BUDGETS, widget=forms.RadioSelect
    )
    danger_words = forms.CharField(
        label=_("Words of danger"),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("One in a line: a word in any of its forms, or several words exactly so."),
    )
    country = forms.ChoiceField(
        label=_("Public holidays of"),
        required=False,
        help_text=_("On a holiday a rise needs more than volume to call people."),
    )

    def __init__(self, *args: Any, present: Criteria, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {
            "budget": present.budget,
            "danger_words": "\n".join(word.strip('"') for word in present.danger_words),
            "country": present.country,
            **{f"if_{name}": _plain(present.conditions.get(name)) for name in Condition},
            **{f"called_{level}": circle for level, circle in present.called.items()},
        }
        if present.budget not in dict(BUDGETS):
            own = _("%(n)s a week, as it is now") % {"n": f"{present.budget:g}"}
            self.fields["budget"].choices = [*BUDGETS, (present.budget, own)]
        self.fields["country"].choices = [("", _("no country")), *country_names()]
        for name in Condition:
            self.fields[f"if_{name}"] = forms.FloatField(
                label=CONDITION_WORDS[name],
                required=False,
                min_value=0,
                max_value=100 if name in SHARES else LARGEST,
                widget=forms.NumberInput({"class": "input", "step": "any", "placeholder": "—"}),
            )
        for level in CALLED:
            self.fields[f"called_{level}"] = forms.ChoiceField(
                label=format_lazy("{n} · {word}", n=level, word=SEVERITY_WORDS[level]),
                choices=[(c.value, CALLED_WORDS[c]) for c in Called],
            )

    def clean_danger_words(self) -> str:
        for word in _phrases(self.cleaned_data["danger_words"]):
            try:
                parse(word)
            except QueryError as error:
                raise forms.ValidationError(f"{word}: {error}") from None
        return self.cleaned_data["danger_words"]

    def criteria(self) -> Criteria:
        """What was chosen. Call after `is_valid`."""
        given = self.cleaned_data
        return Criteria(
            budget=given["budget"],
            conditions={str(name): given[f"if_{name}"] for name in Condition if given.get(f"if_{name}")},
            danger_words=_phrases(given["danger_words"]),
            called={level: given[f"called_{level}"] for level in CALLED},
            country=given["country"],
        )


def _plain(value: float | None) -> float | int | None:
    """5 instead of 5.0."""
    return int(value) if value is not None and value == int(value) else value


def _phrases(lines: str) -> tuple[str, ...]:
    """One query term a line; several words become a phrase."""
    words = (" ".join(line.replace('"', " ").split()) for line in lines.splitlines())
    return tuple(dict.fromkeys(f'"{word}"' if " " in word else word for word in words if word))
