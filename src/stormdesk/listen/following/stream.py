"""One connection, and the sources that are followed by it: what it says is sorted to those whom it concerns.

Every source that asks for the same public stream of the same place is a member of one connection. A text is matched
once against the words of all of them; each source's posts and its cursor are stored together (G4), and the cursors of
those for whom nothing came move in one statement.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stormdesk.listen import rules
from stormdesk.listen.actions import health
from stormdesk.listen.actions.ingest import ingest
from stormdesk.listen.actions.words import WordsOfMany, words_of_many
from stormdesk.listen.following.reader import Wire
from stormdesk.listen.models import Mention, Source
from stormdesk.networks import pace
from stormdesk.networks.base import Batch, Incoming

log = logging.getLogger("stormdesk.listen")
NEAR = 10.0
"""Seconds behind its network at most for a stream to be taken as caught up: others may join it."""
SAME_TIME = timedelta(minutes=5)
"""Sources that were last answered within so long of each other begin again on one connection."""
NAMES_WITHIN = 10.0
_ASKED_AT_ONCE = 500


@dataclass
class Member:
    """One source of ours: `until` is the claim we hold, `waiting` is heard and not stored yet, numbered in order."""

    source: Source
    until: datetime
    waiting: list[tuple[int, Incoming]] = field(default_factory=list)


@dataclass
class Stream:
    """`here`: the cursor of what was taken last; `stored`: of what all members have stored; `cursor`: of what waits.

    `since`: monotonic seconds when the first post that waits came (0: none waits, or only removals); `most_waiting`:
    posts that wait for the member with the most.
    """

    place: object
    wire: Wire
    began_at: datetime | None
    here: dict[str, Any]
    stored: dict[str, Any]
    members: dict[int, Member] = field(default_factory=dict)
    words: WordsOfMany | None = None
    open: bool = False
    opened: float = 0.0
    failures: int = 0
    again: float = 0.0
    cursor: dict[str, Any] | None = None
    lost: bool = False
    behind: float | None = None
    since: float = 0.0
    most_waiting: int = 0
    stored_at: float = 0.0
    beat: datetime | None = None
    altered: list[tuple[int, Incoming]] = field(default_factory=list)
    """Removals and edits: of something known, perhaps, in whatever words it now stands."""
    _taken: int = 0
    _everything: list[Member] = field(default_factory=list)
    _by_brand: dict[int, list[Member]] = field(default_factory=dict)

    def is_near(self) -> bool:
        """Whether it hears what is said as it is said."""
        return self.open and self.behind is not None and self.behind <= NEAR

    def fits(self, source: Source) -> bool:
        """Whether a source may go on by this connection: nothing it has not heard has gone past here.

        One that begins waits for no other's catching up, and one that is up to date neither.
        """
        if self.here == source.cursor:
            return True
        if not source.cursor:
            return self.is_near()
        if not rules.not_past(self.here, source.cursor):
            return False
        last, began = source.answered_at, self.began_at
        return self.is_near() or bool(last and began and abs(last - began) <= SAME_TIME)

    def learn(self) -> None:
        """Take the members and their words as they now are; call it whenever either may have changed."""
        self.words = words_of_many({member.source.brand_id for member in self.members.values()}, self.words)
        by_brand: dict[int, list[Member]] = defaultdict(list)
        self._everything = []
        for member in self.members.values():
            source = member.source
            # Without a single query there is nothing to sort by.
            if (
                rules.keeps_everything(source.kind, source.settings)
                or source.brand_id not in self.words.asked
            ):
                self._everything.append(member)
            else:
                by_brand[source.brand_id].append(member)
        self._by_brand = dict(by_brand)

    def take(self, batch: Batch) -> bool:
        """Sort what was said; returns whether a post of it, and not only a removal, waits now."""
        posts = False
        for item in batch.items:
            self._taken += 1
            if item.deleted or item.edited_at is not None:
                self.altered.append((self._taken, item))
            if not item.deleted:
                for member in self._concerned(item):
                    member.waiting.append((self._taken, item))
                    self.most_waiting = max(self.most_waiting, len(member.waiting))
                    posts = True
        self.here = self.cursor = batch.cursor
        self.lost |= batch.lost
        self.behind = batch.behind if batch.behind is not None else self.behind
        return posts

    def _concerned(self, item: Incoming) -> list[Member]:
        if item.addressed:
            return list(self.members.values())
        found = self.words.brands_in(item.text) if self.words and self._by_brand else ()
        if not found:
            return self._everything
        return self._everything + [member for brand in found for member in self._by_brand.get(brand, ())]

    def store(self, now: datetime) -> int:
        """Store what waits, each member's with its cursor; returns how many mentions were new.

        A member whose storing fails is let go of here and goes on later from what it had stored; the others go on now.
        """
        if self.cursor is None:
            return 0
        self._bring_altered()
        said = Batch([], self.cursor, lost=self.lost, behind=self.behind)
        busy = [member for member in self.members.values() if member.waiting]
        named = self._named(busy)
        stored = 0
        for member in busy:
            items = [named.get(number, item) for number, item in member.waiting]
            batch = Batch(items, said.cursor, lost=said.lost, behind=said.behind)
            try:
                stored += ingest(source=member.source, batch=batch, now=now).stored
            except Exception:
                if len(self.members) == 1:
                    raise
                log.exception("storing failed", extra={"source": member.source.pk})
                del self.members[member.source.pk]
                self.learn()
            member.waiting = []
        stored_here = {member.source.pk for member in busy}
        quiet = [member.source for pk, member in self.members.items() if pk not in stored_here]
        health.followed(quiet, said, now)
        self.stored, self.cursor, self.lost, self.beat = said.cursor, None, False, now
        self.since, self.most_waiting = 0.0, 0
        return stored

    def live(self, now: datetime) -> None:
        """Nothing was said, but the connection is known to live: that is an answer too."""
        self.beat = now
        health.followed([member.source for member in self.members.values()], Batch([], dict(self.here)), now)

    def forget(self) -> None:
        """Drop what waits; it comes again from what was stored."""
        for member in self.members.values():
            member.waiting = []
        self.altered, self.cursor, self.lost, self.open = [], None, False, False
        self.since, self.most_waiting = 0.0, 0
        self.here = dict(self.stored)

    def _bring_altered(self) -> None:
        """Give every removal and edit to those who know the post, from earlier or since the last storing."""
        if not self.altered:
            return
        ids = list({item.native_id for _, item in self.altered})
        brands: dict[str, set[int]] = defaultdict(set)
        network = self.wire.network.name
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            known = Mention.objects.filter(network=network, native_id__in=ids[start : start + _ASKED_AT_ONCE])
            for native_id, brand in known.values_list("native_id", "brand_id"):
                brands[native_id].add(brand)
        for member in self.members.values():
            got = {number for number, _ in member.waiting}
            new = {item.native_id for _, item in member.waiting}
            brand = member.source.brand_id
            more = [
                (number, item)
                for number, item in self.altered
                if number not in got and (item.native_id in new or brand in brands.get(item.native_id, ()))
            ]
            if more:
                member.waiting = sorted(member.waiting + more, key=lambda entry: entry[0])
        self.altered = []

    def _named(self, members: list[Member]) -> dict[int, Incoming]:
        """What waits, by its number, with the names that streams leave out; asked once for all members."""
        told = {number: item for one in members for number, item in one.waiting if not item.deleted}
        if not told:
            return {}

        async def complete() -> list[Incoming]:
            asked = self.wire.network.complete(self.wire.settings, self.wire.secret, list(told.values()))
            with pace.priority(pace.Priority.LISTENING):
                return await asyncio.wait_for(asked, NAMES_WITHIN)

        try:
            return dict(zip(told, asyncio.run(complete()), strict=False))
        except TimeoutError:
            return {}
