"""Connecting an account: the form is drawn from what the network's client says it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stormdesk import networks
from stormdesk.accounts.rules import Use
from stormdesk.accounts.words import COUNTRIES, STANDING
from stormdesk.networks.base import Capability, Field
from stormdesk.people.models import Brand, User

_KINDS: Mapping[str, type[forms.Field]] = {
    "text": forms.CharField,
    "url": forms.CharField,
    "number": forms.IntegerField,
    "password": forms.CharField,
    "choice": forms.ChoiceField,
}


def network_fields(fields: Iterable[Field]) -> dict[str, forms.Field]:
    """A form field for each thing a network needs, in the reader's language; secrets are typed unseen."""
    made: dict[str, forms.Field] = {}
    for field in fields:
        more: dict = (
            {"choices": [(choice, choice) for choice in field.choices]} if field.kind == "choice" else {}
        )
        if field.secret:
            more["widget"] = forms.PasswordInput({"autocomplete": "off"})
        made[field.name] = _KINDS[field.kind](
            label=_(field.title),
            required=field.required,
            help_text=_(field.help) if field.help else "",
            **more,
        )
    return made


class NetworkForm(forms.Form):
    """A form of a network's own fields; `split()` gives what is stored openly and what is sealed."""

    def __init__(self, *args, fields: Iterable[Field], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._declared = tuple(fields)
        self.fields.update(network_fields(self._declared))

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
