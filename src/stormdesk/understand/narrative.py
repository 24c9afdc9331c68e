"""Narratives: which post copies which, and where a narrative began."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zipfile import BadZipFile

import numpy as np
from rensa import RMinHash

from stormdesk.understand.fold import fold

COPY = 0.5
"""Estimated share of common shingles (Jaccard) from which a post is a copy."""
_EXACT_ENOUGH = 0.85
"""A copy this close adds nothing to find others by, so it is not indexed."""
_PERMUTATIONS = 64
_BANDS = 16
_SEED = 3
_TEXT_LIMIT = 4_000
_FORMAT = 1
_NO_POST = -1

NOISE = re.compile(r"https?://\S+|www\.\S+|t\.me/\S+|(?:^|\s)(?:rt|рт|via)\s+(?=@)|@\w+:?|&\w+;")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a post belongs: the post it copies, if any, and the first post of its narrative (maybe itself)."""

    copy_of: str | None
    narrative: str


def _shingles(text: str) -> list[str]:
    """Five-letter windows of the words alone: links, mentions, punctuation and case change when people copy."""
    plain = _NOT_WORD.sub(" ", NOISE.sub(" ", fold(text[:_TEXT_LIMIT]))).strip()
    if not plain:
        plain = fold(text[:_TEXT_LIMIT]) or "∅"
    if len(plain) <= 5:
        return [plain]
    return [plain[i : i + 5] for i in range(len(plain) - 4)]


def _seconds(at: datetime | float) -> float:
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return float(at)


class NarrativeIndex:
    """Finds near-copies online: each post is compared with those of the last `hours`, at most `posts` of them.

    MinHash over character shingles (Broder 1997) with 16 bands of 4 values; candidates are verified by the
    estimated Jaccard similarity. Band tables are fixed arrays in which a newer post may push out an older one,
    so memory has a ceiling (about 130 MB at 200,000 different posts, far less when many are copies).

    >>> index = NarrativeIndex()
    >>> index.add("1", "Банк списал деньги дважды, верните!", 0.0)
    Placement(copy_of=None, narrative='1')
    >>> index.add("2", "RT @x: банк списал деньги дважды — верните", 60.0)
    Placement(copy_of='1', narrative='1')
    """

    def __init__(self, *, hours: float = 72, posts: int = 200_000) -> None:
        self.hours = hours
        self.posts = posts
        self._next = 0
        self._ids: list[str] = []
        self._narratives: list[str] = []
        self._at = np.zeros(256, dtype=np.float64)
        self._digests = np.zeros((256, _PERMUTATIONS), dtype=np.uint32)
        self._tables = np.full((_BANDS, 1024), _NO_POST, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, id: str, text: str, at: datetime | float) -> Placement:
        """Place a post published `at` (a time, or seconds) and remember it; posts should come roughly in time order."""
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update(_shingles(text))
        digest = np.array(sketch.digest(), dtype=np.uint32)
        seconds = _seconds(at)
        slots = self._slots(digest[None, :])[:, 0]
        bands = np.arange(_BANDS)
        found = self._tables[bands, slots]
        found = np.unique(found[found != _NO_POST])
        copy_of, narrative, alike = None, id, 0.0
        if found.size:
            found = found[np.abs(self._at[found] - seconds) <= self.hours * 3600]
            similar = (self._digests[found] == digest).mean(axis=1)
            if similar.size:
                best = int(similar.argmax())
                alike = float(similar[best])
                if alike >= COPY:
                    copy_of, narrative = self._ids[found[best]], self._narratives[found[best]]
                    if alike >= _EXACT_ENOUGH:
                        # The original stays findable for as long as it is being copied.
                        self._at[found[best]] = max(self._at[found[best]], seconds)
        if alike < _EXACT_ENOUGH:
            self._remember(id, narrative, seconds, digest, slots)
        return Placement(copy_of, narrative)

    def _slots(self, digests: np.ndarray) -> np.ndarray:
        """Band table positions, shape (bands, posts)."""
        rows = digests.reshape(len(digests), _BANDS, -1).astype(np.uint64)
        mixed = np.zeros(rows.shape[:2], dtype=np.uint64)
        for column in range(rows.shape[2]):
            mixed = (mixed ^ rows[:, :, column]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        return (mixed & np.uint64(self._tables.shape[1] - 1)).astype(np.int64).T

    def _remember(
        self, id: str, narrative: str, seconds: float, digest: np.ndarray, slots: np.ndarray
    ) -> None:
        place = self._next
        if place == len(self._ids):
            self._ids.append(id)
            self._narratives.append(narrative)
        else:
            self._ids[place], self._narratives[place] = id, narrative
        if place >= len(self._at):
            size = min(self.posts, len(self._at) * 2)
            self._at = np.resize(self._at, size)
            self._digests = np.concatenate(
                [self._digests, np.zeros((size - len(self._digests), _PERMUTATIONS), dtype=np.uint32)]
            )
        self._at[place] = seconds
        self._digests[place] = digest
        self._tables[np.arange(_BANDS), slots] = place
        self._next = (place + 1) % self.posts
        if len(self._ids) * 2 > self._tables.shape[1] and self._tables.shape[1] < 2 * self.posts:
            self._reindex(self._tables.shape[1] * 4)

    def _reindex(self, width: int) -> None:
        self._tables = np.full((_BANDS, width), _NO_POST, dtype=np.int32)
        count = len(self._ids)
        order = np.argsort(self._at[:count], kind="stable")
        slots = self._slots(self._digests[order])
        for band in range(_BANDS):
            self._tables[band, slots[band]] = order

    def dump(self) -> bytes:
        """The whole index as bytes, for `load`: numpy arrays and JSON, nothing executable."""
        count = len(self._ids)
        names = json.dumps(
            {
                "format": _FORMAT,
                "hours": self.hours,
                "posts": self.posts,
                "next": self._next,
                "ids": self._ids,
                "narratives": [
                    n if n != i else None for i, n in zip(self._ids, self._narratives, strict=True)
                ],
            }
        ).encode()
        out = io.BytesIO()
        np.savez(
            out,
            names=np.frombuffer(names, dtype=np.uint8),
            at=self._at[:count],
            digests=self._digests[:count],
        )
        return out.getvalue()

    @classmethod
    def load(cls, data: bytes) -> NarrativeIndex:
        """An index as `dump` wrote it. ValueError when the bytes are not one."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                names = json.loads(stored["names"].tobytes())
                at, digests = stored["at"], stored["digests"]
            if names["format"] != _FORMAT or digests.shape != (len(names["ids"]), _PERMUTATIONS):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, BadZipFile) as error:
            raise ValueError("not a saved narrative index of this version") from error
        index = cls(hours=names["hours"], posts=names["posts"])
        count = len(names["ids"])
        if count:
            index._ids = names["ids"]
            index._narratives = [n or i for i, n in zip(names["ids"], names["narratives"], strict=True)]
            size = max(256, count)
            index._at = np.resize(at.astype(np.float64), size)
            index._digests = np.zeros((size, _PERMUTATIONS), dtype=np.uint32)
            index._digests[:count] = digests
            index._next = names["next"]
            width = 1024
            while width < count * 4 and width < 2 * index.posts:
                width *= 4
            index._reindex(width)
        return index
