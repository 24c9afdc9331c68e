"""Messages to a group of OK by its Bot API. Comments are left out: OK no longer documents how a group answers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import (
    Batch,
    Capability,
    Field,
    Health,
    Incoming,
    Network,
    NetworkError,
    Outgoing,
    Permanent,
    Secret,
    Sent,
    Settings,
    Source,
    WritesFirst,
    gettext_noop,
)
from stormdesk.networks.ok import api, words

AT_ONCE = 20
"""Conversations that are read in one go."""
CHATS, MESSAGES = 100, 50
"""The most OK gives at once (apiok.ru: graph.user.chats, graph.user.messages)."""
PAGES = 10
REMEMBERED = 1000
CLOCKS = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=1)


class Ok(Network):
    """`settings`: `handle`; `secret`: `access_token` of the group. A message's id is “chat:…/mid:…”.

    There is no key against repetition: after an unclear answer, `reconcile` reads the conversation.
    """

    name = "ok"
    title = "Odnoklassniki"
    writes_first = WritesFirst.WHO_WROTE
    tested_against = "an emulation of the Bot API for groups built from its documentation; a faulty server"
    capabilities = frozenset(
        {
            Capability.NOTIFICATIONS,
            Capability.PUBLISH,
            Capability.REPLY,
            Capability.DIRECT,
            Capability.RECONCILE,
            Capability.OWN_POSTS,
        }
    )
    fields = (
        Field(
            "access_token",
            gettext_noop("Group key"),
            "password",
            secret=True,
            help=gettext_noop("From the group's settings in OK, under Messages: generate an access key."),
        ),
    )
    sources = (Source("messages", gettext_noop("Messages to the group"), needs_account=True),)

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        if kind != "messages":
            raise ValueError(f"OK has no source called {kind!r}")
        since = int(cursor.get("since") or (utcnow() - FIRST_LOOK).timestamp() * 1000)
        heard = {str(k): int(v) for k, v in (cursor.get("chats") or {}).items()}
        changed = [
            c
            for c in await self._chats(settings, secret, since)
            if c.lastEventTime > heard.get(c.chat_id, since)
        ]
        items: list[Incoming] = []
        # The conversation that waited longest comes first.
        for chat in sorted(changed, key=lambda c: c.lastEventTime)[:AT_ONCE]:
            after = heard.get(chat.chat_id, since)
            found = await self._messages(settings, secret, chat.chat_id, after)
            items += [
                words.said(chat.chat_id, m) for m in found if m.timestamp > after and not words.is_own(m)
            ]
            heard[chat.chat_id] = max([chat.lastEventTime, *(m.timestamp for m in found)])
        items.sort(key=lambda item: item.published_at)
        kept = dict(sorted(heard.items(), key=lambda pair: pair[1])[-REMEMBERED:])
        # What fell out of the memory must not be heard again from the beginning.
        since = max(since, min(kept.values())) if len(heard) > REMEMBERED else since
        return Batch(items, {"since": since, "chats": kept}, more=len(changed) > AT_ONCE)

    async def publish(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
        """Answer in a conversation; OK has no other way in which a group may speak here."""
        chat_id = await self._place(settings, secret, outgoing)
        body = {"recipient": {"chat_id": chat_id}, "message": {"text": outgoing.text}}
        if outgoing.media:
            raise Permanent(
                gettext_noop("Messages in OK carry words only here; leave the picture out."), code="no_media"
            )
        began = utcnow()
        said = await api.tell(settings, secret, f"messages/{chat_id}", body)
        number = said.get("message_id")
        if isinstance(number, str) and number:
            return Sent(f"{chat_id}/{number[:150]}", "", utcnow())
        try:
            found = await self.reconcile(settings, secret, outgoing, began)
        except NetworkError:
            found = None
        return found or Sent(f"{chat_id}/{outgoing.key}", "", utcnow())

    async def reconcile(
        self, settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime
    ) -> Sent | None:
        chat_id = await self._place(settings, secret, outgoing)
        after = int((since - CLOCKS).timestamp() * 1000)
        own = [m for m in await self._messages(settings, secret, chat_id, after) if words.is_it(outgoing, m)]
        return words.sent(chat_id, own[0]) if own else None

    async def own_posts(self, settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
        after = int(since.timestamp() * 1000)
        found: list[Incoming] = []
        for chat in [c for c in await self._chats(settings, secret, after) if c.lastEventTime >= after]:
            messages = await self._messages(settings, secret, chat.chat_id, after)
            found += [words.said(chat.chat_id, m) for m in messages if words.is_own(m)]
        return sorted(found, key=lambda item: item.published_at)

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            group = await api.ask(settings, secret, "info")
        except NetworkError as error:
            return Health(False, str(settings.get("handle") or ""), sentence=error.message, facts=error.facts)
        name = group.get("name")
        return Health(True, name if isinstance(name, str) else "")

    async def _place(self, settings: Settings, secret: Secret, outgoing: Outgoing) -> str:
        """The conversation a message goes into: where it answers, else the one with its addressee."""
        if outgoing.in_reply_to:
            return words.place(outgoing.in_reply_to)
        who = f"user:{(outgoing.to_handle or '').lstrip('@')}"
        for chat in await self._chats(settings, secret, 0):
            if who in chat.participants:
                return chat.chat_id
        raise Permanent(
            gettext_noop("In OK a group writes only to people who wrote to it; this person has not."),
            code="not_first",
        )

    async def _chats(self, settings: Settings, secret: Secret, since: int) -> list[words.Chat]:
        """Conversations with something newer than `since` (milliseconds), the latest first."""
        found: dict[str, words.Chat] = {}
        marker: str | None = None
        for _ in range(PAGES):
            page = await api.ask(settings, secret, "chats", count=CHATS, marker=marker)
            listed = page.get("chats")
            fresh = [c for v in (listed if isinstance(listed, list) else []) if (c := words.chat(v))]
            new = {c.chat_id: c for c in fresh if c.chat_id not in found}
            found |= new
            marker = page.get("marker") if isinstance(page.get("marker"), str) else None
            if not marker or not new or min(c.lastEventTime for c in new.values()) <= since:
                break
        return list(found.values())

    async def _messages(
        self, settings: Settings, secret: Secret, chat_id: str, after: int
    ) -> list[words.Message]:
        """Messages of a conversation from `after` (milliseconds) on, oldest first."""
        found: dict[str, words.Message] = {}
        latest: int | None = None
        for _ in range(PAGES):
            page = await api.ask(
                settings, secret, "messages", chat_id=chat_id, to=after, count=MESSAGES, **{"from": latest}
            )
            listed = page.get("messages")
            if not isinstance(listed, list):
                break
            fresh = [m for v in listed if (m := words.message(v)) and m.message.mid not in found]
            found |= {m.message.mid: m for m in fresh}
            # Newest first, and several may share one millisecond: go on from the oldest one again.
            if len(listed) < MESSAGES or not fresh:
                break
            latest = min(m.timestamp for m in fresh)
        return sorted(found.values(), key=lambda m: m.timestamp)
