"""The folders of a mailbox: their names, their uses, and where a letter may lie."""

from __future__ import annotations

import base64
import re

from stormdesk.networks.email import wire

MOST = 30
"""Folders that are searched for one letter."""
_ROW = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)', re.DOTALL)
_LITERAL = re.compile(rb"\{\d{1,6}\}$")
_CLOSED = {b"\\noselect", b"\\nonexistent", b"\\drafts", b"\\trash"}
# Uses (RFC 6154) in the order in which a letter is most likely found.
_USES = (b"\\all", b"\\sent", b"\\archive", b"\\flagged", b"\\junk")


def quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 between quotes (RFC 3501 5.1.3)."""
    encoded = "".join(
        chunk if chunk.isascii() and chunk.isprintable() else _base64(chunk)
        for chunk in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder.replace("&", "&-"))
    )
    return '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def decoded(name: str) -> str:
    """A folder's name as people read it."""

    def chunk(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        packed = found[1].replace(",", "/")
        try:
            return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-16-be", "surrogatepass")
        except ValueError:
            return found[0]

    return re.sub(r"&([^-]*)-", chunk, name)


def likely(mailbox: wire.Imap, chosen: str) -> list[str]:
    """Where a letter may lie, the most likely place first: people and rules move letters about."""
    others = [(name, flags) for name, flags in _listed(mailbox) if name not in (chosen, "INBOX")]

    def rank(entry: tuple[str, set[bytes]]) -> int:
        return next(
            (n for n, use in enumerate(_USES[:-1]) if use in entry[1]), len(_USES) + (_USES[-1] in entry[1])
        )

    ordered = [name for name, _ in sorted(others, key=rank)]
    return list(dict.fromkeys([chosen, "INBOX", *ordered]))[:MOST]


def sent(mailbox: wire.Imap) -> list[str]:
    """The folders for what was sent, by their use or their usual name."""
    usual = ("sent", "inbox.sent", "sent items", "sent messages", "отправленные")
    return [name for name, flags in _listed(mailbox) if b"\\sent" in flags or name.lower() in usual][:3]


def _listed(mailbox: wire.Imap) -> list[tuple[str, set[bytes]]]:
    kind, rows = mailbox.list()
    found: list[tuple[str, set[bytes]]] = []
    for row in rows if kind == "OK" else []:
        if isinstance(row, tuple):  # a name with unusual letters comes as a literal
            row = _LITERAL.sub(b"", row[0]) + row[1]
        match = _ROW.match(row) if isinstance(row, bytes) else None
        if not match:
            continue
        flags = set(match["flags"].lower().split())
        name = match["name"].strip()
        if name[:1] == b'"':
            name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
        if not flags & _CLOSED:
            found.append((decoded(name.decode("ascii", "replace")), flags))
    return found


def _base64(chunk: str) -> str:
    packed = base64.b64encode(chunk.encode("utf-16-be", "surrogatepass")).decode().rstrip("=")
    return f"&{packed.replace('/', ',')}-"
