"""Declaring, and what a lead changes during a crisis."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stormdesk.declare.models import Crisis
from stormdesk.declare.playbook_text import tasks_from_text
from stormdesk.declare.queries import colleagues
from stormdesk.declare.rules import NEXT_STATES, CrisisRole, CrisisState, MeasureKind
from stormdesk.declare.words import MEASURE_WORDS, ROLE_WORDS, SEVERITY_WORDS, STATE_WORDS, TYPE_WORDS
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


class DeclareForm(forms.Form):
    """One page, one button. Everything can be changed later but the time."""

    title = forms.CharField(
        label=_("What is it called?"),
        max_length=150,
        help_text=_("As the team will say it: “Faulty batch 1107”."),
    )
    reason = forms.CharField(
        label=_("Why now, in one sentence"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Everybody who is called reads this."),
    )
    type = forms.ChoiceField(
        label=_("Type"),
        choices=[
            ("", _("choose: it decides the playbook")),
            *((t.value, word) for t, word in TYPE_WORDS.items()),
        ],
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        coerce=int,
        choices=list(SEVERITY_WORDS.items()),
        initial=2,
        widget=forms.RadioSelect,
    )
    lead = forms.ChoiceField(label=_("Lead"))
    measures = forms.MultipleChoiceField(
        label=_("At once"),
        required=False,
        choices=[(kind.value, word) for kind, word in MEASURE_WORDS.items()],
        initial=[kind.value for kind in MeasureKind],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each can be undone. What fails is shown and can be tried again."),
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(user.pk): user for user in colleagues(brand) if may(user, Right.CRISIS, brand)}
        self.fields["lead"].choices = [(pk, str(user)) for pk, user in self._people.items()]

    def clean_lead(self) -> User:
        return self._people[self.cleaned_data["lead"]]


class NoteForm(forms.Form):
    """A line on the timeline."""

    text = forms.CharField(max_length=2000)
    decision = forms.BooleanField(required=False)


class StateForm(forms.Form):
    """The next state and why."""

    to = forms.ChoiceField(label=_("Next state"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea({"rows": 2}))
    give_rights_back = forms.BooleanField(
        label=_("Unlock the accounts"),
        required=False,
        help_text=_("Everybody gets back exactly the rights of before."),
    )

    def __init__(self, *args, crisis: Crisis, locked: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [
            (s.value, STATE_WORDS[s]) for s in NEXT_STATES[CrisisState(crisis.state)]
        ]
        if not locked:
            del self.fields["give_rights_back"]


class SeverityForm(forms.Form):
    """Another severity and why."""

    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, choices=list(SEVERITY_WORDS.items()))
    reason = forms.CharField(label=_("Why"), max_length=500)


class RoleForm(forms.Form):
    """A person and a role in the crisis."""

    user = forms.TypedChoiceField(label=_("Person"), coerce=int)
    role = forms.ChoiceField(label=_("Role"), choices=[(r.value, ROLE_WORDS[r]) for r in CrisisRole])

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [(user.pk, str(user)) for user in colleagues(brand)]


class PlaybookForm(forms.Form):
    """A playbook as text: its title, and a task a block."""

    title = forms.CharField(label=_("Title"), max_length=150)
    tasks = forms.CharField(
        label=_("Tasks"),
        widget=forms.Textarea({"rows": 24, "spellcheck": "true"}),
        help_text=_(
            "A task a block, blocks apart by an empty line. First line: title | department | minutes. "
            "Then its steps, one a line, each behind a dash."
        ),
    )

    def clean_tasks(self) -> str:
        text = self.cleaned_data["tasks"]
        try:
            tasks_from_text(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return text
