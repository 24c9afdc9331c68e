"""The hash chain as pure functions: what is hashed, in which form, and how a chain is checked.

The form is documented in docs/reference/journal.md, so that anyone can verify an export without Stormdesk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

START = "0" * 64


@dataclass(frozen=True)
class Link:
    """The hashed part of an entry."""

    chain: int
    sequence: int
    at: datetime
    kind: str
    by: int | None
    by_name: str
    subject: str
    crisis: int | None
    facts: dict


def digest(link: Link, previous_hash: str) -> str:
    """SHA-256 of the previous hash and the entry's canonical JSON (sorted keys, no spaces, UTC microseconds)."""
    body = {
        "chain": link.chain,
        "sequence": link.sequence,
        "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": link.kind,
        "by": link.by,
        "by_name": link.by_name,
        "subject": link.subject,
        "crisis": link.crisis,
        "facts": link.facts,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous_hash}\n{text}".encode()).hexdigest()


@dataclass(frozen=True)
class Fault:
    """Where a chain is broken and how: altered, missing, or the head disagrees."""

    chain: int
    sequence: int
    what: str


def faults(chain: int, entries: Iterable[tuple[Link, str, str]], head: tuple[int, str]) -> list[Fault]:
    """Every place at which a chain of (link, previous_hash, hash), in order, is not what it should be.

    `head` is the last known sequence and hash: without it, cutting off the newest entries would go unseen.
    """
    found: list[Fault] = []
    expected, previous = 1, START
    for link, previous_hash, own_hash in entries:
        if link.sequence != expected:
            found.append(Fault(chain, expected, "missing" if link.sequence > expected else "altered"))
        if previous_hash != previous or digest(link, previous_hash) != own_hash:
            found.append(Fault(chain, link.sequence, "altered"))
        expected, previous = link.sequence + 1, own_hash
    if (expected - 1, previous) != head:
        found.append(Fault(chain, expected, "missing" if expected - 1 < head[0] else "altered"))
    return found
