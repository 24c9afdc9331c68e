"""The name of a post before it exists: a record key made from the key of its sending, so that nothing is said twice."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from stormdesk.networks.base import Permanent, gettext_noop

POST = "app.bsky.feed.post"
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_FROM = 1_688_169_600_000_000
"""1 July 2023 in microseconds: keys of posts are read as times, and these lie in the network's own past."""
_URI = re.compile(r"at://(did:[a-z]+:[\w.:%-]{1,200})/([\w.-]{1,200})/([\w.~:-]{1,512})")


class Place(NamedTuple):
    """What the address of a record says: whose, what, which."""

    did: str
    collection: str
    key: str


def record_key(key: str) -> str:
    """The record key (a TID: atproto.com/specs/tid) for this sending; always the same for the same `key`.

    46 bits of a digest become microseconds, about two years of them, and 10 the clock's id: 56 bits in all, so two
    posts of one account meet by chance once in hundreds of millions. The network reads no date from it.
    """
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")
    number = ((_FROM + (digest >> 10)) << 10) | (digest & 0x3FF)
    return "".join(_DIGITS[(number >> shift) & 31] for shift in range(60, -1, -5))


def place(native_id: str) -> Place:
    """The parts of an address such as at://did:plc:…/app.bsky.feed.post/3l…. Raises Permanent for anything else."""
    found = _URI.fullmatch(native_id)
    if not found:
        raise Permanent(
            gettext_noop("“%(id)s” is no address of a Bluesky post; take the post from the list again."),
            code="bad_id",
            id=native_id[:100],
        )
    return Place(*found.groups())


def uri(did: str, key: str) -> str:
    """The address of a post."""
    return f"at://{did}/{POST}/{key}"


def web(did: str, key: str) -> str:
    """Where a person reads it."""
    return f"https://bsky.app/profile/{did}/post/{key}"
