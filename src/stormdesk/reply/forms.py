"""An answer, who takes care of a person, and why a conversation is closed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stormdesk.people.models import Brand, User
from stormdesk.reply.queries import people_who_reply


class AnswerForm(forms.Form):
    """What was typed; `visibility` is public, direct or both, `seen` what had been said by then."""

    text = forms.CharField(required=False, strip=False)
    private_text = forms.CharField(required=False, strip=False)
    visibility = forms.ChoiceField(choices=[("public", ""), ("direct", ""), ("both", "")], required=False)
    seen = forms.IntegerField(required=False, min_value=0)

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or "public"


class AssignForm(forms.Form):
    """Who takes care of this person."""

    to = forms.ModelChoiceField(
        label=_("Who takes care of this person?"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("nobody"),
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people_who_reply(brand)  # type: ignore[attr-defined]  # a ModelChoiceField, see above


class CloseForm(forms.Form):
    """Why this person gets no further answer."""

    reason = forms.CharField(label=_("Why does this person get no further answer?"), max_length=300)


class NoteForm(forms.Form):
    """A note for colleagues."""

    text = forms.CharField(label=_("Note to colleagues"), max_length=1000, widget=forms.Textarea({"rows": 2}))
