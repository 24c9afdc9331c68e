"""Where the practice network keeps its posts: a protocol of five questions, and a file that answers them.

Every change of a post (edited, removed) gives it a new `revision`, so "what is new since revision n" also tells
about edits and deletions, as a real network's stream does.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Post:
    """One post on the practice network. `key` is unique: a second `append` with it changes nothing."""

    key: str
    author: str
    text: str
    at: datetime
    name: str = ""
    followers: int | None = None
    in_reply_to: str | None = None
    to_handle: str | None = None
    direct: bool = False
    repost: bool = False
    language: str | None = None
    reach: int | None = None
    native_id: str = ""
    revision: int = 0
    edited_at: datetime | None = None
    deleted: bool = False


class Store(Protocol):
    """What the practice network asks of its memory; a database table can answer as well as a file."""

    async def append(self, post: Post) -> Post:
        """Keep `post` unless its key is known; returns what is kept, with `native_id` and `revision`."""
        ...

    async def find(self, key: str) -> Post | None:
        """The post with this key, deleted or not."""
        ...

    async def get(self, native_id: str) -> Post | None:
        """The post with this id, deleted or not."""
        ...

    async def change(self, native_id: str, text: str | None, at: datetime) -> Post | None:
        """Give the post a new text, or remove it (`text=None`); None if there is no such post."""
        ...

    async def since(self, revision: int, limit: int) -> list[Post]:
        """Posts made or changed after `revision`, oldest change first, at most `limit`."""
        ...


_COLUMNS = [f.name for f in fields(Post)]
_SCHEMA = """CREATE TABLE IF NOT EXISTS post (
    key TEXT NOT NULL UNIQUE, author TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, name TEXT NOT NULL,
    followers INTEGER, in_reply_to TEXT, to_handle TEXT, direct INTEGER NOT NULL, repost INTEGER NOT NULL,
    language TEXT, reach INTEGER, native_id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL UNIQUE, edited_at TEXT,
    deleted INTEGER NOT NULL)"""


class FileStore:
    """Posts in one SQLite file, shared by any number of processes; a kill at any moment loses or doubles nothing."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    async def append(self, post: Post) -> Post:
        return await asyncio.to_thread(self._append, post)

    async def find(self, key: str) -> Post | None:
        return await asyncio.to_thread(self._one, "key = ?", key)

    async def get(self, native_id: str) -> Post | None:
        return await asyncio.to_thread(self._one, "native_id = ?", native_id)

    async def change(self, native_id: str, text: str | None, at: datetime) -> Post | None:
        return await asyncio.to_thread(self._change, native_id, text, at)

    async def since(self, revision: int, limit: int) -> list[Post]:
        return await asyncio.to_thread(self._since, revision, limit)

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_SCHEMA)
        return connection

    def _append(self, post: Post) -> Post:
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute("SELECT * FROM post WHERE key = ?", (post.key,)).fetchone()
            if known is None:
                revision = _next(connection)
                post = replace(post, native_id=post.native_id or f"p{revision}", revision=revision)
                row = {n: v.isoformat() if isinstance(v, datetime) else v for n, v in asdict(post).items()}
                connection.execute(
                    f"INSERT INTO post ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + c for c in _COLUMNS)})",
                    row,
                )
            connection.execute("COMMIT")
        return post if known is None else _post(known)

    def _one(self, where: str, value: str) -> Post | None:
        with closing(self._open()) as connection:
            row = connection.execute(f"SELECT * FROM post WHERE {where}", (value,)).fetchone()
        return _post(row) if row else None

    def _change(self, native_id: str, text: str | None, at: datetime) -> Post | None:
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            revision = _next(connection)
            if text is None:
                connection.execute(
                    "UPDATE post SET deleted = 1, text = '', revision = ? WHERE native_id = ? AND deleted = 0",
                    (revision, native_id),
                )
            else:
                connection.execute(
                    "UPDATE post SET text = ?, edited_at = ?, revision = ? WHERE native_id = ? AND deleted = 0",
                    (text, at.astimezone(UTC).isoformat(), revision, native_id),
                )
            connection.execute("COMMIT")
        return self._one("native_id = ?", native_id)

    def _since(self, revision: int, limit: int) -> list[Post]:
        with closing(self._open()) as connection:
            rows = connection.execute(
                "SELECT * FROM post WHERE revision > ? ORDER BY revision LIMIT ?", (revision, limit)
            ).fetchall()
        return [_post(row) for row in rows]


def _next(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT coalesce(max(revision), 0) + 1 FROM post").fetchone()[0]


def _post(row: sqlite3.Row) -> Post:
    values = dict(row)
    for name in ("at", "edited_at"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    for name in ("direct", "repost", "deleted"):
        values[name] = bool(values[name])
    return Post(**values)
