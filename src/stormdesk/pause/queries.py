"""Is publishing paused, for what, by whom; and, from `gate`, what a claim needs inside its transaction (G1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.accounts.models import Account
from stormdesk.pause import rules
from stormdesk.pause.gate import hold_gate, urgent
from stormdesk.pause.models import Pause
from stormdesk.pause.rules import Scope
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

__all__ = [
    "Strip",
    "covering",
    "due_reminders",
    "get_pause",
    "hold_gate",
    "network_title",
    "networks_of",
    "open_pauses",
    "pausable_brands",
    "pauses_between",
    "recorded_scope",
    "scope_words",
    "strip",
    "unconfirmed",
    "urgent",
]


def open_pauses(brand: Brand) -> list[Pause]:
    """The pauses that have not been ended, newest first."""
    return list(
        Pause.objects.filter(brand=brand, ended_at__isnull=True).select_related("started_by", "account")
    )


def unconfirmed() -> list[Pause]:
    """Open pauses of all brands that are not in force yet."""
    return list(
        Pause.objects.filter(ended_at__isnull=True, in_force_at__isnull=True).select_related(
            "brand", "account"
        )
    )


def due_reminders(now: datetime) -> list[Pause]:
    """Open pauses of all brands about which people are to be asked now."""
    rows = Pause.objects.filter(ended_at__isnull=True, review_at__lte=now).select_related(
        "brand", "started_by", "account"
    )
    return [pause for pause in rows if rules.reminder_due(pause.review_at, pause.reminded_at, now)]


def pauses_between(brand: Brand, start: datetime, end: datetime) -> list[Pause]:
    """Pauses that overlap a stretch of time, oldest first, for the calendar."""
    rows = Pause.objects.filter(brand=brand, started_at__lt=end).exclude(ended_at__lte=start)
    return list(rows.select_related("started_by", "account").order_by("started_at"))


def get_pause(brand: Brand, pk: int) -> Pause:
    """Raises Http404 for another brand's pause."""
    found = Pause.objects.filter(brand=brand, pk=pk).select_related("brand", "account", "started_by").first()
    if found is None:
        raise Http404
    return found


def covering(brand_id: int, network: str, account_id: int) -> Pause | None:
    """The open pause that covers a post to this account, if any; ask under `hold_gate` before sending."""
    for pause in Pause.objects.filter(brand_id=brand_id, ended_at__isnull=True).order_by("started_at"):
        if rules.covers(
            pause.scope,
            network=network,
            account=account_id,
            paused_network=pause.network,
            paused_account=pause.account_id,
        ):
            return pause
    return None


def recorded_scope(pause: Pause) -> str:
    """`scope_words` in the brand's language, in which the record keeps its words."""
    with translation.override(pause.brand.language):
        return scope_words(pause)


def scope_words(pause: Pause) -> str:
    """What the pause covers, in words: “everything”, “Meadow”, “mastodon”, “mastodon: meadow”."""
    if pause.scope == Scope.EVERYTHING:
        return _("everything, all brands")
    if pause.scope == Scope.NETWORK:
        return _("network %(network)s") % {"network": network_title(pause.network)}
    if pause.scope == Scope.ACCOUNT:
        return _("account %(account)s") % {"account": pause.account}
    return _("all accounts of %(brand)s") % {"brand": pause.brand}


def network_title(network: str) -> str:
    """The network's own name, or the stored word for one that is no longer installed."""
    from stormdesk import networks

    return _(networks.ALL[network].title) if network in networks.ALL else network


def networks_of(brand: Brand) -> list[tuple[str, str]]:
    """(name, title) of each network on which the brand has an account."""
    names = (
        Account.objects.filter(brand=brand).order_by("network").values_list("network", flat=True).distinct()
    )
    return [(name, network_title(name)) for name in names]


def pausable_brands(user: User) -> list[Brand]:
    """Every brand that `user` may pause."""
    brands = Brand.objects.filter(memberships__user=user).distinct()
    return [brand for brand in brands if may(user, Right.PAUSE, brand)]


@dataclass(frozen=True)
class Strip:
    """What the strip of every page says about publishing; `pause` None means that it is on."""

    pause: Pause | None
    scope: str
    in_force: bool
    others: int

    @property
    def whole(self) -> bool:
        """Whether nothing at all is published by itself."""
        return self.pause is not None and self.pause.scope in (Scope.EVERYTHING, Scope.BRAND)


def strip(brand: Brand, now: datetime) -> Strip:
    """The widest open pause of the brand, and how many others there are beside it."""
    pauses = sorted(open_pauses(brand), key=lambda pause: list(Scope).index(Scope(pause.scope)))
    if not pauses:
        return Strip(None, "", False, 0)
    first = pauses[0]
    return Strip(first, scope_words(first), all(pause.in_force_at for pause in pauses), len(pauses) - 1)
