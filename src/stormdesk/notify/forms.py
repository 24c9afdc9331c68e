"""Shifts, escalation steps, and one's own channels."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stormdesk.notify.queries import answering
from stormdesk.notify.rules import ChannelKind
from stormdesk.people.models import Brand, User

STEPS = 4


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
        self.fields["user"].queryset = User.objects.filter(pk__in=[user.pk for user in answering(brand)])


class StepsForm(forms.Form):
    """Up to four steps: after so many minutes, whom to call."""

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = [
            ("", "—"),
            ("on_call", _("whoever is on call")),
            *((str(u.pk), str(u)) for u in answering(brand)),
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


class ChannelForm(forms.Form):
    """A way to reach me: `address()` is what is shown of it, `sealed()` what leads there and is never shown again."""

    title: str | Promise
    help: str | Promise = ""
    shown: str
    """The field whose value the page shows of the channel."""

    def address(self) -> str:
        """What the page shows of the channel."""
        return str(self.cleaned_data[self.shown])

    def sealed(self) -> dict[str, str]:
        """Everything typed in, without empty values."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class EmailForm(ChannelForm):
    """Another address of one's own."""

    title = _("E-mail")
    shown = "to"

    to = forms.EmailField(label=_("E-mail address"))

    def sealed(self) -> dict[str, str]:
        return {}


class TelegramForm(ChannelForm):
    """A chat that a bot of the team writes to."""

    title = _("Telegram")
    shown = "chat"
    help = _("Make a bot with @BotFather, write it one message, and ask @userinfobot for your own number.")

    token = forms.RegexField(
        r"^\d+:[\w-]{20,}$",
        label=_("Token of the bot"),
        widget=forms.PasswordInput({"autocomplete": "off"}),
        error_messages={"invalid": _("A bot's token is a number, a colon and about 35 characters.")},
    )
    chat = forms.RegexField(
        r"^(-?\d+|@\w+)$",
        label=_("Chat"),
        help_text=_("Your number, a group's number with its minus, or @channel."),
        error_messages={"invalid": _("A chat is a number, or a name that begins with @.")},
    )
    server = forms.URLField(
        label=_("Server of the Bot API"),
        required=False,
        assume_scheme="https",
        help_text=_("Only for a server of your own; else leave it empty."),
    )


class SlackForm(ChannelForm):
    """A channel of a Slack workspace."""

    title = _("Slack")
    shown = "name"
    help = _("An incoming webhook of a Slack app; whoever knows its address can write to the channel.")

    name = forms.CharField(label=_("Slack channel"), max_length=80)
    url = forms.URLField(label=_("Webhook address"), assume_scheme="https", max_length=1000)


class MatrixForm(ChannelForm):
    """A room of a Matrix server."""

    title = _("Matrix")
    shown = "room"
    help = _("The account of the token must have joined the room.")

    server = forms.URLField(label=_("Server"), assume_scheme="https", max_length=300)
    room = forms.RegexField(
        r"^![^\s]+$",
        label=_("Room"),
        max_length=255,
        help_text=_("The room's id, which begins with an exclamation mark."),
        error_messages={
            "invalid": _("A room's id begins with an exclamation mark; see the room's settings.")
        },
    )
    token = forms.CharField(
        label=_("Access token"), max_length=500, widget=forms.PasswordInput({"autocomplete": "off"})
    )


class NtfyForm(ChannelForm):
    """Push messages to a phone."""

    title = _("ntfy (push to the phone)")
    help = _(
        "On a public server anybody who guesses the topic reads along: choose a long one, or use a token."
    )

    server = forms.URLField(
        label=_("Server"), assume_scheme="https", initial="https://ntfy.sh", max_length=300
    )
    topic = forms.RegexField(
        r"^[-\w]{1,64}$",
        label=_("Topic"),
        error_messages={"invalid": _("A topic is up to 64 letters, digits, hyphens and underscores.")},
    )
    token = forms.CharField(
        label=_("Access token"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )

    def address(self) -> str:
        return f"{urlsplit(self.cleaned_data['server']).hostname} · {self.cleaned_data['topic'][:4]}…"


class WebhookForm(ChannelForm):
    """An address of one's own that takes messages as signed JSON; the key is made here and shown once."""

    title = _("Webhook")

    url = forms.URLField(label=_("Webhook address"), assume_scheme="https", max_length=1000)

    def address(self) -> str:
        return urlsplit(self.cleaned_data["url"]).hostname or ""

    def sealed(self) -> dict[str, str]:
        return super().sealed() | {"key": secrets.token_urlsafe(32)}


CHANNELS: dict[ChannelKind, type[ChannelForm]] = {
    ChannelKind.EMAIL: EmailForm,
    ChannelKind.TELEGRAM: TelegramForm,
    ChannelKind.NTFY: NtfyForm,
    ChannelKind.SLACK: SlackForm,
    ChannelKind.MATRIX: MatrixForm,
    ChannelKind.WEBHOOK: WebhookForm,
}


class QuietForm(forms.Form):
    """The hours in which I am only called, not told."""

    begins = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict:
        given = super().clean() or {}
        if (given.get("begins") is None) != (given.get("ends") is None):
            raise forms.ValidationError(_("Give both ends of the quiet hours, or leave both empty."))
        return given
