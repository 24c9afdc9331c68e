"""Public channels by the page Telegram shows of each to everybody, https://t.me/s/<name>.

The Bot API shows a bot neither history nor its own posts (core.telegram.org/bots/faq#what-messages-will-my-bot-get),
so this page is how channels without the bot are heard and how a post is looked for after an unclear answer. It shows
about twenty posts; `?before=` and `?after=` turn it. There is no documentation of it: what is not understood is said.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

from stormdesk.core.clock import utcnow
from stormdesk.networks import calls
from stormdesk.networks.base import (
    Author,
    Batch,
    Incoming,
    Media,
    Permanent,
    Settings,
    gettext_noop,
)

SERVER = "https://t.me"
MAX_BYTES = 4 * 2**20
PAGES = 25
"""How far back own posts are followed: some five hundred."""
MOST = 100
"""Posts of one page that are read; Telegram gives about twenty."""
KEPT = 60
"""Posts whose words are remembered, so that a change is noticed."""
_NAME = re.compile(r"(?:https?://)?(?:t\.me/(?:s/)?|telegram\.me/)?@?(\w{4,64})/?", re.ASCII)
_COUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KM]?)", re.IGNORECASE)
_IMAGE = re.compile(r"url\('([^']{1,2000})'\)")
# Tags and text, each sign looked at a bounded number of times: the library's own parser, and a browser's as well, take
# minutes for a megabyte of nonsense.
_TOKEN = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?![a-zA-Z0-9])([^<>]{0,20000})>|((?:[^<]|<(?!/?[a-zA-Z]))+)"
)
_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]{1,40}+)\s{0,5}+=\s{0,5}+\"([^\"]*)\"")
_VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "source", "path", "wbr"})


@dataclass
class Post:
    """One post as the page shows it."""

    name: str
    number: int
    view: str = ""
    text: str = ""
    at: datetime | None = None
    views: str = ""
    signature: str = ""
    answered: str = ""
    forwarded: bool = False
    service: bool = False
    images: tuple[str, ...] = ()

    @property
    def chat(self) -> str:
        """The channel's number if the page carries it (in the mark by which views are counted), else its name."""
        try:
            number = json.loads(base64.b64decode(self.view + "=" * (-len(self.view) % 4)))["c"]
            return f"-100{-number}" if isinstance(number, int) and -(2**50) < number < 0 else f"@{self.name}"
        except (ValueError, KeyError, TypeError, RecursionError):
            return f"@{self.name}"


@dataclass(frozen=True)
class Page:
    """Posts oldest first, and what the head says of the channel."""

    posts: list[Post]
    title: str
    followers: int | None


def channel(name: str) -> str:
    """The name in `@name`, `t.me/name` or `https://t.me/s/name`. Raises Permanent."""
    found = _NAME.fullmatch(name.strip())
    if not found or found[1].isdigit():
        raise Permanent(
            gettext_noop("“%(name)s” is not the name of a public channel; give it as @name."),
            code="no_channel",
            name=name.strip()[:60],
        )
    return found[1]


async def hear(settings: Settings, cursor: Mapping[str, Any]) -> Batch:
    """New and changed posts of one public channel, from the newest known on; without a gap as far as pages go."""
    name = channel(str(settings.get("channel", "")))
    last = cursor.get("after")
    last = last if isinstance(last, int) else 0
    page = await fetch(settings, name)
    gap = bool(last and page.posts and page.posts[0].number > last + 1)
    if gap:
        turned = await fetch(settings, name, after=last)
        # A page that does not turn gives the newest posts again: then the gap cannot be closed.
        page = turned if turned.posts else page
    seen = cursor.get("seen")
    seen = seen if isinstance(seen, Mapping) else {}
    now = utcnow()
    items, marks = [], {}
    for post in page.posts:
        item = incoming(post, page)
        if item is None:
            continue
        marks[str(post.number)] = mark = hashlib.sha256(item.text.encode()).hexdigest()[:12]
        if post.number > last:
            items.append(item)
        elif seen.get(str(post.number), mark) != mark:
            items.append(replace(item, edited_at=now))
    newest = max((post.number for post in page.posts), default=0)
    kept = dict(list((dict(seen) | marks).items())[-KEPT:])
    return Batch(items, {"after": max(newest, last), "seen": kept}, more=gap and newest > last)


async def since(settings: Settings, name: str, moment: datetime) -> list[Incoming]:
    """A public channel's posts since then, oldest first. Raises Permanent(`no_page`) if Telegram shows none of it."""
    found: dict[int, Incoming] = {}
    before = None
    for _ in range(PAGES):
        page = await fetch(settings, name, before=before)
        fresh = {p.number: item for p in page.posts if p.number not in found and (item := incoming(p, page))}
        recent = {number: item for number, item in fresh.items() if item.published_at >= moment}
        found |= recent
        if len(recent) < len(fresh) or not fresh:
            break
        before = min(fresh)
    return [found[number] for number in sorted(found)]


async def fetch(
    settings: Settings, name: str, *, after: int | None = None, before: int | None = None
) -> Page:
    """One page. Raises Permanent(`no_page`) where Telegram shows no posts: private, unknown, or not shown to all."""
    server = str(settings.get("pages") or SERVER).strip().rstrip("/")
    url = f"{server}/s/{name}"
    turn = {"after": after} if after is not None else {"before": before} if before is not None else None
    # Whoever has no such page is sent on to another: that is the answer.
    answer = await calls.read(url, params=turn, max_bytes=MAX_BYTES)
    page = await asyncio.to_thread(read, answer.body.decode("utf-8", "replace"))
    if page is None:
        raise Permanent(
            gettext_noop(
                "Telegram shows no public page of “%(name)s”: the channel is private, has another name "
                "or is not shown in the web."
            ),
            code="no_page",
            name=name,
        )
    return page


def read(html: str) -> Page | None:
    """What stands on a page; None if it is not the page of a channel."""
    reader = _Reader()
    for closing, tag, attributes, text in _TOKEN.findall(html):
        if text:
            reader.text(text)
        elif closing:
            reader.end(tag.lower())
        else:
            given = {name.lower(): unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
            reader.start(tag.lower(), given)
    if not reader.history:
        return None
    posts = {post.number: post for post in reader.posts}
    followers = count(reader.members)
    return Page([posts[number] for number in sorted(posts)], " ".join(reader.title.split()), followers)


def incoming(post: Post, page: Page) -> Incoming | None:
    """A post as something said. None for service messages and for what carries no time."""
    text = "\n".join(line.strip() for line in post.text.strip().splitlines())
    if post.at is None or post.service or not (text or post.images):
        return None
    answered = re.fullmatch(r"https?://t\.me/(\w{1,64})/(\d{1,18})(?:\?.*)?", post.answered, re.ASCII)
    return Incoming(
        network="telegram",
        native_id=f"{post.chat}/{post.number}",
        text=text,
        published_at=post.at,
        author=Author(post.chat, post.name, page.title or post.signature, page.followers),
        url=f"https://t.me/{post.name}/{post.number}",
        in_reply_to=f"{post.chat}/{answered[2]}" if answered and answered[1] == post.name else None,
        kind="repost" if post.forwarded else "post",
        reach=count(post.views),
        media=tuple(Media(url=url) for url in post.images[:10]),
    )


def count(shown: str) -> int | None:
    """“4.62K” → 4620: the page rounds."""
    found = _COUNT.search(shown[:40].replace(" ", "").replace("\xa0", ""))
    if not found:
        return None
    number = float(found[1].replace(",", ".")) * {"K": 1_000, "M": 1_000_000}.get(found[2].upper(), 1)
    return round(number) if number < 2**40 else None


class _Reader:
    """Collects posts while the tags pass by. The marks are class names; tags inside a text do not matter."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.history = False
        self.title = ""
        self.members = ""
        self._into = ""
        self._depth = 0

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        classes = given.get("class", "").split()
        if self._into and tag not in _VOID:
            self._depth += 1
        if tag == "br" and self._into == "text":
            self._add("\n")
        self.history = self.history or "tgme_channel_history" in classes
        if "data-post" in given:
            self._begin(given, classes)
        if "tgme_header_title" in classes or "tgme_channel_info_header_title" in classes:
            self._open("title" if not self.title else "")
        elif "tgme_header_counter" in classes:
            self._open("members" if not self.members else "")
        elif self.posts:
            self._inside(tag, given, classes)

    def _begin(self, given: Mapping[str, str], classes: list[str]) -> None:
        name, _, number = given["data-post"].partition("/")
        self._into, self._depth = "", 0
        sound = re.fullmatch(r"\w{1,64}", name, re.ASCII) and re.fullmatch(r"\d{1,15}", number, re.ASCII)
        if sound and len(self.posts) < MOST:
            service = "service_message" in classes
            self.posts.append(Post(name, int(number), given.get("data-view", "")[:500], service=service))

    def _inside(self, tag: str, given: Mapping[str, str], classes: list[str]) -> None:
        post = self.posts[-1]
        if "js-message_text" in classes and not post.text:
            self._open("text")
        elif "tgme_widget_message_views" in classes:
            self._open("views")
        elif "tgme_widget_message_from_author" in classes:
            self._open("signature")
        elif "tgme_widget_message_forwarded_from" in classes:
            post.forwarded = True
        elif "tgme_widget_message_reply" in classes:
            post.answered = given.get("href", "")
        elif "tgme_widget_message_photo_wrap" in classes and (image := _IMAGE.search(given.get("style", ""))):
            post.images += (image[1],)
        elif tag == "time" and given.get("datetime") and not self._into:
            post.at = _moment(given["datetime"]) or post.at

    def _open(self, name: str) -> None:
        if name and not self._into:
            self._into, self._depth = name, 1

    def end(self, tag: str) -> None:
        if self._into and tag not in _VOID:
            self._depth -= 1
            if self._depth <= 0:
                self._into = ""

    def text(self, data: str) -> None:
        if self._into:
            self._add(unescape(data[:20_000]))

    def _add(self, data: str) -> None:
        if self._into in ("title", "members"):
            setattr(self, self._into, (getattr(self, self._into) + data)[:300])
        elif self.posts:
            post = self.posts[-1]
            setattr(post, self._into, (getattr(post, self._into) + data)[:20_000])


def _moment(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
