"""Follows the sources that have a stream: stored in steps with their cursor, opened again when they break (G4, G5).

A followed source is claimed like one that is being asked, so nobody else asks it; while it cannot be followed, it is
asked as often as its settings say, and that closes the gap.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from stormdesk import networks
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.core.jobs import stopping
from stormdesk.core.retry import backoff
from stormdesk.listen import rules
from stormdesk.listen.actions import health, sources
from stormdesk.listen.actions.ingest import ingest
from stormdesk.listen.actions.words import Words, words_of
from stormdesk.listen.following.reader import Reader, Told, Wire
from stormdesk.listen.models import Source
from stormdesk.networks import pace
from stormdesk.networks.base import Batch, Incoming, NetworkError, Permanent

TOGETHER = 500
"""Posts stored in one transaction at most, and the seconds after which fewer are stored too."""
PATIENCE = 0.5
QUIETLY = 5.0
"""Seconds after which a cursor, and removals, are stored though nothing that somebody listens for was said."""
LOOK_EVERY = 2.0
"""Seconds between looks for sources to follow or to leave."""
RENEW = health.CLAIM / 3
BEAT = timedelta(seconds=20)
"""How often an open stream on which nothing is said counts as an answer: its connection is known to live."""
GIVEN_UP = 600.0
"""Seconds after which a stream that was refused for good is tried again; it is asked as a list meanwhile."""
STEADY = 30.0
"""Seconds an open stream must last to count as working though nothing was said on it."""
NAMES_WITHIN = 10.0


@dataclass
class _Followed:
    """One source of ours: `waiting` and `cursor` are heard and not stored yet, `until` is the claim we hold.

    `since`: when the first post that waits came (0: none waits, or only removals); `stored`: when it was stored last.
    """

    source: Source
    wire: Wire
    until: datetime
    words: Words
    open: bool = False
    opened: float = 0.0
    failures: int = 0
    again: float = 0.0
    waiting: list[Incoming] = field(default_factory=list)
    cursor: dict[str, Any] | None = None
    lost: bool = False
    behind: float | None = None
    since: float = 0.0
    stored: float = 0.0
    beat: datetime | None = None


class Follower:
    """Follows streams; `turn` is called again and again by one thread."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.followed: dict[int, _Followed] = {}
        self.refused: dict[int, float] = {}
        """Sources whose streams were refused: when they are tried again."""
        self.looked = 0.0

    def turn(self, now: datetime, seconds: float = 1.0) -> int:
        """Follow for about so many seconds; returns how many mentions were new."""
        ends, stored = time.monotonic() + seconds, 0
        self._look(now)
        while not stopping.is_set():
            told = self.reader.take(min(0.1, max(0.0, ends - time.monotonic())))
            if told is not None:
                stored += self._heard(told)
            moment = time.monotonic()
            for one in list(self.followed.values()):
                if _is_due(one, moment):
                    stored += self._store(one)
                if not one.open and one.again and moment >= one.again:
                    self._open(one)
            if moment >= ends:
                break
        return stored

    def end(self) -> None:
        """Store what waits, let every source go, close the connections."""
        for one in list(self.followed.values()):
            self._store(one)
            self._leave(one, utcnow())
        self.reader.end()

    def _look(self, now: datetime) -> None:
        if time.monotonic() - self.looked < LOOK_EVERY:
            return
        self.looked = time.monotonic()
        moment = utcnow()
        for one in list(self.followed.values()):
            self._keep(one, moment)
        for source in _streams().filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)):
            if source.pk in self.followed or self.refused.get(source.pk, 0) > time.monotonic():
                continue
            until = moment + health.CLAIM
            same = Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until)
            if same.update(claimed_until=until):
                self._follow(source, until, moment)

    def _follow(self, source: Source, until: datetime, now: datetime) -> None:
        try:
            wire = _wire(source)
        except StormdeskError as error:
            self.refused[source.pk] = time.monotonic() + GIVEN_UP
            health.failed(source, Permanent(str(error), code="not_ready"), now)
            Source.objects.filter(pk=source.pk).update(claimed_until=None)
            return
        one = self.followed[source.pk] = _Followed(source, wire, until, words_of(source.brand_id))
        self._open(one)

    def _open(self, one: _Followed) -> None:
        """Connect from what was stored last; whatever an earlier connection still has waiting is passed over."""
        one.again, one.waiting, one.cursor, one.since, one.opened = 0.0, [], None, 0.0, time.monotonic()
        one.wire = Wire(
            one.source.pk, one.wire.network, one.wire.kind, one.wire.settings, one.wire.secret,
            dict(one.source.cursor), one.wire.attempt + 1,
        )  # fmt: skip
        self.reader.open(one.wire)

    def _keep(self, one: _Followed, now: datetime) -> None:
        """Renew the claim; leave a source that was changed, switched off or taken over."""
        fresh = _streams().filter(pk=one.source.pk).first()
        if fresh is None or fresh.claimed_until != one.until or _told(fresh) != _told(one.source):
            self._leave(one, now)
            return
        if one.until - now < health.CLAIM - RENEW:
            until = now + health.CLAIM
            if not Source.objects.filter(pk=one.source.pk, claimed_until=one.until).update(
                claimed_until=until
            ):
                self._leave(one, now)
                return
            one.until = until
        # Others change its state meanwhile; the cursor is ours alone.
        one.source, one.words = fresh, words_of(fresh.brand_id)
        if one.open and one.cursor is None and (one.beat is None or now - one.beat >= BEAT):
            one.beat = now
            health.answered(one.source, Batch([], dict(one.source.cursor)), heard=False, now=now)

    def _heard(self, told: Told) -> int:
        one = self.followed.get(told.wire.source)
        if one is None or told.wire.attempt != one.wire.attempt:
            return 0
        if isinstance(told.what, NetworkError):
            stored = self._store(one)
            self._broken(one, told.what)
            return stored
        one.open = True
        if told.what.items or time.monotonic() - one.opened > STEADY:
            one.failures = 0  # a server that only opens and ends again is not listened to
        wanted = _wanted(one, told.what.items)
        if not one.since and not all(item.deleted for item in wanted):
            one.since = time.monotonic()
        one.waiting += wanted
        one.cursor = told.what.cursor
        one.lost |= told.what.lost
        one.behind = told.what.behind if told.what.behind is not None else one.behind
        return 0

    def _store(self, one: _Followed) -> int:
        if one.cursor is None:
            return 0
        batch = Batch(self._named(one), one.cursor, lost=one.lost, behind=one.behind)
        now = utcnow()
        stored = ingest(source=one.source, batch=batch, now=now).stored
        one.waiting, one.cursor, one.lost, one.beat = [], None, False, now
        one.since, one.stored = 0.0, time.monotonic()
        return stored

    def _named(self, one: _Followed) -> list[Incoming]:
        """What waits, with the names that streams leave out."""
        told = [item for item in one.waiting if not item.deleted]
        if not told:
            return one.waiting

        async def complete() -> list[Incoming]:
            wire = one.wire
            asked = wire.network.complete(wire.settings, wire.secret, told)
            with pace.priority(pace.Priority.LISTENING):
                return await asyncio.wait_for(asked, NAMES_WITHIN)

        try:
            named = iter(asyncio.run(complete()))
        except TimeoutError:
            return one.waiting
        return [item if item.deleted else next(named, item) for item in one.waiting]

    def _broken(self, one: _Followed, error: NetworkError) -> None:
        """The stream ended. Soon again; or, if it is refused or keeps failing, asked as a list meanwhile."""
        one.open, one.failures = False, one.failures + 1
        now = utcnow()
        pause = max(getattr(error, "after", None) or 0.0, backoff(one.failures - 1, cap=60.0))
        if isinstance(error, Permanent):
            pause = GIVEN_UP
        elif one.failures > 1:
            # The first break is nothing to tell: connections end, and the cursor loses nothing.
            health.failed(one.source, error, now)
        if isinstance(error, Permanent) or one.failures >= rules.FAILURES_TOLERATED:
            self.refused[one.source.pk] = time.monotonic() + pause
            self._leave(one, now)
        else:
            one.again = time.monotonic() + pause

    def _leave(self, one: _Followed, now: datetime) -> None:
        self.reader.close(one.source.pk)
        self.followed.pop(one.source.pk, None)
        Source.objects.filter(pk=one.source.pk, claimed_until=one.until).update(
            claimed_until=None, due_at=now
        )


def _is_due(one: _Followed, moment: float) -> bool:
    """Whether what waits is to be stored now."""
    if one.cursor is None:
        return False
    if one.lost or len(one.waiting) >= TOGETHER:
        return True
    return moment - one.since >= PATIENCE if one.since else moment - one.stored >= QUIETLY


def _wanted(one: _Followed, items: list[Incoming]) -> list[Incoming]:
    """Those that somebody listens for, and removals, which may be of something known."""
    everything = rules.keeps_everything(one.source.kind, one.source.settings) or not one.words.asked()
    return [
        item
        for item in items
        if everything or item.deleted or item.addressed or one.words.found_in(item.text)
    ]


def _streams() -> Any:
    """Sources that can be followed and are switched on."""
    pairs = Q(pk__in=[])
    for network in networks.ALL.values():
        kinds = [way.kind for way in network.sources if way.stream]
        if kinds and not network.asked_as_list:
            pairs |= Q(network=network.name, kind__in=kinds)
    return (
        Source.objects.filter(pairs)
        .exclude(state=rules.SourceState.OFF)
        .select_related("brand", "account", "account__secret")
        .order_by("pk")
    )


def _wire(source: Source) -> Wire:
    network, way = sources.way_of(source.network, source.kind)
    settings, secret = sources.settings_of(source), sources.open_secret(source)
    return Wire(source.pk, network, way.kind, settings, secret, dict(source.cursor))


def _told(source: Source) -> tuple[Any, ...]:
    """What a stream was opened with: when it changes, it is opened anew."""
    account = source.account
    sealed = getattr(getattr(account, "secret", None), "sealed", "")
    return source.settings, source.sealed, account and account.settings, sealed


_follower: Follower | None = None


def follow_streams(now: datetime) -> int:
    """Follow every source that has a stream; called again and again by the listening process."""
    global _follower
    if _follower is None:
        _follower = Follower()
    stored = _follower.turn(now)
    if stopping.is_set():
        _follower.end()
        _follower = None
    return stored
