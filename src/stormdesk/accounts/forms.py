"""Connecting an account: the form is drawn from what the network's client says it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stormdesk import networks
from stormdesk.accounts.rules import Use
from stormdesk.accounts.words import COUNTRIES, STANDING
from stormdesk.networks.base import Capability, Field
from stormdesk.people.models import Brand, User

LONGEST = 2000
"""Characters of one setting: the longest keys of networks have some hundreds."""


def network_field(field: Field, *, keep: bool = False) -> forms.Field:
    """The form field of a thing a network needs, in the reader's language; secrets are typed unseen.

    `keep`: there is one already, so that an empty secret keeps it.
    """
    common: dict[str, Any] = {
        "label": _(field.title),
        "help_text": _(field.help) if field.help else "",
        "required": field.required and not (field.secret and keep),
    }
    if field.secret or field.kind == "password":
        if keep:
            common["help_text"] = _("Empty: the present one is kept.")
        hidden = forms.PasswordInput({"autocomplete": "off"})
        return forms.CharField(widget=hidden, max_length=LONGEST, **common)
    if field.kind == "number":
        return forms.IntegerField(min_value=0, **common)
    if field.kind == "choice":
        options = [(value, value) for value in field.choices]
        return forms.ChoiceField(choices=options if field.required else [("", "—"), *options], **common)
    if field.kind == "url":
        return forms.URLField(max_length=LONGEST, assume_scheme="https", **common)
    return forms.CharField(max_length=LONGEST, **common)


class NetworkForm(forms.Form):
    """A form of a network's own fields; `split()` gives what is stored openly and what is sealed."""

    def __init__(self, *args, fields: Iterable[Field], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._declared = tuple(fields)
        self.fields.update({field.name: network_field(field) for field in self._declared})

    def split(self) -> tuple[dict, dict]:
        """(settings, secret) of a valid form, without empty values."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        secret = {field.name for field in self._declared if field.secret}
        return (
            {name: value for name, value in given.items() if name not in secret},
            {name: value for name, value in given.items() if name in secret},
        )


class GrantsForm(forms.Form):
    """Who may publish and reply through one account."""

    restricted = forms.BooleanField(
        label=gettext_lazy("Only the people named here"),
        required=False,
        help_text=gettext_lazy("Otherwise everybody whose role allows it."),
    )
    publish = forms.ModelMultipleChoiceField(
        label=gettext_lazy("May publish"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reply = forms.ModelMultipleChoiceField(
        label=gettext_lazy("May answer people"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__brand=brand, is_active=True).distinct().order_by("name")
        for name in ("publish", "reply"):
            self.fields[name].queryset = people

    def grants(self) -> dict[int, set[str]]:
        """User number → uses, of a valid form."""
        found: dict[int, set[str]] = {}
        for use in Use:
            for user in self.cleaned_data[str(use)]:
                found.setdefault(user.pk, set()).add(use)
        return found


class LegalNoteForm(forms.Form):
    """How one network stands in one country's law, looked up by a person."""

    network = forms.ChoiceField(label=gettext_lazy("Network"))
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=list(COUNTRIES.items()), initial="RU")
    status = forms.ChoiceField(
        label=gettext_lazy("How it stands"),
        choices=[(str(s), word) for s, (_shape, word) in STANDING.items()],
    )
    text = forms.CharField(
        label=gettext_lazy("What whoever publishes should know"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3, "class": "input"}),
    )
    as_of = forms.DateField(
        label=gettext_lazy("Looked up on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.URLField(
        label=gettext_lazy("Looked up at"), required=False, max_length=500, assume_scheme="https"
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        speaking = [n for n in networks.ALL.values() if n.can(Capability.PUBLISH)]
        self.fields["network"].choices = [(n.name, _(n.title)) for n in speaking]  # type: ignore[attr-defined]  # a ChoiceField
