"""Feeds: asked conditionally, read in a thread, remembered by a fingerprint of each entry."""

from __future__ import annotations

import asyncio
import calendar
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
from charset_normalizer import from_bytes

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
CLOCK_STEP = timedelta(seconds=2)
FIRST_FEEDS = datetime(1995, 1, 1, tzinfo=UTC)
"""Nothing in a feed is older than feeds are; such a date stands for none."""
MARK = 16
"""Characters that change when an entry's words do; behind them, as many that tell it from others without its id."""
# Entity declarations serve no feed and let a few bytes unfold into gigabytes or into a file of ours.
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}encoding", re.IGNORECASE)
_HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rb"<(/?)([A-Za-z][\w:.-]{0,64})([^<>]*)>")
_VOID = frozenset({b"br", b"img", b"hr", b"p", b"li", b"input", b"link", b"meta"})
DEEPEST = 300
"""Open tags inside one another; real feeds have ten. The parser's time grows with size × depth."""


class Rss(Network):
    """`settings`: `url` of the feed. The cursor holds the validators of the last answer and what was in it."""

    name = "rss"
    title = "RSS / Atom"
    tested_against = "the feeds of WordPress 6.1, MediaWiki 1.39, Isso 0.14 and snac2 2.75 (real); a faulty contract server"
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
        entries = feed.entries[:MAX_ENTRIES]
        shared = _shared_ids(entries)
        twins = {mark[MARK:] for mark in seen.values()} - {""}
        items, marks = [], {}
        for entry in entries:
            native_id, item, mark = _entry(url, answer.url, feed, entry, kind, now, shared)
            if native_id in marks:
                continue
            marks[native_id] = mark
            known = seen.get(native_id)
            # Some feeds give every entry a new id at every visit: the same words at the same address are no news.
            if known is None and mark[MARK:] not in twins:
                items.append(item)
            elif known is not None and known[:MARK] != mark[:MARK]:
                items.append(_changed(item, now))
        items.sort(key=lambda item: item.published_at)
        here = _validators(answer, now)
        # An entry that a feed drops and shows again later must not count as new: keep what there is room for.
        kept = dict(list((dict(seen) | marks).items())[-2 * MAX_ENTRIES :])
        return Batch(items, here | {"seen": kept})

    async def health(self, settings: Settings, secret: Secret) -> Health:
        try:
            await self.hear("feed", settings, secret, {})
        except NetworkError as error:
            return Health(False, sentence=error.message, facts=error.facts)
        return Health(True)


def _validators(answer: http.Answer, now: datetime) -> dict[str, str]:
    """What to ask with next time. Nothing while the feed is younger than the clock of its validators can tell.

    A second entry of the same second would change neither date nor tag on many sites (RFC 9110 8.8.2.2).
    """
    etag, modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    changed, sent = _http_date(modified), _http_date(answer.headers.get("date", "")) or now
    if changed and sent - changed < CLOCK_STEP:
        return {"etag": "", "modified": ""}
    return {"etag": etag, "modified": modified}


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
    headers = {"content-type": _content_type(answer), "content-location": answer.url}
    try:
        feed = feedparser.parse(answer.body, response_headers=headers, sanitize_html=False)
    except Exception as error:  # the parser's own faults on hostile input are many and of every kind
        raise _no_feed(answer) from error
    if not feed.get("version") and not feed.entries:
        raise _no_feed(answer)
    return feed


def _content_type(answer: http.Answer) -> str:
    """What the server says it is, put right where it is wrong about the letters.

    Text that reads as UTF-8 is UTF-8, whatever is claimed; where nothing is claimed, it is guessed.
    """
    given, body = answer.headers.get("content-type", ""), answer.body
    kind = given.partition(";")[0].strip() or "application/xml"
    if body.isascii() or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return given
    try:
        body.decode("utf-8")
    except ValueError:
        if "charset" in given.lower() or _DECLARED.match(body):
            return given
        guess = from_bytes(_TAG.sub(b" ", body)[:20_000]).best()
        return f"{kind}; charset={guess.encoding}" if guess else given
    return f"{kind}; charset=utf-8"


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


def _shared_ids(entries: list[Any]) -> set[str]:
    """Ids that a feed gives to several entries with addresses of their own: they name none of them."""
    links: dict[str, set[str]] = {}
    for entry in entries:
        own_id, link = _string(entry.get("id")), _string(entry.get("link"))
        if own_id and link and entry.get("links"):  # else the address is only taken from the id
            links.setdefault(own_id, set()).add(link)
    return {own_id for own_id, different in links.items() if len(different) > 1}


def _entry(
    url: str, base: str, feed: Any, entry: Any, kind: str, now: datetime, shared: set[str]
) -> tuple[str, Incoming, str]:
    title = from_html(_string(entry.get("title")), 1000)
    contents = [_string(c.get("value")) for c in entry.get("content") or [] if isinstance(c, dict)]
    body = max((from_html(c) for c in [*contents, _string(entry.get("summary"))]), key=len, default="")
    text = body if body.startswith(title) else f"{title}\n\n{body}".strip()
    link = urljoin(base, _string(entry.get("link"))) if entry.get("link") else ""
    own_id = _string(entry.get("id")) or link or text
    if own_id in shared:
        own_id = f"{own_id}\n{link}"
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
    twin = _digest(f"{link}\n{who}\n{text}") if link else ""
    return native_id, item, _digest(text) + twin


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:MARK]


def _changed(item: Incoming, now: datetime) -> Incoming:
    return replace(item, edited_at=now)


def _when(entry: Any, now: datetime) -> datetime:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        try:
            moment = datetime.fromtimestamp(calendar.timegm(entry[name]), UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            continue
        return moment if FIRST_FEEDS <= moment <= now + FUTURE else now
    return now


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
