"""Private messages of a page or an Instagram account (developers.facebook.com/docs/messenger-platform/conversations).

Native ids: `m/<person>/<message>`. People may be written to for 24 hours after they wrote; the author of a comment once,
within seven days (…/messenger-platform/discovery/private-replies).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from stormdesk.core.clock import utcnow
from stormdesk.networks import exchange, newest
from stormdesk.networks.base import (
    Author,
    Batch,
    Incoming,
    Outgoing,
    Permanent,
    Secret,
    Sent,
    Settings,
    gettext_noop,
)
from stormdesk.networks.facebook import graph

LIMITS = {"messenger": 2000, "instagram": 1000}
PAGE, DEEP = 25, 25
OVERLAP = 600.0
_FIELDS = "id,participants,updated_time,messages.limit(25){id,message,from,to,created_time}"


class Person(msgspec.Struct):
    id: str
    name: str | None = ""
    username: str | None = ""


class Message(msgspec.Struct):
    id: str
    created_time: str
    message: str | None = ""
    from_: Person | None = msgspec.field(default=None, name="from")


async def hear(
    settings: Settings, secret: Secret, cursor: Mapping[str, Any], network: str, platform: str, own: set[str]
) -> Batch:
    """What people wrote to the account, oldest first. `own`: the account's numbers."""
    since = newest.start(cursor, OVERLAP) or 0.0
    told: dict[str, newest.Told] = {}
    turn: dict[str, str] = {}
    whole = False
    for _ in range(5):
        query = {"platform": platform, "fields": _FIELDS, "limit": PAGE, **turn}
        page = await graph.ask(settings, secret, f"{settings.get('page_id')}/conversations", query)
        talks = [one for one in graph.entries(settings, page) if isinstance(one, dict)]
        for talk in talks:
            told |= {t.name: t for t in _told(talk, network, own) if t.at >= since}
        after = graph.following(page)
        past = all(
            (m := graph.moment(t.get("updated_time"))) is not None and m.timestamp() < since for t in talks
        )
        if not after or past or "at" not in cursor:
            whole = True
            break
        turn = {"after": after}
    return newest.batch(told.values(), cursor, OVERLAP, whole=whole)


async def send(settings: Settings, secret: Secret, outgoing: Outgoing, platform: str) -> Sent:
    """One private message. Raises as `Network.publish` does."""
    if not outgoing.text.strip():
        raise exchange.empty()
    if len(outgoing.text) > LIMITS[platform]:
        raise exchange.too_long("Meta", len(outgoing.text), LIMITS[platform])
    if outgoing.media:
        raise Permanent(
            gettext_noop("Private messages with a picture cannot be sent from here; leave it out."),
            code="too_many",
        )
    person, comment = addressee(outgoing)
    form = {
        "recipient": {"comment_id": comment} if comment else {"id": person},
        "message": {"text": outgoing.text},
        "messaging_type": "RESPONSE",
    }
    made = await graph.act(settings, secret, "POST", f"{settings.get('page_id')}/messages", form)
    number = graph.identified(settings, made, "message_id")
    who = made.get("recipient_id")
    return Sent(f"m/{who if isinstance(who, str) else person}/{number}", "", utcnow())


async def find(
    settings: Settings, secret: Secret, outgoing: Outgoing, after: datetime, platform: str, own: set[str]
) -> Sent | None:
    """The message `outgoing` became; None if there is none like it."""
    person, comment = addressee(outgoing)
    query = {"platform": platform, "fields": _FIELDS, "limit": PAGE} | (
        {} if comment else {"user_id": person}
    )
    page = await graph.ask(settings, secret, f"{settings.get('page_id')}/conversations", query)
    wanted = " ".join(outgoing.text.split())
    found: list[Sent] = []
    for talk in graph.entries(settings, page):
        if not isinstance(talk, dict):
            continue
        other = next((p.id for p in _people(talk) if p.id not in own), person)
        for one in _messages(talk):
            at = graph.moment(one.created_time)
            mine = one.from_ is not None and one.from_.id in own
            if mine and at and at >= after and " ".join((one.message or "").split()) == wanted:
                found.append(Sent(f"m/{other}/{one.id}", "", at))
    return min(found, key=lambda one: one.at, default=None)


def addressee(outgoing: Outgoing) -> tuple[str, str]:
    """The person a message goes to, or the comment whose author it goes to. Raises Permanent."""
    above = outgoing.in_reply_to or ""
    if above.startswith("m/"):
        return graph.node(above.split("/")[1]), ""
    if above:
        return "", graph.node(above.rpartition("/")[2])
    handle = (outgoing.to_handle or "").lstrip("@").strip()
    if not handle.isascii() or not handle.isdigit():
        raise Permanent(
            gettext_noop(
                "Meta knows people by number only, and tells it when they write; answer a message or a comment of theirs."
            ),
            code="nobody",
        )
    return handle, ""


def _told(talk: Mapping[str, Any], network: str, own: set[str]) -> list[newest.Told]:
    other = next((p for p in _people(talk) if p.id not in own), None)
    found = []
    for one in _messages(talk):
        at = graph.moment(one.created_time)
        if at is None or one.from_ is None:
            continue
        item = None
        if one.from_.id not in own:
            who = one.from_
            item = Incoming(
                network=network,
                native_id=f"m/{who.id}/{one.id}",
                text=one.message or "",
                published_at=at,
                author=Author(
                    who.id, who.username or who.id, who.name or (other.name if other else "") or ""
                ),
                thread=f"m/{who.id}",
                kind="direct",
                visibility="direct",
                addressed=True,
            )
        found.append(newest.Told(one.id, at.timestamp(), item))
    return found


def _messages(talk: Mapping[str, Any]) -> list[Message]:
    inner = talk.get("messages")
    values = inner.get("data") if isinstance(inner, dict) else None
    return [
        m for v in (values if isinstance(values, list) else []) if (m := exchange.shaped(v, Message)) and m.id
    ]


def _people(talk: Mapping[str, Any]) -> list[Person]:
    inner = talk.get("participants")
    values = inner.get("data") if isinstance(inner, dict) else None
    return [p for v in (values if isinstance(values, list) else []) if (p := exchange.shaped(v, Person))]
