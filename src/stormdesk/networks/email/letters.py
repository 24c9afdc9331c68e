"""Reads one letter: who, what, when, an answer to what, and whether a person or a machine wrote it.

Everything in it is a stranger's: nothing is opened, nothing is fetched, whatever cannot be read is passed over.
"""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from charset_normalizer import from_bytes

from stormdesk.networks.base import Media
from stormdesk.networks.plain import clean, clean_line, from_html

Writer = Literal["person", "automatic", "list", "bounce"]
LONGEST_HEADER = 2000
LONGEST_TEXT = 400_000
MOST_PARTS = 500
DEEPEST = 20
ATTACHMENTS = 20
# What Python can decode that no letter is written in: slow, or no charset at all.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_ID = re.compile(r"<([^<>\s]{3,200}@[^<>\s]{1,120}|[^<>\s]{8,200})>")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}\Z")
# The library takes quadratic time over parameters, of which no part has this many.
_LONG = re.compile(
    rb"(?im)^(content-(?:type|disposition):(?:[^\r\n]|\r?\n[ \t]){1500})(?:[^\r\n]|\r?\n[ \t])*"
)
_QUOTED = re.compile(r"^\s?>")
_BEGINS_QUOTE = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|исходное сообщение|пересылаемое сообщение|forwarded message)\s*-{2,}"
    r"|_{10,}|(?:on|le|am|el)\s.{5,150}(?:wrote|écrit|schrieb|escribió)\s?:"
    r"|.{5,150}(?:пишет|написала?|писала?|пишут)(?:\(а\))?\s?:)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """`message_id` and `refers` without angle brackets; `text` is what is new in it, quotations left out."""

    message_id: str
    subject: str
    text: str
    html: str
    name: str
    address: str
    sender: str
    refers: tuple[str, ...]
    in_reply_to: str | None
    writer: Writer
    attachments: tuple[Media, ...]

    @property
    def thread(self) -> str:
        """The first letter of the conversation, as far as this one names it."""
        return self.refers[0] if self.refers else self.in_reply_to or self.message_id


def read(raw: bytes) -> Letter:
    """Understand a letter, or as much of it as can be understood. Never raises; linear in the size of `raw`."""
    raw = _LONG.sub(rb"\1", raw)
    raw = _only_head(raw) if _too_much(raw) else raw
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
    except Exception:  # the parser's own faults on hostile input are many and of every kind
        message = Message()
    sender_name, sender = _address(_given(message, "from"))
    reply_name, reply_to = _address(_given(message, "reply-to"))
    plain, html, attachments = _body(message)
    text = plain if plain.strip() else from_html(html)
    writer = _writer(message, sender)
    new = text if writer == "bounce" else unquoted(text)
    found = _ids(_header(message, "message-id"))
    refers = tuple(_ids(_header(message, "references")))
    answers = _ids(_header(message, "in-reply-to"))
    if writer == "bounce" and not answers:
        # What could not be delivered stands in the last part, with its head.
        answers = _ids(" ".join(re.findall(r"(?im)^message-id:\s*(<[^<>\s]{3,320}>)", _last(message))[-1:]))
    return Letter(
        message_id=found[0] if found else hashlib.sha256(raw).hexdigest()[:40],
        subject=clean_line(_header(message, "subject"), 300),
        text=clean(new) or clean(text),
        html=html,
        name=clean_line(sender_name or reply_name, 200),
        address=(reply_to or sender).lower(),
        sender=sender.lower(),
        refers=refers,
        in_reply_to=answers[-1] if answers else refers[-1] if refers else None,
        writer=writer,
        attachments=attachments,
    )


def unquoted(text: str) -> str:
    """The text without what it quotes; all of it if nothing else is there."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if len(line) < 400 and _BEGINS_QUOTE.match(line):
            # Everything after “… wrote:” is history, unless the answer stands between the quoted lines.
            kept.append("\0")
        elif not _QUOTED.match(line):
            kept.append(line)
    whole = "\n".join(kept)
    before, _, after = whole.partition("\0")
    new = before if before.strip() else after.replace("\0", "")
    return new if new.strip() else text


def is_address(value: str) -> bool:
    """Could a letter be sent there, and to nobody else?"""
    return bool(_ADDRESS.match(value)) and value.isprintable()


def _too_much(raw: bytes) -> bool:
    """More parts, or parts inside parts, than any letter has: reading it could take for ever."""
    nests = len(re.findall(rb"(?i)content-type:\s{0,9}(?:multipart|message)/", raw))
    parts = len(re.findall(rb"(?im)^content-(?:type|disposition|transfer-encoding):", raw))
    return nests > DEEPEST or parts > 2 * MOST_PARTS


def _only_head(raw: bytes) -> bytes:
    head = re.split(rb"\r?\n\r?\n", raw[:65536], maxsplit=1)[0]
    # Without its type the rest would be read as plain text, and there is none.
    lines = re.sub(rb"(?im)^content-type:.*(?:\r?\n[ \t].*)*", b"x-content-type: unread", head)
    return lines + b"\r\n\r\n"


def _given(message: Message, name: str) -> str:
    """A header as it came, in one line. Letters beyond ASCII that nobody encoded are read in what they look like."""
    for known, value in message.raw_items():
        if known.lower() == name:
            line = " ".join(str(value)[: 2 * LONGEST_HEADER].split())[:LONGEST_HEADER]
            return line if line.isascii() else _text(line.encode("utf-8", "surrogateescape"), "")
    return ""


def _header(message: Message, name: str) -> str:
    """A header in one line, decoded as far as it can be."""
    return _decoded(_given(message, name))


def _decoded(given: str) -> str:
    try:
        pieces = email.header.decode_header(given)
        given = "".join(_text(p, c or "") if isinstance(p, bytes) else p for p, c in pieces)
    except Exception:  # a bad encoded word is shown as it is
        pass
    return clean_line(given, LONGEST_HEADER)


def _address(given: str) -> tuple[str, str]:
    """Name and address of the first who is named; empty where there is none that can be written to.

    The address is looked for before anything is decoded: an encoded name may hold another one.
    """
    try:
        name, address = email.utils.getaddresses([given])[0]
    except Exception:
        return "", ""
    return (_decoded(name), address) if is_address(address) else (_decoded(name or given[:200]), "")


def _ids(value: str) -> list[str]:
    return [clean_line(found, 250) for found in _ID.findall(value[: 4 * LONGEST_HEADER])][-50:]


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        if not part.is_multipart():
            yield part


def _body(message: Message) -> tuple[str, str, tuple[Media, ...]]:
    """Plain text, HTML and the names of what is attached."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[Media] = []
    room = LONGEST_TEXT
    for part in _parts(message):
        try:
            kind, name = part.get_content_type(), part.get_filename()
            if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
                if len(attached) < ATTACHMENTS:
                    attached.append(Media(name=_name(name), content_type=clean_line(kind, 100)))
                continue
            payload = part.get_payload(decode=True)
            if not isinstance(payload, bytes):
                continue
            said = _text(payload[:room], str(part.get_content_charset() or ""))
            room -= min(room, len(payload))
            (html if kind == "text/html" else plain).append(said)
        except Exception:
            continue
    return "\n".join(plain), "\n".join(html), tuple(attached)


def _name(value: object) -> str:
    given = _decoded(" ".join(str(value or "").split())[:300])
    return clean_line(given.replace("\\", "/").rsplit("/", 1)[-1], 100)


def _text(data: bytes, charset: str) -> str:
    """What these bytes say: in the charset they claim, else in the one they look like."""
    wanted = charset.strip().strip("\"'").lower().replace("cp-", "cp").replace("win-", "cp")
    for name in (wanted, "utf-8"):
        if not name or name.replace("-", "_") in _NO_CHARSETS:
            continue
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    guess = from_bytes(data[:20_000]).best()
    # A text cut in the middle of a letter is still a text.
    return data.decode(guess.encoding if guess else "utf-8", "replace")


def _writer(message: Message, sender: str) -> Writer:
    """Who wrote it: RFC 3834 for answers of machines, RFC 2919 for lists, RFC 3464 for what came back."""
    kind = str(message.get("content-type") or "")[:300].lower()
    who = sender.split("@")[0].lower()
    if "report-type=" in kind.replace('"', "").replace(" ", "") and "delivery-status" in kind:
        return "bounce"
    if who in ("mailer-daemon", "postmaster") or str(message.get("return-path") or "").strip() == "<>":
        automatic = str(message.get("auto-submitted") or "").lower()
        return "automatic" if automatic.startswith("auto-replied") and who != "mailer-daemon" else "bounce"
    if _header(message, "auto-submitted").lower() not in ("", "no") or message.get("x-autoreply"):
        return "automatic"
    if message.get("list-id") or message.get("list-unsubscribe"):
        return "list"
    precedence = _header(message, "precedence").lower()
    return (
        "list"
        if precedence in ("bulk", "list", "junk")
        else "automatic"
        if precedence == "auto_reply"
        else "person"
    )


def _last(message: Message) -> str:
    """The end of a report, where the head of what it is about stands."""
    try:
        return message.as_string()[-20_000:]
    except Exception:
        return ""
