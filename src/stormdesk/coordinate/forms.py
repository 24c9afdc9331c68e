"""Making and changing a task."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stormdesk.coordinate.rules import TaskKind
from stormdesk.coordinate.words import KIND_WORDS
from stormdesk.declare.queries import colleagues
from stormdesk.people.models import Brand, Department, User


class _Duty(forms.Form):
    """Who, in which department, until when."""

    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        required=False,
        empty_label=_("no department"),
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("nobody yet"),
    )
    due_at = forms.DateTimeField(
        label=_("Due"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = brand.departments.all()
        self.fields["owner"].queryset = User.objects.filter(pk__in=[user.pk for user in colleagues(brand)])


class TaskForm(_Duty):
    """What, who, until when."""

    field_order = ("title", "why", "kind", "department", "owner", "due_at", "checklist")

    title = forms.CharField(label=_("What will be true when it is done?"), max_length=200)
    why = forms.CharField(label=_("Why"), max_length=500, required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(k.value, word) for k, word in KIND_WORDS.items()],
        initial=TaskKind.OTHER.value,
    )
    checklist = forms.CharField(
        label=_("Checklist"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One step a line."),
    )

    def clean_checklist(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["checklist"].splitlines() if line.strip()]


class ReassignForm(_Duty):
    """Another owner, department or time."""


class FinishForm(forms.Form):
    """What came out of it."""

    result = forms.CharField(label=_("What came out of it"), max_length=500, required=False)
