"""Hearing a mailbox folder: forward by its numbers, without marking anything as read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from stormdesk.core.clock import utcnow
from stormdesk.networks.base import Author, Batch, Incoming, Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.email import alerts, folders, letters, wire
from stormdesk.networks.email.letters import Letter

Kind = Literal["letters", "alerts"]
AT_ONCE = 20
AT_FIRST = 50
"""A mailbox may hold ten years: it begins with its newest letters."""
READ = 2**20
"""Bytes of a letter that are asked for: its words come first, what is attached is not opened."""
LOOK_BACK = timedelta(days=2)
_UID = re.compile(rb"UID (\d{1,10})")
_DATE = re.compile(rb'INTERNALDATE "([^"]{20,30})"')
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A letter as the server keeps it. `at`: when it arrived, by the server's clock."""

    uid: int
    at: datetime
    raw: bytes
    size: int


async def hear(kind: Kind, settings: Settings, secret: Secret, cursor: Mapping[str, Any]) -> Batch:
    """What arrived since the cursor, oldest first."""
    folder = str(settings.get("folder") or "INBOX")
    known = cursor if cursor.get("folder") == folder else {}
    fetched, here, more, lost = await wire.ask(
        settings, secret, lambda mailbox: _since(mailbox, folder, known)
    )
    items: list[Incoming] = []
    for found in fetched:
        letter = letters.read(found.raw)
        items += _alert(letter, found, settings) if kind == "alerts" else _letter(letter, found, settings)
    return Batch(items, here, more, lost)


def _since(
    mailbox: wire.Imap, folder: str, known: Mapping[str, Any]
) -> tuple[list[Fetched], dict[str, Any], bool, bool]:
    validity = enter(mailbox, folder)
    after = int(known.get("uid") or 0)
    renumbered = bool(known) and validity != known.get("validity")
    if known and not renumbered:
        numbers = [n for n in search(mailbox, f"UID {after + 1}:*") if n > after]
    elif renumbered:
        # The server counts anew: go by the day; what was heard before is known by its Message-ID.
        day = _moment(str(known.get("at") or "")) or utcnow() - LOOK_BACK
        numbers = search(mailbox, f"SINCE {(day - timedelta(days=1)).strftime('%d-%b-%Y')}")
    else:
        # Of a big mailbox not even the numbers are wanted.
        _, following = mailbox.response("UIDNEXT")
        nearly = int(following[0]) - 20 * AT_FIRST if following and following[0] else 0
        numbers = search(mailbox, f"UID {max(1, nearly)}:*")[-AT_FIRST:]
    now = numbers[:AT_ONCE]
    fetched = fetch(mailbox, now)
    last = max(now, default=after if not renumbered else 0)
    at = max([f.at for f in fetched], default=_moment(str(known.get("at") or "")) or utcnow())
    here = {"folder": folder, "validity": validity, "uid": last, "at": at.isoformat()}
    # Letters older than the day before may have moved in unseen while the numbers changed.
    return fetched, here, len(numbers) > len(now), renumbered


def enter(mailbox: wire.Imap, folder: str) -> int:
    """Open a folder for reading only; the number that says whether its numbers still mean the same."""
    kind, _ = mailbox.select(folders.quoted(folder), readonly=True)
    if kind != "OK":
        raise Permanent(
            gettext_noop(
                "There is no folder “%(folder)s” in this mailbox; check its name in the mail program."
            ),
            code="no_folder",
            folder=folder,
        )
    _, found = mailbox.response("UIDVALIDITY")
    return int(found[0]) if found and found[0] else 0


def search(mailbox: wire.Imap, *criteria: str) -> list[int]:
    """Numbers of the letters that fit, in the order they came."""
    kind, found = mailbox.uid("SEARCH", *criteria)
    if kind != "OK":
        raise mailbox.abort("the search was refused")
    joined = b" ".join(piece for piece in found if isinstance(piece, bytes))
    return sorted({int(n) for n in joined.split() if n.isdigit() and len(n) < 11})


def fetch(mailbox: wire.Imap, numbers: list[int], most: int = READ) -> list[Fetched]:
    """The letters with these numbers, in this order; those that are gone are left out."""
    if not numbers:
        return []
    what = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{most}>)"
    kind, answer = mailbox.uid("FETCH", ",".join(map(str, numbers)), what)
    if kind != "OK":
        raise mailbox.abort("the letters were refused")
    found: dict[int, Fetched] = {}
    for position, piece in enumerate(answer):
        if not isinstance(piece, tuple) or len(piece) != 2:
            continue
        # A server may name number and date before the letter or after it.
        rest = answer[position + 1] if position + 1 < len(answer) else b""
        head = piece[0] + b" " + (rest if isinstance(rest, bytes) else b"")
        uid = _UID.search(head)
        if uid and int(uid[1]) in numbers:
            size = _SIZE.search(head)
            at = _internal(head)
            found[int(uid[1])] = Fetched(int(uid[1]), at, piece[1], int(size[1]) if size else len(piece[1]))
    return [found[n] for n in numbers if n in found]


def _internal(head: bytes) -> datetime:
    found = _DATE.search(head)
    try:
        moment = datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if found else None
        return min(moment.astimezone(UTC), utcnow()) if moment else utcnow()
    except (ValueError, OverflowError):
        return utcnow()


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else None
    except ValueError:
        return None


def _letter(letter: Letter, found: Fetched, settings: Settings) -> list[Incoming]:
    """A letter to the brand, if a person wrote it, or the news that one of ours did not arrive."""
    own = str(settings.get("address") or "").strip().lower()
    answers_us = bool(letter.in_reply_to and letter.in_reply_to.endswith(mark(own)))
    if letter.sender == own or not (letter.writer == "person" or (letter.writer == "bounce" and answers_us)):
        return []
    text = f"{letter.subject}\n\n{letter.text}".strip() if letter.subject else letter.text
    return [
        Incoming(
            network="email",
            native_id=letter.message_id,
            text=text,
            published_at=found.at,
            author=Author(
                letter.sender or letter.address or "?", letter.address or letter.sender, letter.name
            ),
            in_reply_to=letter.in_reply_to,
            thread=letter.thread,
            kind="direct",
            visibility="direct",
            addressed=True,
            media=letter.attachments,
        )
    ]


def _alert(letter: Letter, found: Fetched, settings: Settings) -> list[Incoming]:
    """The pages an alert points to; the alert itself where it points to none."""
    wanted = str(settings.get("sender") or "").strip().lower()
    if wanted and letter.sender != wanted and not letter.sender.endswith(f"@{wanted.lstrip('@')}"):
        return []
    pages = alerts.pages(letter)
    if not pages:
        who = Author(letter.sender or "?", letter.sender, letter.name)
        text = f"{letter.subject}\n\n{letter.text}".strip()
        return [Incoming("email", letter.message_id, text, found.at, who)]
    return [
        Incoming(
            network="email",
            native_id=page.native_id,
            text=page.text,
            published_at=found.at,
            author=Author(host, host, host),
            url=page.url,
        )
        for page in pages
        if (host := page.url.split("/")[2].lower())
    ]


def mark(address: str) -> str:
    """How the ids of our own letters end."""
    return f".stormdesk@{address.rpartition('@')[2]}"
