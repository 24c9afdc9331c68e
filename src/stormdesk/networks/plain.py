"""Makes what strangers wrote safe to keep: plain text out of HTML, no invisible or direction-changing marks."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

TEXT_LIMIT = 50_000
"""Characters of one post that are kept; the longest post any network allows is far below."""
NAME_LIMIT = 300
URL_LIMIT = 2_000

# Controls (except tab and newline), the marks that reverse or isolate direction, zero-width space and joiners of
# words, the byte order mark, interlinear and tag characters, lone surrogates (no database takes them). Zero-width
# joiner and non-joiner stay: family emoji and Persian words fall apart without them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e001f\ud800-\udfff]"
)
_TAG = re.compile(r"</?[a-z0-9]+>")
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})[^<>]{0,4000}>")
# What never holds anything, or closes by itself when the next one begins.
_SHALLOW = {
    "area", "base", "br", "col", "hr", "img", "input", "li", "link", "meta", "p", "source", "td", "tr", "wbr",
}  # fmt: skip
DEEPEST_TAGS = 300
"""Tags open inside one another; real pages have thirty, letters a hundred. The parser's time grows with size × depth."""
_BREAKS = {"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_SILENT = {"script", "style", "template", "noscript", "iframe", "object", "head", "title"}


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text as a reader sees it: line ends unified, controls and direction overrides removed, cut at `limit`."""
    text = (
        text[: limit * 2]
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
    )
    return _UNSAFE.sub("", text)[:limit].strip()


def clean_line(text: str, limit: int = NAME_LIMIT) -> str:
    """The same on one line: for names, handles, titles."""
    return " ".join(clean(text, limit).split())


def safe_url(url: str) -> str:
    """The address if it is http(s) with a host, else an empty string: no `javascript:`, no `data:`."""
    url = _UNSAFE.sub("", url).strip()
    if len(url) > URL_LIMIT or any(c.isspace() for c in url):
        return ""
    try:
        parts = urlsplit(url)
        return url if parts.scheme.lower() in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def shallow(html: str) -> str:
    """The HTML, or its bare words (escaped) if its tags stand so deep in one another that reading them is slow."""
    depth = 0
    for found in _ANY_TAG.finditer(html):
        if found[2].lower() in _SHALLOW:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST_TAGS:
            return escape(unescape(_ANY_TAG.sub(" ", html)))
    return html


def from_html(html: str, limit: int = TEXT_LIMIT) -> str:
    """Plain text of an HTML fragment: tags gone, script and style with their content, paragraphs as line breaks.

    Only reads; the result is text to be escaped wherever it is shown, never HTML.
    """
    # A browser's parser first: it makes sense of anything, and leaves plain tags without attributes.
    tidy = nh3.clean(
        shallow(html[: limit * 8]), tags=_BREAKS, clean_content_tags=_SILENT, attributes={}, link_rel=None
    )
    text = clean(unescape(_TAG.sub("\n", tidy)), limit * 2)
    text = re.sub(r"[ \t\xa0]*\n[ \t\xa0]*", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text)[:limit].strip()
