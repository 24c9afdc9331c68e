"""Follows the sources that have a stream: stored in steps with their cursor, opened again when they break (G4, G5).

A followed source is claimed like one that is being asked, so nobody else asks it; while it cannot be followed, it is
asked as often as its settings say, and that closes the gap.

Sources that ask for the same public stream share one connection. One that is further back than the others gets a
connection of its own, and when that has caught up, they are put together again: see `Stream.fits` and `_put_together`.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import Q

from stormdesk import networks
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.core.jobs import stopping
from stormdesk.core.retry import backoff
from stormdesk.listen import rules
from stormdesk.listen.actions import health, sources
from stormdesk.listen.following.reader import Reader, Told, Wire
from stormdesk.listen.following.stream import Member, Stream
from stormdesk.listen.models import Source
from stormdesk.networks.base import NetworkError, Permanent

TOGETHER = 500
"""Posts of one source stored in one transaction at most, and the seconds after which fewer are stored too."""
PATIENCE = 0.5
QUIETLY = 5.0
"""Seconds after which a cursor, and removals, are stored though nothing that somebody listens for was said."""
MOST_ALTERED = 5_000
LOOK_EVERY = 2.0
"""Seconds between looks for sources to follow or to leave."""
RENEW = health.CLAIM / 3
BEAT = timedelta(seconds=20)
"""How often an open stream on which nothing is said counts as an answer: its connection is known to live."""
GIVEN_UP = 600.0
"""Seconds after which a stream that was refused for good is tried again; it is asked as a list meanwhile."""
STEADY = 30.0
"""Seconds an open stream must last to count as working though nothing was said on it."""


class Follower:
    """Follows streams; `turn` is called again and again by one thread."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.streams: dict[int, Stream] = {}
        self.refused: dict[int, float] = {}
        """Sources whose streams were refused: when they are tried again."""
        self.looked = 0.0
        self._numbers = count()

    @property
    def followed(self) -> set[int]:
        """The sources that are followed now."""
        return {pk for stream in self.streams.values() for pk in stream.members}

    def turn(self, now: datetime, seconds: float = 1.0) -> int:
        """Follow for about so many seconds; returns how many mentions were new."""
        ends, stored = time.monotonic() + seconds, 0
        self._look(now)
        while not stopping.is_set():
            told = self.reader.take(min(0.1, max(0.0, ends - time.monotonic())))
            if told is not None:
                stored += self._heard(told)
            moment = time.monotonic()
            for stream in list(self.streams.values()):
                if _is_due(stream, moment):
                    stored += self._store(stream)
                if not stream.open and stream.again and moment >= stream.again:
                    self._open(stream)
            if moment >= ends:
                break
        return stored

    def end(self) -> None:
        """Store what waits, let every source go, close the connections."""
        for stream in list(self.streams.values()):
            self._store(stream)
            self._leave(stream, list(stream.members.values()), utcnow())
        self.reader.end()

    def _look(self, now: datetime) -> None:
        if time.monotonic() - self.looked < LOOK_EVERY:
            return
        self.looked = time.monotonic()
        moment = utcnow()
        there = {source.pk: source for source in _streams()}
        for stream in list(self.streams.values()):
            self._keep(stream, there, moment)
        self._put_together(moment)
        followed = self.followed
        new = [
            source
            for source in there.values()
            if source.pk not in followed
            and (source.claimed_until is None or source.claimed_until < now)
            and self.refused.get(source.pk, 0) <= time.monotonic()
        ]
        joined = set()
        # The furthest back first: those that were answered at about the same time go on with it, on one connection.
        for source in sorted(new, key=lambda one: (one.answered_at is None, one.answered_at or moment)):
            until = moment + health.CLAIM
            same = Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until)
            if same.update(claimed_until=until):
                joined.add(self._follow(source, until, moment))
        for stream in self.streams.values():
            if stream.wire.number in joined:
                stream.learn()

    def _follow(self, source: Source, until: datetime, now: datetime) -> int | None:
        """Let it join a connection or open one; returns the connection's number."""
        place = _place(source)
        stream = next((s for s in self.streams.values() if s.place == place and s.fits(source)), None)
        if stream is None:
            try:
                wire = _wire(next(self._numbers), source)
            except StormdeskError as error:
                self.refused[source.pk] = time.monotonic() + GIVEN_UP
                health.failed(source, Permanent(str(error), code="not_ready"), now)
                Source.objects.filter(pk=source.pk).update(claimed_until=None)
                return None
            here = dict(source.cursor)
            stream = self.streams[wire.number] = Stream(place, wire, source.answered_at, here, dict(here))
            self._open(stream)
        stream.members[source.pk] = Member(source, until)
        return stream.wire.number

    def _open(self, stream: Stream) -> None:
        """Connect from what was stored last; whatever an earlier connection still has waiting is passed over."""
        stream.forget()
        stream.again, stream.opened = 0.0, time.monotonic()
        wire = stream.wire
        stream.wire = Wire(
            wire.number, wire.network, wire.kind, wire.settings, wire.secret, dict(stream.stored), wire.attempt + 1
        )  # fmt: skip
        self.reader.open(stream.wire)

    def _keep(self, stream: Stream, there: dict[int, Source], now: datetime) -> None:
        """Renew the claims; leave sources that were changed, switched off or taken over; take new words."""
        gone = [
            member
            for pk, member in stream.members.items()
            if (fresh := there.get(pk)) is None
            or fresh.claimed_until != member.until
            or _told(fresh) != _told(member.source)
        ]
        self._leave(stream, gone, now)
        if not stream.members:
            return
        old = {member.until for member in stream.members.values()}
        if min(old) - now < health.CLAIM - RENEW:
            until = now + health.CLAIM
            # One that was taken over this very moment keeps its new claim, and is left at the next look.
            Source.objects.filter(pk__in=list(stream.members), claimed_until__in=old).update(
                claimed_until=until
            )
            for member in stream.members.values():
                member.until = until
        for pk, member in stream.members.items():
            member.source = there[pk]  # others change its state meanwhile; the cursor is ours alone
        stream.learn()
        if stream.open and stream.cursor is None and (stream.beat is None or now - stream.beat >= BEAT):
            stream.live(now)

    def _put_together(self, now: datetime) -> None:
        """Let those of one place who are caught up go on together, from the furthest back: nothing is missed by that.

        What the others have heard already comes to them again and is known.
        """
        places: dict[Any, list[Stream]] = defaultdict(list)
        for stream in self.streams.values():
            places[stream.place].append(stream)
        for same in places.values():
            for back in same:
                for ahead in same:
                    here = back.wire.number in self.streams and ahead.wire.number in self.streams
                    if back is ahead or not here or not back.is_near():
                        continue
                    if back.here and rules.not_past(back.here, ahead.here):
                        self._store(ahead)
                        self._close(ahead)
                        back.members |= ahead.members
                        back.learn()

    def _heard(self, told: Told) -> int:
        stream = self.streams.get(told.wire.number)
        if stream is None or told.wire.attempt != stream.wire.attempt:
            return 0
        if isinstance(told.what, NetworkError):
            stored = self._store(stream)
            self._broken(stream, told.what)
            return stored
        stream.open = True
        if told.what.items or time.monotonic() - stream.opened > STEADY:
            stream.failures = 0  # a server that only opens and ends again is not listened to
        if stream.take(told.what) and not stream.since:
            stream.since = time.monotonic()
        return 0

    def _store(self, stream: Stream) -> int:
        stored = stream.store(utcnow())
        stream.stored_at = time.monotonic()
        return stored

    def _broken(self, stream: Stream, error: NetworkError) -> None:
        """The stream ended. Soon again; or, if it is refused or keeps failing, asked as a list meanwhile."""
        stream.open, stream.failures = False, stream.failures + 1
        now = utcnow()
        pause = max(getattr(error, "after", None) or 0.0, backoff(stream.failures - 1, cap=60.0))
        if isinstance(error, Permanent):
            pause = GIVEN_UP
        elif stream.failures > 1:
            # The first break is nothing to tell: connections end, and the cursor loses nothing.
            for member in stream.members.values():
                health.failed(member.source, error, now)
        if isinstance(error, Permanent) or stream.failures >= rules.FAILURES_TOLERATED:
            for pk in stream.members:
                self.refused[pk] = time.monotonic() + pause
            self._leave(stream, list(stream.members.values()), now)
        else:
            stream.again = time.monotonic() + pause

    def _leave(self, stream: Stream, members: Iterable[Member], now: datetime) -> None:
        """Let sources go: they may be asked as lists, or followed by others."""
        claims = {member.source.pk: member.until for member in members}
        for pk in claims:
            del stream.members[pk]
        if not stream.members:
            self._close(stream)
        if claims:
            ours = Source.objects.filter(pk__in=list(claims), claimed_until__in=set(claims.values()))
            ours.update(claimed_until=None, due_at=now)

    def _close(self, stream: Stream) -> None:
        self.reader.close(stream.wire.number)
        self.streams.pop(stream.wire.number, None)


def _is_due(stream: Stream, moment: float) -> bool:
    """Whether what waits is to be stored now."""
    if stream.cursor is None:
        return False
    if stream.lost or stream.most_waiting >= TOGETHER or len(stream.altered) >= MOST_ALTERED:
        return True
    return moment - stream.since >= PATIENCE if stream.since else moment - stream.stored_at >= QUIETLY


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


def _place(source: Source) -> object:
    """What is the same for all sources that can be followed by one connection.

    A stream that is opened with an account or a secret is that source's own: brands are walls.
    """
    if source.account_id is not None or source.sealed:
        return source.pk
    asked = {name: value for name, value in source.settings.items() if name != rules.POLICY}
    return source.network, source.kind, json.dumps(asked, sort_keys=True)


def _wire(number: int, source: Source) -> Wire:
    network, way = sources.way_of(source.network, source.kind)
    settings, secret = sources.settings_of(source), sources.open_secret(source)
    return Wire(number, network, way.kind, settings, secret, dict(source.cursor))


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
