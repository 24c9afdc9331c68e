"""What an alert is about: each page it points to, with the words beside the link."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import nh3

from stormdesk.networks.email.letters import LONGEST_TEXT, Letter
from stormdesk.networks.plain import clean, clean_line, from_html, safe_url, shallow

MOST = 100
_BLOCKS = {"a", "p", "div", "td", "tr", "li", "br", "h1", "h2", "h3", "table"}
_LINK = re.compile(r'<a href="([^"]{1,4000})">(.{0,2000}?)</a>', re.DOTALL)
_URL = re.compile(r"https?://[^\s<>\"]{4,2000}")
_AFTER = 600
"""Characters behind a link that may still be about it."""
# Services count clicks: the page itself is named in a parameter of their own address.
_WRAPPED = ("url", "q", "u", "target", "to")
_TOOLS = re.compile(
    r"unsubscribe|opt.?out|manage|preferences|settings|privacy|view in browser|see more|flag as|rss|help|отпис|настрой|"
    r"конфиденц|помощь|открыть в браузере|показать ещё",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """One page: `url`, and what the alert says of it."""

    url: str
    text: str

    @property
    def native_id(self) -> str:
        return hashlib.sha256(self.url.encode("utf-8", "replace")).hexdigest()[:40]


def pages(letter: Letter) -> list[Found]:
    """The pages an alert points to, each once. Empty if there are none that look like it."""
    home = letter.sender.rsplit("@", 1)[-1]
    found: dict[str, Found] = {}
    for link, title, after in _links(letter):
        url, outside = _unwrapped(link, home)
        if not url or not outside or _TOOLS.search(title) or len(title.split()) < 2:
            continue
        text = title if not after or after.startswith(title) else f"{title}\n\n{after}"
        found.setdefault(url, Found(url, clean(text, 5000)))
        if len(found) >= MOST:
            break
    return list(found.values())


def _links(letter: Letter) -> list[tuple[str, str, str]]:
    """Address, title and the words after it, of every link."""
    if letter.html.strip():
        tidy = nh3.clean(
            shallow(letter.html[:LONGEST_TEXT]),
            tags=_BLOCKS,
            clean_content_tags={"script", "style", "title"},
            attributes={"a": {"href"}},
            link_rel=None,
        )
        matches = list(_LINK.finditer(tidy))
        ends = [*(m.start() for m in matches[1:]), len(tidy)][: len(matches)]
        return [
            (unescape(m[1]), clean_line(from_html(m[2])), clean_line(from_html(tidy[m.end() : min(end, m.end() + _AFTER)])))
            for m, end in zip(matches, ends, strict=True)
        ]  # fmt: skip
    said: list[tuple[str, str, str]] = []
    for paragraph in re.split(r"\n\s*\n", letter.text):
        for url in _URL.findall(paragraph):
            words = clean_line(_URL.sub("", paragraph).replace("<>", ""), 2000)
            said.append((url, words, ""))
    return said


def _unwrapped(link: str, home: str) -> tuple[str, bool]:
    """The page behind a counting address, and whether it lies outside the service's own site."""
    for _ in range(3):
        try:
            query = parse_qs(urlsplit(link).query, max_num_fields=50)
        except ValueError:
            return "", False
        inner = next(
            (v for n in _WRAPPED for v in query.get(n, []) if v.startswith(("http://", "https://"))), ""
        )
        if not inner:
            break
        link = inner
    url = safe_url(link)
    host = (urlsplit(url).hostname or "") if url else ""
    return url, bool(host) and not f".{host}".endswith(f".{home}") and not f".{home}".endswith(f".{host}")
