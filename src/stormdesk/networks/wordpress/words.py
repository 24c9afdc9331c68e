"""What a site sends, and how it reads here. Shapes: developer.wordpress.org/rest-api/reference/comments/ and /posts/."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from stormdesk.networks.base import Author, Incoming, Media, Outgoing, Permanent, Sent, gettext_noop
from stormdesk.networks.plain import clean, clean_line, from_html

Place = Literal["post", "comment"]
_NATIVE = re.compile(r"(post|comment)-([1-9][0-9]{0,17})\Z")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)»”]")
_BREAK = re.compile(r"<br ?/?>\n")
# What the site's typography changes in words that are otherwise the same.
_TYPOGRAPHY = re.compile(r"[\s\"'`“”„‘’‚«»…\.\-‐‑–—−×x′″]+")
TITLE = 110
"""Characters of a first line that still reads as a title."""


class Text(msgspec.Struct):
    rendered: str = ""
    raw: str | None = None


class Comment(msgspec.Struct):
    id: int
    post: int
    date_gmt: str
    parent: int = 0
    author: int = 0
    author_name: str = ""
    author_url: str = ""
    content: Text = msgspec.field(default_factory=Text)
    link: str = ""
    status: str = "approved"
    type: str = "comment"
    author_avatar_urls: dict[str, str] = {}


class Post(msgspec.Struct):
    id: int
    date_gmt: str | None = None
    author: int = 0
    title: Text = msgspec.field(default_factory=Text)
    content: Text = msgspec.field(default_factory=Text)
    excerpt: Text = msgspec.field(default_factory=Text)
    link: str = ""
    status: str = "publish"
    modified_gmt: str | None = None


def comment(value: Any) -> Comment | None:
    """The comment in a piece of JSON; None if it is not one: a stranger's nonsense must not stop the listening."""
    return _convert(value, Comment)


def post(value: Any) -> Post | None:
    return _convert(value, Post)


def _convert(value: Any, kind: Any) -> Any:
    if isinstance(value, dict) and value.get("author_avatar_urls") in ([], False, None):
        # PHP writes an empty mapping as a list.
        value = {k: v for k, v in value.items() if k != "author_avatar_urls"}
    try:
        found = msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, RecursionError):
        return None
    return found if 0 < found.id < 10**18 and (kind is Post or when(found.date_gmt)) else None


def place(native_id: str) -> tuple[Place, int]:
    """“comment-12” → ("comment", 12). Raises Permanent: there never was such a thing on a site."""
    found = _NATIVE.match(native_id)
    if not found:
        raise Permanent(
            gettext_noop("There is no such comment or post on this site any more; nothing was done."),
            code="gone",
        )
    return ("post" if found[1] == "post" else "comment"), int(found[2])


def heard(found: Comment, own_site: bool) -> Incoming:
    """A comment as something said; `own_site`: it stands under the brand's own words."""
    return Incoming(
        network="wordpress",
        native_id=f"comment-{found.id}",
        text=_shown(found.content),
        published_at=when(found.date_gmt) or datetime.fromtimestamp(0, UTC),
        author=_author(found),
        url=found.link,
        in_reply_to=f"comment-{found.parent}" if found.parent > 0 else f"post-{found.post}",
        thread=f"post-{found.post}",
        kind="comment",
        addressed=own_site,
    )


def written(found: Post, now: datetime) -> Incoming:
    """A post as something said."""
    title, body = from_html(found.title.rendered, 1000), _shown(found.content)
    return Incoming(
        network="wordpress",
        native_id=f"post-{found.id}",
        text=body if body.startswith(title) else f"{title}\n\n{body}".strip(),
        published_at=when(found.date_gmt) or now,
        author=Author(str(found.author), str(found.author)),
        url=found.link,
        thread=f"post-{found.id}",
    )


def mark(found: Comment) -> str:
    """Changes when the words do."""
    return hashlib.sha256(found.content.rendered.encode("utf-8", "replace")).hexdigest()[:12]


def sent(found: Comment | Post, now: datetime) -> Sent:
    kind = "comment" if isinstance(found, Comment) else "post"
    return Sent(f"{kind}-{found.id}", found.link, when(found.date_gmt) or now)


def as_comment(text: str) -> str:
    """The text as the site takes it: it reads HTML, so what looks like a tag must be said as a sign."""
    return escape(text, quote=False)


def as_post(text: str, pictures: tuple[tuple[str, Media], ...] = ()) -> tuple[str, str]:
    """Title and HTML of a post: a short first line is its title, paragraphs are parted by empty lines.

    `pictures`: address on the site and what it shows.
    """
    lines = text.strip().split("\n")
    first, rest = lines[0].strip(), "\n".join(lines[1:]).strip()
    if len(first) > TITLE:
        title, rest = f"{first[:TITLE].rsplit(' ', 1)[0]}…", text.strip()
    else:
        title = first
    paragraphs = [
        _linked(escape(p, quote=False)).replace("\n", "<br />") for p in re.split(r"\n{2,}", rest) if p
    ]
    figures = [f'<img src="{escape(url)}" alt="{escape(shown.description)}" />' for url, shown in pictures]
    return escape(title, quote=False), "\n\n".join(f"<p>{p}</p>" for p in [*paragraphs, *figures])


def is_it(outgoing: Outgoing, found: Comment | Post) -> bool:
    """Is this own comment or post that one: the same words in the same place?"""
    if isinstance(found, Comment):
        where = f"comment-{found.parent}" if found.parent > 0 else f"post-{found.post}"
        return where == outgoing.in_reply_to and _same(clean(outgoing.text), _raw(found.content))
    title, body = as_post(outgoing.text)
    return (
        outgoing.in_reply_to is None
        and _same(from_html(title), _raw(found.title))
        and _same(from_html(body), _raw(found.content))
    )


def _shown(text: Text) -> str:
    # A line end after a line break is the site's own and no second one.
    return from_html(_BREAK.sub("<br>", text.rendered))


def _raw(text: Text) -> str:
    return from_html(text.rendered if text.raw is None else text.raw)


def _same(one: str, other: str) -> bool:
    return _TYPOGRAPHY.sub("", one) == _TYPOGRAPHY.sub("", other)


def _linked(html: str) -> str:
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', html)


def _author(found: Comment) -> Author:
    name = clean_line(from_html(found.author_name, 300))
    if found.author > 0:
        return Author(f"user-{found.author}", name, name)
    # The picture's address tells people of one name apart without their e-mail being read.
    picture = next(
        (urlsplit(u).path.rsplit("/", 1)[-1] for u in found.author_avatar_urls.values() if "/avatar/" in u),
        "",
    )
    known = picture if re.fullmatch(r"[0-9a-f]{32,64}", picture) else ""
    return Author(f"visitor-{known}" if known else f"visitor-{name}", name, name)


def when(value: str | None) -> datetime | None:
    """A time as the API writes it in its `…_gmt` fields: without a zone, meaning UTC."""
    try:
        moment = datetime.fromisoformat(value or "")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
