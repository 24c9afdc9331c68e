"""The policy's text, and a rule with its examples."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stormdesk.policy.words import KIND_WORDS, SEVERITY_WORDS


class Lines(forms.CharField):
    """One thing a line."""

    widget = forms.Textarea({"rows": 3})

    def to_python(self, value: str | None) -> list[str]:  # type: ignore[override]  # words from one text
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def validate(self, value: object) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")


class DocumentForm(forms.Form):
    """The written policy."""

    text = forms.CharField(
        label=_("The policy"),
        max_length=60_000,
        widget=forms.Textarea({"rows": 24}),
        help_text=_("Markdown."),
    )


class RuleForm(forms.Form):
    """One rule. The examples are run before it is saved."""

    title = forms.CharField(
        label=_("Rule"), max_length=150, help_text=_("As colleagues will read it beside a text.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[(k.value, word) for k, word in KIND_WORDS.items()])
    severity = forms.ChoiceField(
        label=_("A match"), choices=[(s.value, word) for s, word in SEVERITY_WORDS.items()]
    )
    words = Lines(
        label=_("Words and phrases"),
        required=False,
        help_text=_(
            "One a line; Russian words are found in all their forms. For personal data: your own contacts, which may go out."
        ),
    )
    reason = forms.CharField(label=_("Why"), max_length=500)
    fix = forms.CharField(label=_("What to do instead"), max_length=500)
    good = Lines(label=_("Examples that must pass"), required=False)
    bad = Lines(label=_("Examples that must be found"), required=False)
