"""Links that pretend: domains that imitate ours, hide where they lead, or cost nothing and live a day.

Nothing is opened and nobody is asked: the public suffix list that tells `evil.co.uk` from `bank.evil.co.uk` lies in the
package `publicsuffixlist` (list: MPL 2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from stormdesk.understand.lookalike import LOOKALIKE, lookalike
from stormdesk.understand.lookalike.faces import look
from stormdesk.understand.vocabulary import words

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LINKS = 100
_TEXT_LIMIT = 100_000
_OWN_SHORTEST = 4

_URL = re.compile(
    r"(?<![\w@.])(?P<scheme>[a-z]{2,8}://|hxxps?://)?(?P<user>[^\s/@?#<>\"']{1,100}@)?"
    r"(?P<host>\d{1,3}(?:\.\d{1,3}){3}|(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_][\w-]{1,23})(?![\w@])"
    r"(?P<rest>(?::\d{2,5})?(?:[/?#][^\s<>\"]{0,500})?)",
    re.IGNORECASE,
)
_FILE_ENDINGS = frozenset(
    [
        "py",
        "js",
        "ts",
        "html",
        "htm",
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "mp3",
        "mp4",
        "txt",
        "csv",
        "json",
        "exe",
        "php",
        "md",
    ]
)
_RESERVED = frozenset({"example", "test", "invalid"})
"""Endings for documents and exercises (RFC 2606)."""
_PROGRAM = re.compile(r"\.(?:apk|exe|scr|bat|msi|dmg|jar)(?:[?#]|$)", re.IGNORECASE)
_SECRET_WORDS = re.compile(
    r"login|log-in|signin|sign-in|verify|verif|secure|account|update|confirm|wallet|password|auth|pay\b|oplata|vhod|vyplat|"
    r"vozvrat|kompens|bonus|podar|priz|gift|claim|refund",
    re.IGNORECASE,
)

IMITATES = "imitates our domain"
OUR_NAME = "our name under another domain"
DISGUISED = "letters of two scripts"
BARE = "an address of numbers"
HIDDEN = "hides where it leads"
SHORTENED = "shortened"
CHEAP = "an ending that costs nothing"
PATCHED = "a name patched together"
PROGRAM = "downloads a program"
ASKS = "speaks of access or money"
_WEIGHT = {
    IMITATES: 0.9, OUR_NAME: 0.85, DISGUISED: 0.8, BARE: 0.6, HIDDEN: 0.7, SHORTENED: 0.3, CHEAP: 0.35, PATCHED: 0.25,
    PROGRAM: 0.5, ASKS: 0.3,
}  # fmt: skip
SUSPICIOUS = 0.5
"""From this score on a link should be shown to a person as a likely trap."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text: where it stands, its host as written, the domain somebody registered, and what speaks against it.

    `score` is 0 to 1; `reasons` are constants of this module, strongest first.
    """

    start: int
    end: int
    host: str
    domain: str
    score: float
    reasons: tuple[str, ...]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # Reading the list takes a tenth of a second: only who looks at links pays it.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=1)
def _endings() -> frozenset[str]:
    """Endings in which anybody can register, for bare hosts without a scheme: “report.pdf” is no link."""
    known = _suffixes()
    return frozenset(rule for rule in known._publicsuffix if "." not in rule) | _RESERVED


def registered(host: str) -> str:
    """The part of a host that somebody registered: `login.bank.co.uk` → `bank.co.uk`; a shared host counts as many.

    Hosts written in other letters are compared in them: `xn--…` is decoded.
    """
    shown = _decoded(host.casefold().strip(".").removeprefix("www."))
    return _suffixes().privatesuffix(shown) or shown


def _decoded(host: str) -> str:
    labels = []
    for label in host.split("."):
        if label.startswith("xn--"):
            try:
                label = label[4:].encode("ascii").decode("punycode")
            except UnicodeError:
                label = label[4:]
        labels.append(label)
    return ".".join(labels)


def links(text: str, own_domains: Iterable[str] = ()) -> list[Link]:
    """All links of a text in order, at most 100, with what speaks against each. Own domains have nothing against them."""
    own = frozenset(registered(_host_of(domain)) for domain in own_domains) - {""}
    found: list[Link] = []
    if "." not in text:
        return found
    for match in islice(_URL.finditer(text[:_TEXT_LIMIT]), _LINKS):
        host = match["host"]
        if not match["scheme"] and not _is_domain(host, match["rest"]):
            continue
        domain = host if host[0].isdigit() and host.replace(".", "").isdigit() else registered(host)
        reasons = () if domain in own else tuple(_against(match, domain, own))
        missed = 1.0
        for reason in reasons:
            missed *= 1 - _WEIGHT[reason]
        end = match.end() - (len(match["rest"]) - len(match["rest"].rstrip(".,;:!?)»”\"'")))
        found.append(Link(match.start(), end, host, domain, round(1 - missed, 3), reasons))
    return found


def suspicious_links(text: str, own_domains: Iterable[str] = ()) -> list[Link]:
    """Links from which customers should be kept: score at least `SUSPICIOUS`. `own_domains` is the brand's register."""
    return [link for link in links(text, own_domains) if link.score >= SUSPICIOUS]


def _host_of(address: str) -> str:
    match = _URL.search(address)
    return match["host"] if match else address


def _is_domain(host: str, rest: str) -> bool:
    ending = host.rsplit(".", 1)[-1].casefold()
    if host[0].isdigit() and host.replace(".", "").isdigit():
        return bool(rest.startswith("/"))
    return ending not in _FILE_ENDINGS and (ending in _endings() or ending.startswith("xn--"))


def _against(match: re.Match[str], domain: str, own: frozenset[str]) -> list[str]:
    host = _decoded(match["host"].casefold())
    rest = match["rest"]
    host = host.removeprefix("www.")
    name = domain.split(".", 1)[0]
    found = []
    if any(_imitates(domain, mine) for mine in own):
        found.append(IMITATES)
    elif any(_carries(host, domain, mine) for mine in own):
        found.append(OUR_NAME)
    if _two_scripts(domain):
        found.append(DISGUISED)
    if domain.replace(".", "").isdigit():
        found.append(BARE)
    if match["user"] and match["scheme"]:
        found.append(HIDDEN)
    if domain in words("shorteners") or host in words("shorteners"):
        found.append(SHORTENED)
    if domain.rsplit(".", 1)[-1] in words("cheap_domains"):
        found.append(CHEAP)
    if name.count("-") >= 1 and (
        name.count("-") >= 2 or _SECRET_WORDS.search(name) or any(map(str.isdigit, name))
    ):
        found.append(PATCHED)
    if _PROGRAM.search(rest) or domain.endswith(".apk"):
        found.append(PROGRAM)
    if _SECRET_WORDS.search(host + rest):
        found.append(ASKS)
    return sorted(found, key=lambda reason: -_WEIGHT[reason])


@lru_cache(maxsize=20_000)
def _imitates(domain: str, mine: str) -> bool:
    """Whether a domain looks like ours: by its name, or as a whole."""
    name, own_name = domain.split(".", 1)[0], mine.split(".", 1)[0]
    if name == own_name:
        # Our name under another ending; a short one is a word that others have too.
        return domain != mine and len(own_name) >= _OWN_SHORTEST
    return lookalike(domain, [mine]) >= LOOKALIKE or lookalike(name, [own_name]) >= LOOKALIKE


def _carries(host: str, domain: str, mine: str) -> bool:
    """Whether our name stands in front of a domain that is not ours, or is a part of it."""
    own_name = mine.split(".", 1)[0]
    if len(own_name) < _OWN_SHORTEST:
        return False
    before = host.removesuffix(domain)
    face = look(own_name)
    parts = re.split(r"[\W_]+", before) + re.split(r"[\W_]+", domain.split(".", 1)[0])
    return any(look(part) == face for part in parts if part) or mine in before


def _two_scripts(domain: str) -> bool:
    """Latin and Cyrillic or Greek letters in one label: nobody registers that honestly."""
    return any(
        re.search("[a-z]", label) and re.search("[\u0370-\u052f]", label) for label in domain.split(".")
    )
