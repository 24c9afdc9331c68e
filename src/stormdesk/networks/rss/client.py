"""Feeds: asked conditionally, read in a thread, remembered by a fingerprint of each entry."""

from __future__ import annotations

import asyncio
import calendar
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Author,
    Batch,
    Capability,
    Field,
    Health,
    Incoming,
    Network,
    NetworkError,
    Permanent,
    Secret,
    Settings,
    Source,
    gettext_noop,
)
from stormdesk.networks.plain import clean_line, from_html

MAX_BYTES = 4 * 2**20
MAX_ENTRIES = 1000
FUTURE = timedelta(minutes=10)
"""A feed that dates an entry later than this is lying; the entry counts as said now."""
# Entity declarations serve no feed and let a few bytes unfold into gigabytes or into a file of ours.
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


_HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rb"<(/?)([A-Za-z][\w:.-]{0,64})([^<>]*)>")
_VOID = frozenset({b"br", b"img", b"hr", b"p", b"li", b"input", b"link", b"meta"})
DEEPEST = 300
"""Open tags inside one another; real feeds have ten. The parser's time grows with size × depth."""


class Rss(Network):
    """`settings`: `url` of the feed. The cursor holds the validators of the last answer and what was in it."""

    name = "rss"
    title = "RSS / Atom"
    tested_against = "the feed of a snac2 2.75 server (real); a faulty contract server"
    capabilities = frozenset({Capability.TIMELINE})
    fields = ()
    sources = (
        Source(
            "feed",
            gettext_noop("News and posts"),
            (Field("url", gettext_noop("Address of the feed"), "url"),),
        ),
        Source(
            "comments",
            gettext_noop("Comments"),
            (Field("url", gettext_noop("Address of the comment feed"), "url"),),
        ),
    )

    async def hear(self, kind: str, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
        url = str(settings["url"])
        headers = {"accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"}
        if cursor.get("etag"):
            headers["if-none-match"] = str(cursor["etag"])
        if cursor.get("modified"):
            headers["if-modified-since"] = str(cursor["modified"])
        answer = await calls.read(url, headers=headers, max_bytes=MAX_BYTES)
        if answer.status == 304:
            return Batch([], dict(cursor))
        feed = await asyncio.to_thread(_parse, answer)
        seen: Mapping[str, str] = cursor.get("seen") or {}
        now = utcnow()
        items, marks = [], {}
        for entry in feed.entries[:MAX_ENTRIES]:
            native_id, item, mark = _entry(url, answer.url, feed, entry, kind, now)
            if native_id in marks:
                continue
            marks[native_id] = mark
            if seen.get(native_id) != mark:
                items.append(item if native_id not in seen else _changed(item, now))
        items.sort(key=lambda item: item.published_at)
        here = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
        # An entry that a feed drops and shows again later must not count as new: keep what there is room for.
        kept = dict(list((dict(seen) | marks).items())[-2 * MAX_ENTRIES :])
        return Batch(items, here | {"seen": kept})

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            await self.hear("feed", settings, secret, {})
        except NetworkError as error:
            return Health(False, sentence=error.message, facts=error.facts)
        return Health(True)


def _parse(answer: http.Answer) -> Any:
    # Without the zero bytes, a declaration written in UTF-16 or UTF-32 is found as well.
    plain = answer.body.replace(b"\0", b"")
    if _too_deep(plain):
        raise _no_feed(answer)
    if _ENTITY.search(plain):
        raise Permanent(
            gettext_noop(
                "The feed at “%(host)s” declares entities, which is unsafe to read; its owner must remove them."
            ),
            code="entities",
            host=http.host(answer.url),
        )
    headers = {"content-type": answer.headers.get("content-type", ""), "content-location": answer.url}
    try:
        feed = feedparser.parse(answer.body, response_headers=headers, sanitize_html=False)
    except Exception as error:  # the parser's own faults on hostile input are many and of every kind
        raise _no_feed(answer) from error
    if not feed.get("version") and not feed.entries:
        raise _no_feed(answer)
    return feed


def _too_deep(body: bytes) -> bool:
    depth = 0
    for closing, name, rest in _TAG.findall(_HIDDEN.sub(b"", body)):
        if closing:
            depth = max(0, depth - 1)
        elif not rest.endswith(b"/") and name.lower() not in _VOID:
            depth += 1
            if depth > DEEPEST:
                return True
    return False


def _no_feed(answer: http.Answer) -> Permanent:
    return Permanent(
        gettext_noop(
            "There is no feed at this address of “%(host)s”; look for a link named RSS or Atom on the site."
        ),
        code="no_feed",
        host=http.host(answer.url),
    )


def _entry(url: str, base: str, feed: Any, entry: Any, kind: str, now: datetime) -> tuple[str, Incoming, str]:
    title = from_html(_string(entry.get("title")), 1000)
    contents = [_string(c.get("value")) for c in entry.get("content") or [] if isinstance(c, dict)]
    body = max((from_html(c) for c in [*contents, _string(entry.get("summary"))]), key=len, default="")
    text = body if body.startswith(title) else f"{title}\n\n{body}".strip()
    link = urljoin(base, _string(entry.get("link"))) if entry.get("link") else ""
    own_id = _string(entry.get("id")) or link or text
    # Ids such as “1” are unique within one feed at best.
    native_id = hashlib.sha256(f"{url}\n{own_id}".encode("utf-8", "replace")).hexdigest()[:40]
    who = _string(entry.get("author")) or _string(feed.feed.get("title")) or http.host(url)
    item = Incoming(
        network="rss",
        native_id=native_id,
        text=text,
        published_at=_when(entry, now),
        author=Author(clean_line(f"{http.host(url)}/{who}"), who, who),
        url=link,
        language=_string(feed.feed.get("language")).split("-")[0].lower()[:3] or None,
        kind="comment" if kind == "comments" else "post",
    )
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return native_id, item, mark


def _changed(item: Incoming, now: datetime) -> Incoming:
    return replace(item, edited_at=now)


def _when(entry: Any, now: datetime) -> datetime:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        try:
            moment = datetime.fromtimestamp(calendar.timegm(entry[name]), UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            continue
        return moment if moment <= now + FUTURE else now
    return now


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
