"""Forms about oneself: coming in, and one's own settings."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stormdesk.people.models import Brand, Department
from stormdesk.people.words import ROLE_WORDS


def time_zones() -> list[tuple[str, str]]:
    """Zones by name, for a list to choose from."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class JoinForm(forms.Form):
    """The first page of a new colleague."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("As colleagues know you: it stands on the timeline."),
        widget=forms.TextInput({"autocomplete": "name", "autofocus": True}),
    )
    email = forms.EmailField(label=_("Work e-mail"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        min_length=10,
        max_length=200,
        help_text=_("Ten characters or more; a sentence is easier to remember than a riddle."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class MeForm(forms.Form):
    """One's own name, language, zone and look."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("as the browser asks")), *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    theme = forms.ChoiceField(
        label=_("Look"),
        required=False,
        choices=[("", _("as the system")), ("light", _("light")), ("dark", _("dark"))],
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", _("the brand’s")), *time_zones()]


class TokenForm(forms.Form):
    """A new personal API key."""

    name = forms.CharField(label=_("What it is for"), max_length=80)


class InviteForm(forms.Form):
    """Who is invited, as what."""

    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Optional: the link is what lets in.")
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, word) for role, word in ROLE_WORDS.items()]
    )
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        required=False,
        empty_label=_("no department"),
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = brand.departments.all()


class RolesForm(forms.Form):
    """Exactly which roles a person has."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=[(role.value, word) for role, word in ROLE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: the person leaves this brand."),
    )
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        required=False,
        empty_label=_("no department"),
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = brand.departments.all()
