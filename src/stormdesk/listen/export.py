"""Mentions for other programs: CSV that no spreadsheet takes for formulas, and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from stormdesk.listen.models import Mention

COLUMNS = (
    "id", "network", "native_id", "kind", "about", "published_at", "heard_at", "edited_at", "deleted_at",
    "author_handle", "author_name", "author_followers", "text", "url", "in_reply_to", "language", "mood",
    "negative", "neutral", "positive", "complaint", "needs_reply", "waits", "urgency", "scam", "narrative",
    "copy_of",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """A value as a cell. What a spreadsheet could run as a formula gets an apostrophe before it (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return "'" + text
    return text


def _row(mention: Mention) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in COLUMNS:
        value: Any = mention.narrative_id if name == "narrative" else getattr(mention, name)
        row[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return row


def lines(mentions: Iterable[Mention], form: str) -> Iterator[str]:
    """The file, piece by piece: `form` is csv or jsonl."""
    if form == "jsonl":
        for mention in mentions:
            yield json.dumps(_row(mention), ensure_ascii=False) + "\n"
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    # A byte order mark, without which Excel reads Cyrillic as something else.
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for mention in mentions:
        writer.writerow([cell(value) for value in _row(mention).values()])
        if buffer.tell() > 65_536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
