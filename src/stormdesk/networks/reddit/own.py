"""What the account said, found again; and what stands around a post."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormdesk.networks import calls
from stormdesk.networks.base import Incoming, Outgoing, Permanent, Secret, Sent, Settings, gettext_noop
from stormdesk.networks.reddit import api, listings, words

CLOCKS = timedelta(minutes=2)
"""How far Reddit's clock may be from ours when a sent post is looked for."""
MORE = 5
"""How often comments Reddit left out are asked for, a hundred at a time (www.reddit.com/dev/api#GET_api_morechildren)."""


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The post, comment or message that `outgoing` became; None if Reddit has none like it."""
    direct = outgoing.visibility == "direct" or (outgoing.in_reply_to or "").startswith("t4")
    path = "/message/sent" if direct else f"/user/{await name(settings, secret)}/overview"
    after = (since - CLOCKS).timestamp()
    found, _ = await listings.pages(settings, secret, path, {} if direct else {"sort": "new"}, after)
    mine = sorted((t for t in found if words.is_it(outgoing, t)), key=lambda t: t.created_utc)
    return words.sent(mine[0]) if mine else None


async def posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """Posts and comments of the account since then, oldest first, whoever pressed the button."""
    path = f"/user/{await name(settings, secret)}/overview"
    found, _ = await listings.pages(settings, secret, path, {"sort": "new"}, since.timestamp())
    return [words.said(t) for t in sorted(found, key=lambda t: t.created_utc)]


async def name(settings: Settings, secret: Secret) -> str:
    """The account's name on Reddit."""
    if handle := str(settings.get("handle") or "").strip().removeprefix("u/"):
        return handle
    me = await api.ask(settings, secret, "/api/v1/me")
    found = me.get("name") if isinstance(me, dict) else None
    if not isinstance(found, str) or not found:
        raise calls.unreadable(api.SERVER)
    return found


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """The post and the comments below it, oldest first."""
    found = await below(settings, secret, native_id)
    return [words.said(t) for t in sorted(found, key=lambda t: t.created_utc)]


async def below(settings: Settings, secret: Secret, native_id: str) -> list[words.Thing]:
    """A post and all comments below it that Reddit gives; of a comment, those of its post."""
    kind, _, number = native_id.partition("_")
    if kind == "t1":
        listing = await api.ask(settings, secret, "/api/info", {"id": native_id})
        first = next((t for value in words.children(listing) or [] if (t := words.thing(value))), None)
        if first is None or not (first.link_id or "").startswith("t3_"):
            raise _nothing(native_id)
        native_id = first.link_id or ""
        kind, _, number = native_id.partition("_")
    if kind != "t3" or not number.isascii() or not number.isalnum():
        raise _nothing(native_id)
    both = await api.ask(settings, secret, f"/comments/{number}", {"limit": 500, "sort": "new", "depth": 50})
    halves = [words.children(half) for half in both] if isinstance(both, list) else []
    if len(halves) != 2 or halves[0] is None or halves[1] is None:
        raise calls.unreadable(api.SERVER)
    unread: list[str] = []
    found = [t for value in halves[0] if (t := words.thing(value, ("t3",)))]
    found += words.walk(halves[1], unread)
    for _ in range(MORE):
        if not unread:
            break
        part, unread = unread[:100], unread[100:]
        told = await api.ask(
            settings,
            secret,
            "/api/morechildren",
            {"api_type": "json", "link_id": native_id, "children": ",".join(part), "sort": "new"},
        )
        inner = told.get("json") if isinstance(told, dict) else None
        data = inner.get("data") if isinstance(inner, dict) else None
        things = data.get("things") if isinstance(data, dict) else None
        found += words.walk(things if isinstance(things, list) else [], unread)
    return list({t.name: t for t in found}.values())


def _nothing(native_id: str) -> Permanent:
    return Permanent(
        gettext_noop("Reddit has no post “%(id)s”; it may be deleted."), code="gone", id=native_id[:40]
    )
