"""Near-copies online: MinHash sketches in bands, verified by the estimated share of common shingles (Broder 1997)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rensa import RMinHash

COPY = 0.5
"""Estimated share of common shingles (Jaccard) from which a post is a copy."""
EXACT_ENOUGH = 0.85
"""A copy this close adds nothing to find others by, so it is not indexed."""
PERMUTATIONS = 64
_BANDS = 16
_SEED = 3
_NO_POST = -1
_FIRST_WIDTH = 1024
_MIX = np.uint64(0x9E3779B97F4A7C15)
_EVERY_BAND = np.arange(_BANDS)


def sketches(plain_texts: Sequence[str]) -> np.ndarray:
    """MinHash of each text's five-letter windows, texts × `PERMUTATIONS`."""
    result = np.empty((len(plain_texts), PERMUTATIONS), dtype=np.uint32)
    for row, plain in enumerate(plain_texts):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
        sketch.update([plain[i : i + 5] for i in range(len(plain) - 4)] or [plain])
        result[row] = sketch.digest()
    return result


def slots_of(digests: np.ndarray, width: int) -> np.ndarray:
    """Places in band tables of `width` (a power of two), shape (posts, bands)."""
    rows = digests.reshape(len(digests), _BANDS, -1).astype(np.uint64)
    mixed = np.zeros(rows.shape[:2], dtype=np.uint64)
    for column in range(rows.shape[2]):
        mixed = (mixed ^ rows[:, :, column]) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return (mixed & np.uint64(width - 1)).astype(np.int64)


class Copies:
    """The posts remembered, at most `most`, each with its sketch. A newer post may push an older one out of a band."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.next = 0
        self.ids: list[str] = []
        self.narratives: list[str] = []
        self.at = np.zeros(256, dtype=np.float64)
        self.digests = np.zeros((256, PERMUTATIONS), dtype=np.uint32)
        self._tables = np.full((_BANDS, _FIRST_WIDTH), _NO_POST, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.ids)

    def slots(self, digests: np.ndarray) -> np.ndarray:
        return slots_of(digests, self._tables.shape[1])

    def nearest(
        self, digest: np.ndarray, slots: np.ndarray, seconds: float, window: float
    ) -> tuple[int, float]:
        """The most similar remembered post within `window` seconds, and how similar; (-1, 0) when there is none."""
        found = {place for place in self._tables[_EVERY_BAND, slots].tolist() if place != _NO_POST}
        best, alike = -1, 0.0
        for place in sorted(found):
            if abs(self.at[place] - seconds) <= window:
                similar = float(np.count_nonzero(self.digests[place] == digest)) / PERMUTATIONS
                if similar > alike:
                    best, alike = place, similar
        return best, alike

    def remember(
        self, id: str, narrative: str, seconds: float, digest: np.ndarray, slots: np.ndarray
    ) -> bool:
        """Keep a post, the oldest goes when there is no room. True when the tables grew, so that slots have changed."""
        place = self.next
        if place == len(self.ids):
            self.ids.append(id)
            self.narratives.append(narrative)
        else:
            self.ids[place], self.narratives[place] = id, narrative
        if place >= len(self.at):
            self._grow(min(self.most, len(self.at) * 2))
        self.at[place] = seconds
        self.digests[place] = digest
        self._tables[_EVERY_BAND, slots] = place
        self.next = (place + 1) % self.most
        if len(self.ids) * 2 > self._tables.shape[1] and self._tables.shape[1] < 2 * self.most:
            self._index(self._tables.shape[1] * 4)
            return True
        return False

    def rename(self, stories: Mapping[str, str], last: int) -> None:
        """Give the `last` posts remembered the narrative that was found for the post they stand for."""
        for step in range(1, min(len(self.ids), last) + 1):
            place = (self.next - step) % len(self.ids)
            self.narratives[place] = stories.get(self.narratives[place], self.narratives[place])

    def _grow(self, size: int) -> None:
        self.at = np.resize(self.at, size)
        more = np.zeros((size - len(self.digests), PERMUTATIONS), dtype=np.uint32)
        self.digests = np.concatenate([self.digests, more])

    def _index(self, width: int) -> None:
        self._tables = np.full((_BANDS, width), _NO_POST, dtype=np.int32)
        order = np.argsort(self.at[: len(self.ids)], kind="stable")
        slots = slots_of(self.digests[order], width)
        for band in range(_BANDS):
            self._tables[band, slots[:, band]] = order

    def restore(
        self, ids: list[str], narratives: list[str], at: np.ndarray, digests: np.ndarray, next_: int
    ) -> None:
        """Fill an empty memory with what another one held."""
        count = len(ids)
        if not count:
            return
        self.ids, self.narratives, self.next = ids, narratives, next_
        size = max(256, count)
        self.at = np.resize(at.astype(np.float64), size)
        self.digests = np.zeros((size, PERMUTATIONS), dtype=np.uint32)
        self.digests[:count] = digests
        width = _FIRST_WIDTH
        while width < count * 2 and width < 2 * self.most:
            width *= 4
        self._index(width)
