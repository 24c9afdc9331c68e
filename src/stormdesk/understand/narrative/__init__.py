"""Narratives: which post copies which, which tell one story in different words, and where a narrative began."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zipfile import BadZipFile

import numpy as np

from stormdesk.understand.narrative.copies import COPY, EXACT_ENOUGH, PERMUTATIONS, Copies, sketches
from stormdesk.understand.narrative.topics import Allowance, Post, Topics
from stormdesk.understand.narrative.words import NOISE, plain, shown, subject

STORIES = 20_000
"""Stories remembered unless told otherwise."""
_HOUR = 3600.0
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a post belongs: the post it copies, if any, and the first post of its narrative (maybe itself)."""

    copy_of: str | None
    narrative: str


def _seconds(at: datetime | float) -> float:
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return float(at)


class NarrativeIndex:
    """Places posts online: near-copies first, then, among what copies nothing, stories told in different words.

    Each post is compared with those of the last `hours`, at most `posts` of them, and with at most `stories` stories
    (0, the default: copies alone; `STORIES` is a good number). `allowance` bounds how many posts the sentence encoder
    reads; the others are judged by their words. Memory has a ceiling whatever streams through. A narrative's name is
    its first post's id and never changes. Posts should come roughly in order of time.

    >>> index = NarrativeIndex()
    >>> index.add("1", "Банк списал деньги дважды, верните!", 0.0)
    Placement(copy_of=None, narrative='1')
    >>> index.add("2", "RT @x: банк списал деньги дважды — верните", 60.0)
    Placement(copy_of='1', narrative='1')
    """

    def __init__(
        self,
        *,
        hours: float = 72,
        posts: int = 200_000,
        stories: int = 0,
        allowance: Allowance | None = None,
    ) -> None:
        self.hours = hours
        self._copies = Copies(posts)
        self._topics = Topics(stories, hours * _HOUR, allowance or Allowance())

    def __len__(self) -> int:
        return len(self._copies)

    def add(self, id: str, text: str, at: datetime | float) -> Placement:
        """Place a post published `at` (a time, or seconds) and remember it."""
        return self.add_all([(id, text, at)])[0]

    def add_all(self, posts: Sequence[tuple[str, str, datetime | float]]) -> list[Placement]:
        """Place many (id, text, at) at once, in order: the same as one by one, at a fraction of the cost."""
        plains = [plain(text) for _, text, _ in posts]
        seconds = [_seconds(at) for _, _, at in posts]
        copied = self._copied(posts, plains, seconds)
        alone = [row for row, found in enumerate(copied) if found is None]
        told = self._told(
            [Post(posts[row][0], shown(posts[row][1]), subject(plains[row]), seconds[row]) for row in alone]
        )
        named = {posts[row][0]: story for row, story in zip(alone, told, strict=True)}
        self._copies.rename(named, len(posts))
        placed = []
        for row, found in enumerate(copied):
            if found is None:
                placed.append(Placement(None, named[posts[row][0]]))
            else:
                original, narrative = found
                narrative = named.get(narrative, narrative)
                self._topics.told_again(narrative, seconds[row])
                placed.append(Placement(original, narrative))
        return placed

    def _told(self, posts: list[Post]) -> list[str]:
        return self._topics.place(posts) if self._topics.most else [post.name for post in posts]

    def _copied(
        self, posts: Sequence[tuple[str, str, datetime | float]], plains: list[str], seconds: list[float]
    ) -> list[tuple[str, str] | None]:
        """For each post the id it copies and that one's narrative, or None; all are remembered."""
        copies = self._copies
        digests = sketches(plains)
        slots = copies.slots(digests)
        found: list[tuple[str, str] | None] = []
        for row, (id, _, _) in enumerate(posts):
            best, alike = copies.nearest(digests[row], slots[row], seconds[row], self.hours * _HOUR)
            known = (copies.ids[best], copies.narratives[best]) if alike >= COPY else None
            found.append(known)
            if alike >= EXACT_ENOUGH:
                # The original stays findable for as long as it is being copied.
                copies.at[best] = max(copies.at[best], seconds[row])
            elif copies.remember(id, known[1] if known else id, seconds[row], digests[row], slots[row]):
                slots = copies.slots(digests)
        return found

    def dump(self) -> bytes:
        """The whole index as bytes, for `load`: numpy arrays and JSON, nothing executable."""
        copies, count = self._copies, len(self._copies)
        values, arrays = self._topics.state()
        names = json.dumps(
            {
                "format": _FORMAT,
                "hours": self.hours,
                "posts": copies.most,
                "stories": self._topics.most,
                "allowance": [self._topics.allowance.at_once, self._topics.allowance.share],
                "next": copies.next,
                "ids": copies.ids,
                "narratives": [
                    n if n != i else None for i, n in zip(copies.ids, copies.narratives, strict=True)
                ],
                "topics": values,
            }
        ).encode()
        out = io.BytesIO()
        np.savez(
            out,
            names=np.frombuffer(names, dtype=np.uint8),
            at=copies.at[:count],
            digests=copies.digests[:count],
            **arrays,
        )
        return out.getvalue()

    @classmethod
    def load(cls, data: bytes) -> NarrativeIndex:
        """An index as `dump` wrote it. ValueError when the bytes are not one."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                names = json.loads(stored["names"].tobytes())
                arrays = {name: stored[name] for name in stored.files if name != "names"}
            if names["format"] != _FORMAT or arrays["digests"].shape != (len(names["ids"]), PERMUTATIONS):
                raise ValueError
            index = cls(
                hours=names["hours"],
                posts=names["posts"],
                stories=names["stories"],
                allowance=Allowance(*names["allowance"]),
            )
            narratives = [n or i for i, n in zip(names["ids"], names["narratives"], strict=True)]
            index._copies.restore(names["ids"], narratives, arrays["at"], arrays["digests"], names["next"])
            index._topics.restore(names["topics"], arrays)
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, BadZipFile) as error:
            raise ValueError("not a saved narrative index of this version") from error
        return index


__all__ = ["COPY", "NOISE", "STORIES", "Allowance", "NarrativeIndex", "Placement"]
