"""Forms of the composer, of decisions and of statements. Days and times are told in the zone of the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stormdesk.accounts.models import Account
from stormdesk.people.models import Brand, User
from stormdesk.publish.models import Post
from stormdesk.publish.rules import FactState, StatementKind

INPUT = {"class": "input"}
MEDIA_FIELDS = ("description", "origin", "licence", "credit")
PICTURES = 4


def zone_of(user: User, brand: Brand) -> ZoneInfo:
    """The zone in which this person reads and writes times."""
    return ZoneInfo(user.time_zone or brand.time_zone)


class WhenForm(forms.Form):
    """A day and a time; both or neither."""

    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
    )
    time = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=forms.TimeInput(attrs={"class": "input", "type": "time"}, format="%H:%M"),
    )
    zone: ZoneInfo
    needed = False

    def __init__(self, zone: ZoneInfo, *args: Any, moment: datetime | None = None, **kwargs: Any) -> None:
        if moment:
            local = moment.astimezone(zone)
            kwargs["initial"] = {**(kwargs.get("initial") or {}), "day": local.date(), "time": local.time()}
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day, time = cleaned.get("day"), cleaned.get("time")
        if bool(day) != (time is not None) or (self.needed and not day):
            self.add_error("day", _("A time needs a day and an hour, for example 20.11 and 12:30."))
        cleaned["moment"] = datetime.combine(day, time, self.zone) if day and time is not None else None
        return cleaned


class ScheduleForm(WhenForm):
    """When an approved post goes out, or a held one is moved to."""

    needed = True


class PostForm(WhenForm):
    """The composer: one common text, an own one per account where it differs, pictures with their credits."""

    text = forms.CharField(
        label=_("Common text"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 9}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", "—"), ("en", "English"), ("ru", "Русский")],
        widget=forms.Select(attrs=INPUT),
    )

    def __init__(
        self,
        zone: ZoneInfo,
        accounts: list[Account],
        *args: Any,
        posts: list[Post] | None = None,
        **kwargs: Any,
    ) -> None:
        posts = posts or []
        super().__init__(zone, *args, moment=posts[0].due_at if posts else None, **kwargs)
        self.accounts, self.posts = accounts, {post.account_id: post for post in posts}
        common = _most_common([post.text for post in posts])
        self.fields["text"].initial = common
        if posts:
            self.fields["language"].initial = posts[0].language
        for account in accounts:
            post = self.posts.get(account.pk)
            self.fields[f"to_{account.pk}"] = forms.BooleanField(
                label=str(account),
                required=False,
                initial=bool(post) if posts else True,
                disabled=bool(posts),
            )
            self.fields[f"own_{account.pk}"] = forms.CharField(
                label=_("Own text for %(account)s") % {"account": account},
                strip=False,
                required=False,
                initial=post.text if post and post.text != common else "",
                widget=forms.Textarea(
                    attrs={"class": "input", "rows": 4, "placeholder": _("Empty: the common text")}
                ),
            )
        self.media_given = list(posts[0].media) if posts else []
        for number in range(PICTURES):
            given = self.media_given[number] if number < len(self.media_given) else {}
            self.fields[f"file_{number}"] = forms.FileField(label=_("Picture"), required=False)
            self.fields[f"remove_{number}"] = forms.BooleanField(
                label=_("Remove the picture"), required=False
            )
            for name, label, help_text in (
                ("description", _("What is in the picture"), _("For those who do not see it.")),
                ("origin", _("Origin"), _("Who made it, where it was found.")),
                ("licence", _("Licence"), _("The right to use it; “own” for what you made yourselves.")),
                ("credit", _("Credit line"), _("Whom to name; not needed for your own.")),
            ):
                self.fields[f"{name}_{number}"] = forms.CharField(
                    label=label,
                    help_text=help_text,
                    required=False,
                    max_length=1000,
                    initial=given.get(name, ""),
                    widget=forms.TextInput(attrs=INPUT),
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.chosen():
            self.add_error(None, _("Choose at least one account for the post."))
        elif not any(text.strip() for text in self.texts().values()):
            self.add_error("text", _("Write the text first: there is nothing to send."))
        return cleaned

    def chosen(self) -> list[Account]:
        """The accounts ticked, or those the posts were made for."""
        if self.posts:
            return [account for account in self.accounts if account.pk in self.posts]
        return [account for account in self.accounts if self.cleaned_data.get(f"to_{account.pk}")]

    def texts(self) -> dict[Account, str]:
        """What each chosen account says."""
        return {account: self.text_for(account) for account in self.chosen()}

    def text_for(self, account: Account) -> str:
        """The own text, else the common one; line ends as networks want them."""
        own = self.cleaned_data.get(f"own_{account.pk}") or ""
        return (own if own.strip() else self.cleaned_data.get("text") or "").replace("\r\n", "\n")

    def credits(self, number: int) -> dict[str, str]:
        """What was written beside one picture."""
        return {name: (self.cleaned_data.get(f"{name}_{number}") or "").strip() for name in MEDIA_FIELDS}


def _most_common(texts: list[str]) -> str:
    return max(texts, key=texts.count) if texts else ""


KIND_WORDS = {
    StatementKind.FIRST: pgettext_lazy("statement", "First"),
    StatementKind.UPDATE: pgettext_lazy("statement", "Update"),
    StatementKind.DETAILED: pgettext_lazy("statement", "Detailed"),
    StatementKind.OFFICIAL: pgettext_lazy("statement", "Official"),
    StatementKind.CLOSING: pgettext_lazy("statement", "Closing"),
}


class StatementForm(WhenForm):
    """The texts of a statement and the time of the next word."""

    title = forms.CharField(label=_("Title"), max_length=150, widget=forms.TextInput(attrs=INPUT))
    text = forms.CharField(
        label=_("Text"), strip=False, widget=forms.Textarea(attrs={"class": "input", "rows": 14})
    )
    short_text = forms.CharField(
        label=_("Short version"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 5}),
        help_text=_("For networks with short posts. Empty: the text itself everywhere."),
    )

    field_order = ("title", "text", "short_text", "day", "time")


class FactForm(forms.Form):
    """One line of the fact ledger."""

    text = forms.CharField(label=_("Fact"), max_length=500, widget=forms.TextInput(attrs=INPUT))
    source = forms.CharField(
        label=_("Who or what shows it"), max_length=300, required=False, widget=forms.TextInput(attrs=INPUT)
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            (FactState.CONFIRMED.value, pgettext_lazy("fact", "confirmed")),
            (FactState.UNKNOWN.value, pgettext_lazy("fact", "not known yet")),
            (FactState.REFUTED.value, pgettext_lazy("fact", "refuted")),
        ],
        widget=forms.Select(attrs=INPUT),
    )
