"""Saying something, once, and changing or removing what was said. Reddit knows no key against repetition."""

from __future__ import annotations

from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls, exchange
from stormdesk.networks.base import (
    NetworkError,
    Outgoing,
    Permanent,
    Secret,
    Sent,
    Settings,
    gettext_noop,
)
from stormdesk.networks.reddit import api, listings, own, words

POST_LIMIT = 40_000
LIMIT = 10_000
"""Characters of a comment and of a message (www.reddit.com/dev/api#POST_api_comment)."""
SUBJECT_LIMIT = 100


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """A post, a comment or a private message. Raises as `Network.publish` does."""
    if not outgoing.text.strip():
        raise exchange.empty()
    if outgoing.in_reply_to:
        return await _comment(settings, secret, outgoing, outgoing.in_reply_to)
    if outgoing.visibility == "direct":
        return await _message(settings, secret, outgoing)
    return await _post(settings, secret, outgoing)


async def edit(settings: Settings, secret: Secret, native_id: str, text: str) -> None:
    """New words for an own comment or text post; a title stays as it is, and so does a link."""
    if native_id.startswith("t3"):
        listing = await api.ask(settings, secret, "/api/info", {"id": native_id})
        now = next((t for v in words.children(listing) or [] if (t := words.thing(v))), None)
        title, rest, link = words.divided(text)
        if now is None or now.is_self is False or link or " ".join((now.title or "").split()) != title:
            raise Permanent(
                gettext_noop(
                    "Reddit lets nobody change the title or the link of a post; only the text below can be changed."
                ),
                code="title",
            )
        text = rest
    _short(text, POST_LIMIT if native_id.startswith("t3") else LIMIT)
    form = {"api_type": "json", "thing_id": native_id, "text": text}
    await api.act(settings, secret, "/api/editusertext", form)


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove an own post or comment; Reddit is content if it is gone already."""
    if native_id.startswith("t4"):
        raise Permanent(
            gettext_noop("Reddit does not take back private messages; write another one."), code="not_offered"
        )
    await api.act(settings, secret, "/api/del", {"id": native_id})


async def hide(settings: Settings, secret: Secret, native_id: str, hidden: bool) -> None:
    """As a moderator: take a post or comment out of the community, or approve it again."""
    if hidden:
        await api.act(settings, secret, "/api/remove", {"id": native_id, "spam": "false"})
    else:
        await api.act(settings, secret, "/api/approve", {"id": native_id})


async def _post(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    title, text, link = words.divided(outgoing.text)
    if len(title) > words.TITLE_LIMIT:
        raise Permanent(
            gettext_noop(
                "The first line becomes the title and may have %(limit)s characters; it has %(length)s."
            ),
            code="too_long",
            limit=words.TITLE_LIMIT,
            length=len(title),
        )
    _short(text, POST_LIMIT)
    where = listings.community(settings, "subreddit", needed=False) or f"u_{await own.name(settings, secret)}"
    form: dict[str, Any] = {"api_type": "json", "sr": where, "title": title, "sendreplies": "true"}
    form |= {"kind": "link", "url": link, "resubmit": "true"} if link else {"kind": "self", "text": text}
    answer = await api.act(settings, secret, "/api/submit", form)
    data = _data(answer)
    name, url = data.get("name"), data.get("url")
    if not isinstance(name, str) or not name.startswith("t3_"):
        raise calls.unclear(api.SERVER)
    return Sent(name, url if isinstance(url, str) else "", utcnow())


async def _comment(settings: Settings, secret: Secret, outgoing: Outgoing, parent: str) -> Sent:
    _short(outgoing.text, LIMIT)
    form = {"api_type": "json", "thing_id": parent, "text": outgoing.text}
    things = _data(await api.act(settings, secret, "/api/comment", form)).get("things")
    found = next((t for v in (things if isinstance(things, list) else []) if (t := words.thing(v))), None)
    if found is None:
        raise calls.unclear(api.SERVER)
    return words.sent(found)


async def _message(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    _short(outgoing.text, LIMIT)
    to = (outgoing.to_handle or "").lstrip("@").removeprefix("u/").strip()
    if not to:
        raise exchange.nobody()
    subject = " ".join(outgoing.text.split())[:SUBJECT_LIMIT]
    form = {"api_type": "json", "to": to, "subject": subject, "text": outgoing.text}
    started = utcnow()
    await api.act(settings, secret, "/api/compose", form)
    # Reddit takes a message without telling its number; where it cannot be found, `reconcile` is asked again later.
    try:
        found = await own.find(settings, secret, outgoing, started)
    except NetworkError:
        found = None
    if found is None:
        raise calls.unclear(api.SERVER)
    return found


def _short(text: str, limit: int) -> None:
    if len(text) > limit:
        raise exchange.too_long("Reddit", len(text), limit)


def _data(answer: Any) -> dict[str, Any]:
    inner = answer.get("json") if isinstance(answer, dict) else None
    data = inner.get("data") if isinstance(inner, dict) else None
    return data if isinstance(data, dict) else {}
