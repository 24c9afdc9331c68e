"""Shifts, escalation steps, and one's own channels."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

STEPS = 4


def callable_people(brand: Brand) -> list[User]:
    """Whoever may answer alerts at the brand, by name."""
    people = User.objects.filter(memberships__brand=brand, is_active=True).distinct().order_by("name")
    return [user for user in people if may(user, Right.ALERTS, brand)]


class ShiftForm(forms.Form):
    """Who is on call, from when until when."""

    user = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), empty_label=_("choose a person")
    )
    starts_at = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    ends_at = forms.DateTimeField(
        label=pgettext_lazy("a shift", "Until"), widget=forms.DateTimeInput({"type": "datetime-local"})
    )

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(
            pk__in=[user.pk for user in callable_people(brand)]
        )


class StepsForm(forms.Form):
    """Up to four steps: after so many minutes, whom to call."""

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = [
            ("", "—"),
            ("on_call", _("whoever is on call")),
            *((str(u.pk), str(u)) for u in callable_people(brand)),
        ]
        for number in range(STEPS):
            self.fields[f"after_{number}"] = forms.IntegerField(
                label=_("After minutes"), min_value=0, max_value=1440, required=False
            )
            self.fields[f"who_{number}"] = forms.ChoiceField(label=_("Call"), choices=people, required=False)

    def steps(self) -> list[tuple[int, User | None]]:
        """(minutes, person or None for whoever is on call) of a valid form, empty rows left out."""
        found: list[tuple[int, User | None]] = []
        for number in range(STEPS):
            who = self.cleaned_data.get(f"who_{number}")
            if who:
                user = None if who == "on_call" else User.objects.get(pk=who)
                found.append((self.cleaned_data.get(f"after_{number}") or 0, user))
        return found


class EmailForm(forms.Form):
    """Another address of one's own."""

    address = forms.EmailField(label=_("E-mail"))


class WebhookForm(forms.Form):
    """An address of one's own that takes messages as signed JSON."""

    url = forms.URLField(label=_("Webhook address"), assume_scheme="https", max_length=1000)
