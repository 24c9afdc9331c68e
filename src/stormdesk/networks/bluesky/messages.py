"""Private messages: a service of Bluesky's own, which the account's server asks for us (lexicons chat.bsky.convo.*).

An app password may use it only if it was made with access to private messages. Conversations and messages are numbered
in the order of what happened (`rev`), so that the last number seen is where the next reading ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls, exchange
from stormdesk.networks.base import (
    Author,
    Batch,
    Incoming,
    Outgoing,
    Permanent,
    Secret,
    Sent,
    Settings,
    Unauthorised,
    gettext_noop,
)
from stormdesk.networks.bluesky import facets, words, xrpc
from stormdesk.networks.bluesky import session as sessions

SERVICE = "did:web:api.bsky.chat#bsky_chat"
LIMIT, BYTES = 1000, 10_000
"""Graphemes and bytes of one message (lexicon chat.bsky.convo.defs#messageInput)."""
PAGE = 100
PAGES = 10
FIRST = 20
"""Conversations with something unread that are opened when messages are heard for the first time."""
CLOCKS = timedelta(minutes=2)
_ID = re.compile(r"dm/([\w.:-]{1,100})/([\w.:-]{1,100})")
_REFUSALS = {"MessagesDisabled", "NotFollowedBySender", "BlockedActor", "BlockedSubject", "RecipientNotFound"}


class Sender(msgspec.Struct):
    did: str


class Message(msgspec.Struct):
    """chat.bsky.convo.defs#messageView; deleted and system messages have no text and are none."""

    id: str
    rev: str
    text: str
    sender: Sender
    sentAt: str


class Convo(msgspec.Struct):
    """chat.bsky.convo.defs#convoView."""

    id: str
    rev: str
    members: list[words.Profile] = []
    unreadCount: int = 0
    status: str = ""


async def hear(settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What others wrote since the cursor; the first time, what nobody has read yet."""
    since = str(cursor.get("since") or "")
    convos, lost = await _changed(settings, secret, since)
    opened = convos if since else [convo for convo in convos if convo.unreadCount][:FIRST]
    items: list[Incoming] = []
    own = (await sessions.session(settings, secret)).did
    for convo in opened:
        found, whole = await _messages(settings, secret, convo.id, since)
        lost |= bool(since) and not whole
        items += [item for one in found if one.sender.did != own and (item := _written(one, convo))]
    items.sort(key=lambda item: item.published_at)
    newest = max([since, *(convo.rev for convo in convos)])
    return Batch(items, {"since": newest} if newest else {}, lost=lost)


async def send(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """Write to one person, once. Raises as `Network.publish` does."""
    text = outgoing.text
    if not text.strip():
        raise exchange.empty()
    if facets.graphemes(text) > LIMIT or len(text.encode()) > BYTES:
        raise exchange.too_long("Bluesky", facets.graphemes(text), LIMIT)
    if outgoing.media:
        raise Permanent(
            gettext_noop("Bluesky takes no pictures in private messages; send the words alone, or a link."),
            code="no_media",
        )
    convo = await _convo(settings, secret, outgoing)
    message: dict[str, Any] = {"text": text}
    links = [facets.facet(text, piece) for piece in facets.find(text) if piece.kind != "mention"]
    if links:
        message["facets"] = links
    body = {"convoId": convo, "message": message}
    try:
        answer = await xrpc.change(
            settings, secret, "chat.bsky.convo.sendMessage", through=_service(settings), json=body
        )
    except Permanent as error:
        raise _refused(error) from error
    made = exchange.shaped(answer, Message)
    if made is None:
        raise calls.unclear(sessions.server(settings))
    return _sent(convo, made)


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The message that `outgoing` became: the account's own words since then, in that conversation."""
    own = (await sessions.session(settings, secret)).did
    convo = await _convo(settings, secret, outgoing)
    found, _whole = await _messages(settings, secret, convo, "")
    for message in sorted(found, key=lambda message: message.rev):
        at = words.moment(message.sentAt)
        if (
            message.sender.did == own
            and message.text == outgoing.text
            and at is not None
            and at >= since - CLOCKS
        ):
            return _sent(convo, message)
    return None


async def take_back(settings: Settings, secret: Secret, native_id: str) -> None:
    """Delete an own message from the account's own view; the other side keeps it."""
    convo, message = place(native_id)
    body = {"convoId": convo, "messageId": message}
    await xrpc.change(
        settings, secret, "chat.bsky.convo.deleteMessageForSelf", through=_service(settings), json=body
    )


def place(native_id: str) -> tuple[str, str]:
    """Conversation and number of a message. Raises Permanent for anything else."""
    found = _ID.fullmatch(native_id)
    if found is None:
        raise Permanent(
            gettext_noop("This is no private message on Bluesky; choose the message again."), code="bad_id"
        )
    return found[1], found[2]


def is_message(native_id: str | None) -> bool:
    """Does this number name a private message?"""
    return bool(native_id and _ID.fullmatch(native_id))


async def _convo(settings: Settings, secret: Secret, outgoing: Outgoing) -> str:
    if outgoing.in_reply_to and is_message(outgoing.in_reply_to):
        return place(outgoing.in_reply_to)[0]
    if not outgoing.to_handle:
        raise exchange.nobody()
    did = outgoing.to_handle
    if not did.startswith("did:"):
        params = {"handle": outgoing.to_handle}
        answer = await xrpc.query(settings, secret, "com.atproto.identity.resolveHandle", params)
        did = str(answer.get("did") or "")
    try:
        answer = await _ask(settings, secret, "getConvoForMembers", {"members": [did]})
    except Permanent as error:
        raise _refused(error) from error
    convo = exchange.shaped(answer.get("convo"), Convo)
    if convo is None:
        raise calls.unreadable(sessions.server(settings))
    return convo.id


async def _changed(settings: Settings, secret: Secret, since: str) -> tuple[list[Convo], bool]:
    """Conversations in which something happened after `since`, and whether some of them were out of reach."""
    found: list[Convo] = []
    params: dict[str, Any] = {"limit": PAGE}
    for _ in range(PAGES):
        answer = await _ask(settings, secret, "listConvos", params)
        listed = answer.get("convos")
        if not isinstance(listed, list):
            raise calls.unreadable(sessions.server(settings))
        convos = [convo for value in listed if (convo := exchange.shaped(value, Convo))]
        found += [convo for convo in convos if convo.rev > since]
        following = answer.get("cursor")
        if not isinstance(following, str) or not since or not any(convo.rev > since for convo in convos):
            return found, False
        params["cursor"] = following
    return found, True


async def _messages(settings: Settings, secret: Secret, convo: str, since: str) -> tuple[list[Message], bool]:
    """Messages of a conversation after `since`, newest first, and whether these are all; without it, one page."""
    found: list[Message] = []
    params: dict[str, Any] = {"convoId": convo, "limit": PAGE}
    for _ in range(PAGES):
        answer = await _ask(settings, secret, "getMessages", params)
        listed = answer.get("messages")
        if not isinstance(listed, list):
            raise calls.unreadable(sessions.server(settings))
        # What is deleted or said by the service itself has a number too, and no words.
        revs = [str(value.get("rev") or "") for value in listed if isinstance(value, dict)]
        found += [
            one
            for value in listed
            if (one := exchange.shaped(value, Message)) is not None and one.rev > since
        ]
        following = answer.get("cursor")
        if not isinstance(following, str) or not since or not revs or min(revs) <= since:
            return found, True
        params["cursor"] = following
    return found, False


async def _ask(settings: Settings, secret: Secret, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    if (await sessions.session(settings, secret)).scope == sessions.WITHOUT_MESSAGES:
        raise Unauthorised(
            gettext_noop(
                "This app password has no access to private messages; make one with it in Settings → Privacy and "
                "security → App passwords, and connect the account again."
            ),
            code="scope",
        )
    return await xrpc.query(settings, secret, f"chat.bsky.convo.{name}", params, through=_service(settings))


def _service(settings: Settings) -> str:
    return str(settings.get("chat") or SERVICE)


def _written(found: Message, convo: Convo) -> Incoming | None:
    at = words.moment(found.sentAt)
    who = next((person for person in convo.members if person.did == found.sender.did), None)
    if at is None or not _ID.fullmatch(f"dm/{convo.id}/{found.id}"):
        return None
    return Incoming(
        network="bluesky",
        native_id=f"dm/{convo.id}/{found.id}",
        text=found.text,
        published_at=at,
        author=words.author(who) if who else Author(found.sender.did, found.sender.did),
        thread=f"dm/{convo.id}",
        kind="direct",
        visibility="direct",
        addressed=True,
    )


def _sent(convo: str, made: Message) -> Sent:
    return Sent(f"dm/{convo}/{made.id}", "", words.moment(made.sentAt) or utcnow())


def _refused(error: Permanent) -> Permanent:
    if error.facts.get("named") not in _REFUSALS:
        return error
    return Permanent(
        gettext_noop(
            "This person takes no private messages from the account (%(said)s); ask them in public to write first."
        ),
        code="writes_first",
        **error.facts,
    )
