"""Saying something, once; finding it again; removing and hiding. X knows no key, but refuses the same words again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls, exchange
from stormdesk.networks.base import Incoming, Outgoing, Permanent, Secret, Sent, Settings, gettext_noop
from stormdesk.networks.x import api, listening, pictures, words
from stormdesk.networks.x.length import LIMIT, counted

MESSAGE_LIMIT = 10_000
CLOCKS = timedelta(minutes=2)
OWN_PAGES = 10
_HANDLE = re.compile(r"\w{1,15}", re.ASCII)


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """A post, an answer or a private message. Raises as `Network.publish` does."""
    if not outgoing.text.strip() and not outgoing.media:
        raise exchange.empty()
    pictures.check(outgoing.media)
    if outgoing.visibility == "direct":
        return await _message(settings, secret, outgoing)
    if counted(outgoing.text) > LIMIT:
        raise exchange.too_long("X", counted(outgoing.text), LIMIT)
    body: dict[str, Any] = {"text": outgoing.text} if outgoing.text else {}
    if outgoing.in_reply_to:
        body["reply"] = {"in_reply_to_tweet_id": listening.number(outgoing.in_reply_to)}
    if outgoing.media:
        body["media"] = {
            "media_ids": [await pictures.hand_over(settings, secret, one) for one in outgoing.media]
        }
    said = await api.act(settings, secret, "POST", "/tweets", json=body)
    data = said.get("data") if isinstance(said, dict) else None
    number = data.get("id") if isinstance(data, dict) else None
    if not isinstance(number, str) or not number.isascii() or not number.isdigit():
        raise calls.unclear(api.SERVER)
    return Sent(number, f"{words.SITE}/{settings.get('handle') or 'i'}/status/{number}", utcnow())


async def find(settings: Settings, secret: Secret, outgoing: Outgoing, since: datetime) -> Sent | None:
    """The post or message `outgoing` became; None if X has none like it."""
    after = since - CLOCKS
    if outgoing.visibility == "direct":
        return await _find_message(settings, secret, outgoing, after)
    wanted = words.comparable(outgoing.text)
    place = listening.number(outgoing.in_reply_to) if outgoing.in_reply_to else None
    found = [
        one
        for one, _ in await own(settings, secret, after)
        if words.comparable(words.plain(one)) == wanted and _above(one) == place
    ]
    handle = str(settings.get("handle") or "")
    return min((words.sent(one, handle) for one in found), key=lambda one: one.at, default=None)


async def own(settings: Settings, secret: Secret, since: datetime) -> list[tuple[words.Post, words.Beside]]:
    """The account's posts and answers since then, reposts left out."""
    params: dict[str, Any] = {
        **words.FIELDS, "max_results": 100, "exclude": "retweets", "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    found: dict[str, tuple[words.Post, words.Beside]] = {}
    for _ in range(OWN_PAGES):
        page = await api.ask(settings, secret, f"/users/{listening.account(settings)}/tweets", params)
        beside = words.Beside(page)
        found |= {one.id: (one, beside) for one in listening.posts(page)}
        token = listening.following(page)
        if not token:
            break
        params["pagination_token"] = token
    return list(found.values())


async def own_posts(settings: Settings, secret: Secret, since: datetime) -> list[Incoming]:
    """The same as things said, oldest first."""
    found = [words.said(one, beside) for one, beside in await own(settings, secret, since)]
    return sorted((i for i in found if i.published_at >= since), key=lambda i: i.published_at)


async def thread(settings: Settings, secret: Secret, native_id: str) -> list[Incoming]:
    """The post a conversation began with and what X still finds of it, oldest first."""
    page = await api.ask(settings, secret, "/tweets", {**words.FIELDS, "ids": listening.number(native_id)})
    first = listening.posts({"data": [], "meta": {}, **page})
    if not first:
        raise Permanent(
            gettext_noop("X does not show this post; it may be deleted or protected."), code="gone"
        )
    found = [(first[0], words.Beside(page))]
    root = first[0].conversation_id or first[0].id
    if root != first[0].id and root.isdigit():
        page = await api.ask(settings, secret, "/tweets", {**words.FIELDS, "ids": root})
        found += [(one, words.Beside(page)) for one in listening.posts({"data": [], "meta": {}, **page})]
    query = {**words.FIELDS, "query": f"conversation_id:{root}", "max_results": 100, "sort_order": "recency"}
    page = await api.ask(settings, secret, "/tweets/search/recent", query)
    found += [(one, words.Beside(page)) for one in listening.posts(page)]
    own_number = str(settings.get("account_id") or "")
    items = {one.id: words.said(one, beside, own_number) for one, beside in found}
    return sorted(items.values(), key=lambda item: item.published_at)


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove an own post, or an own message from one's own view; content if it is gone."""
    path = (
        f"/dm_events/{_event(native_id)}"
        if native_id.startswith("dm/")
        else f"/tweets/{listening.number(native_id)}"
    )
    try:
        await api.act(settings, secret, "DELETE", path)
    except Permanent as error:
        if error.code != "gone":
            raise


async def hide(settings: Settings, secret: Secret, native_id: str, hidden: bool) -> None:
    """Hide an answer in a conversation the account began, or show it again."""
    path = f"/tweets/{listening.number(native_id)}/hidden"
    await api.act(settings, secret, "PUT", path, json={"hidden": hidden})


async def _message(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    if len(outgoing.text) > MESSAGE_LIMIT:
        raise exchange.too_long("X", len(outgoing.text), MESSAGE_LIMIT)
    if len(outgoing.media) > 1:
        raise Permanent(
            gettext_noop("X takes one picture in a private message; choose one."), code="too_many"
        )
    path = await _conversation(settings, secret, outgoing, asked=True)
    body: dict[str, Any] = {"text": outgoing.text} if outgoing.text else {}
    if outgoing.media:
        body["attachments"] = [
            {"media_id": await pictures.hand_over(settings, secret, outgoing.media[0], "dm")}
        ]
    said = await api.act(settings, secret, "POST", f"{path}/messages", json=body)
    data = said.get("data") if isinstance(said, dict) else None
    data = data if isinstance(data, dict) else {}
    event, conversation = data.get("dm_event_id"), data.get("dm_conversation_id")
    if not isinstance(event, str) or not event.isdigit() or not isinstance(conversation, str):
        raise calls.unclear(api.SERVER)
    return Sent(f"dm/{conversation}/{event}", "", utcnow())


async def _find_message(
    settings: Settings, secret: Secret, outgoing: Outgoing, after: datetime
) -> Sent | None:
    path = await _conversation(settings, secret, outgoing, asked=False)
    query = {
        "max_results": 100,
        "event_types": "MessageCreate",
        "dm_event.fields": "id,text,event_type,created_at,sender_id,dm_conversation_id",
    }
    page = await api.ask(settings, secret, f"{path}/dm_events", query)
    values = page.get("data", [])
    own_number, wanted = listening.account(settings), " ".join(outgoing.text.split())
    found = [
        words.written(one, words.Beside({}))
        for value in (values if isinstance(values, list) else [])
        if (one := words.message(value)) and one.sender_id == own_number
    ]
    mine = [i for i in found if " ".join(i.text.split()) == wanted and i.published_at >= after]
    first = min(mine, key=lambda i: i.published_at, default=None)
    return Sent(first.native_id, "", first.published_at) if first else None


async def _conversation(settings: Settings, secret: Secret, outgoing: Outgoing, *, asked: bool) -> str:
    """The way of a conversation: the one that is answered, else with the named person. `asked`: may they be written to?"""
    if (above := outgoing.in_reply_to or "").startswith("dm/"):
        _event(above)
        return f"/dm_conversations/{above.split('/')[1]}"
    handle = (outgoing.to_handle or "").lstrip("@").strip()
    if not _HANDLE.fullmatch(handle):
        raise exchange.nobody()
    page = await api.ask(
        settings, secret, f"/users/by/username/{handle}", {"user.fields": "receives_your_dm"}
    )
    data = page.get("data")
    number = data.get("id") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(number, str) or not number.isdigit():
        raise Permanent(
            gettext_noop("X knows nobody called “%(who)s”; check the name."), code="nobody", who=handle
        )
    if asked and data.get("receives_your_dm") is False:
        raise Permanent(
            gettext_noop("“%(who)s” takes no private messages from this account on X; answer in public."),
            code="writes_first",
            who=handle,
        )
    return f"/dm_conversations/with/{number}"


def _event(native_id: str) -> str:
    parts = native_id.split("/")
    if len(parts) != 3 or not parts[2].isdigit() or not re.fullmatch(r"[0-9A-Za-z-]{1,60}", parts[1]):
        raise Permanent(gettext_noop("This is no private message on X."), code="no_post")
    return parts[2]


def _above(found: words.Post) -> str | None:
    return next((r.id for r in found.referenced_tweets or [] if r.type == "replied_to"), None)
