"""Makes what strangers wrote safe to keep: plain text out of HTML, no invisible or direction-changing marks."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

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
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "head", "title"})


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


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent.append(tag)
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def from_html(html: str, limit: int = TEXT_LIMIT) -> str:
    """Plain text of an HTML fragment: tags gone, script and style with their content, paragraphs as line breaks.

    Only reads; the result is text to be escaped wherever it is shown, never HTML.
    """
    parser = _Text()
    parser.feed(html[: limit * 8])
    parser.close()
    text = clean("".join(parser.parts), limit * 2)
    text = re.sub(r"[ \t\xa0]*\n[ \t\xa0]*", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text)[:limit].strip()
