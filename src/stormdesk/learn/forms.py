"""Answers of a review, a preventive measure, a new drill."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stormdesk.declare.queries import colleagues
from stormdesk.learn import drills
from stormdesk.learn.words import QUESTIONS
from stormdesk.people.models import Brand, User


class AnswersForm(forms.Form):
    """What only people know."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for key, word in QUESTIONS.items():
            self.fields[key] = forms.CharField(
                label=word, required=False, max_length=5000, widget=forms.Textarea({"rows": 3})
            )


class MeasureForm(forms.Form):
    """What will be different, who does it, until when."""

    text = forms.CharField(label=_("What will be different"), max_length=300)
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), required=False)
    due_on = forms.DateField(label=_("By"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.filter(pk__in=[user.pk for user in colleagues(brand)])


SPEEDS = [
    (18, _("18 times: 40 minutes")),
    (6, _("6 times: two hours")),
    (1, _("as in life: 12 hours")),
]


class DrillForm(forms.Form):
    """Which story, in which language, how fast."""

    name = forms.ChoiceField(label=_("Story"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    speed = forms.TypedChoiceField(label=_("Speed"), coerce=int, choices=SPEEDS, initial=18)

    def __init__(self, *args, language: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [
            (name, drills.story(language, name).brief.title) for name in drills.names()
        ]
