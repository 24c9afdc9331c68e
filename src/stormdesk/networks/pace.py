"""How fast a network may be asked, known to all processes of the desk, and who goes first when little is left.

Every answer tells what is left (`ratelimit-*`, `x-ratelimit-*`, `retry-after`): the next question of the same account to
the same budget looks at that first. Listening leaves a quarter for what people say, speaking leaves the last twentieth
for a pause and a first statement, and those ask no leave at all. Networks that tell nothing are counted by
`Limit.requests`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import re
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from stormdesk.core.retry import retry_after
from stormdesk.networks.errors import Retryable, gettext_noop
from stormdesk.networks.values import Limit

T = TypeVar("T")


class Priority(IntEnum):
    """Who asks. The smaller goes first."""

    URGENT = 0
    """A pause that must find what waits inside networks, and the first statement of a crisis."""
    SPEAKING = 1
    LISTENING = 2


KEPT_BACK = {Priority.SPEAKING: 0.05, Priority.LISTENING: 0.25}
"""The share of a budget that is left for those who go before."""
LONGEST = 3600.0
"""Seconds a budget may hold up at most: an answer that says more is asked again after an hour."""
PACED = "paced"
"""The code of a request that had to wait and was not sent."""
MOMENT, MOMENTS = 2.0, 20
"""Seconds that are sat out at once, and how often: a search of several pages needs some."""
WITHOUT_TIME = 60.0
"""Seconds to wait after “too many requests” that names no time."""
_VARIABLE = re.compile(r"\d+|did:[^/]+|[0-9a-fA-F-]{16,}")


@dataclass
class Budget:
    """What is known of one budget; times in seconds since 1970, `counts`: requests per window that we counted."""

    limit: float = 0.0
    remaining: float = 0.0
    resets: float = 0.0
    blocked: float = 0.0
    counts: dict[str, list[float]] = field(default_factory=dict)

    def wait(self, priority: Priority, now: float) -> float:
        """Seconds to wait before one of this priority may ask; 0: it may ask now."""
        if priority == Priority.URGENT:
            return 0.0
        until = self.blocked
        if self.limit and self.resets > now and self.remaining <= self.limit * KEPT_BACK[priority]:
            until = max(until, self.resets)
        return min(max(until - now, 0.0), LONGEST)

    def note(self, status: int, headers: Mapping[str, str], now: float) -> None:
        """Learn from an answer."""
        moment = datetime.fromtimestamp(now, UTC)
        for prefix in ("ratelimit", "x-ratelimit", "x-rate-limit"):
            limit, remaining = (
                _number(headers.get(f"{prefix}-limit")),
                _number(headers.get(f"{prefix}-remaining")),
            )
            resets = retry_after({"ratelimit-reset": headers.get(f"{prefix}-reset", "")}, moment)
            if remaining is not None and resets is not None:
                # Some tell only what is left: the most they ever said is taken for the whole.
                self.limit = limit if limit is not None else max(self.limit, remaining)
                self.remaining, self.resets = remaining, now + resets
        if status == 429:
            told = retry_after(headers, moment)
            self.blocked = now + (WITHOUT_TIME if told is None else told)
        elif status < 400:
            self.blocked = 0.0

    def count(
        self,
        limits: tuple[Limit, ...],
        priority: Priority,
        now: float,
        units: float = 1.0,
        zone: ZoneInfo | None = None,
    ) -> float:
        """Count a request of so many units against documented limits; seconds to wait instead, if one is used up.

        `zone`: windows are days that begin at midnight there.
        """
        due = 0.0
        for limit in limits:
            began, used = self.counts.get(str(limit.seconds), [0.0, 0.0])
            first, ends = _window(limit, began, now, zone)
            used = used if first == began else 0.0
            # Keeping a share back must not forbid what a limit of one always allows.
            may = max(limit.count * (1 - KEPT_BACK.get(priority, 0.0)), units)
            if priority != Priority.URGENT and used + units > may:
                due = max(due, ends - now)
            self.counts[str(limit.seconds)] = [first, used]
        if not due:
            for limit in limits:
                self.counts[str(limit.seconds)][1] += units
        return min(due, LONGEST)


def _window(limit: Limit, began: float, now: float, zone: ZoneInfo | None) -> tuple[float, float]:
    """When the window of a limit that `now` falls into begins and ends."""
    if zone:
        midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        # Wall clock time: a day that summer time begins on has 23 hours.
        return midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()
    began = now if now - began >= limit.seconds else began
    return began, began + limit.seconds


class Share(NamedTuple):
    """What a request counts against: `units` of the limits of an account."""

    name: str
    limits: tuple[Limit, ...]
    units: float
    zone: ZoneInfo | None


class Store(Protocol):
    """Where budgets are kept between requests."""

    def change(self, name: str) -> contextlib.AbstractContextManager[Budget]:
        """The budget of this name, kept as it is left; nobody else changes it meanwhile."""


class Memory:
    """Known to this process only."""

    def __init__(self) -> None:
        self._budgets: dict[str, Budget] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def change(self, name: str) -> Iterator[Budget]:
        with self._lock:
            if len(self._budgets) > 10_000:
                self._budgets.clear()
            yield self._budgets.setdefault(name, Budget())


class File:
    """Known to every process that names the same file; what cannot be read or written is as if it were not known."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def change(self, name: str) -> Iterator[Budget]:
        budget = Budget()
        try:
            connection = self._open()
        except (sqlite3.Error, OSError):
            yield budget
            return
        try:
            with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
                connection.execute("BEGIN IMMEDIATE")
                row = connection.execute("SELECT budget FROM pace WHERE name = ?", (name,)).fetchone()
                budget = Budget(**json.loads(row[0])) if row else budget
            yield budget
            with contextlib.suppress(sqlite3.Error):
                connection.execute(
                    "INSERT OR REPLACE INTO pace (name, budget) VALUES (?, ?)",
                    (name, json.dumps(asdict(budget))),
                )
                connection.execute("COMMIT")
        finally:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=2, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS pace (name TEXT PRIMARY KEY, budget TEXT NOT NULL)")
        return connection


_store: Store = Memory()
_priority: ContextVar[Priority] = ContextVar("priority", default=Priority.SPEAKING)
_account: ContextVar[str] = ContextVar("account", default="")
_shares: ContextVar[tuple[Share, ...]] = ContextVar("shares", default=())
# Which budget an address counts against is known once it has answered: by the size of the whole.
_budgets: dict[str, str] = {}


def keep_in(store: Store) -> None:
    """Keep budgets there from now on; said once, when a process starts."""
    global _store
    _store = store


@contextlib.contextmanager
def priority(now: Priority) -> Iterator[None]:
    """What is asked inside goes with this priority; without it, everything counts as speaking."""
    token = _priority.set(now)
    try:
        yield
    finally:
        _priority.reset(token)


@contextlib.contextmanager
def account(
    name: str, limits: tuple[Limit, ...] = (), *, units: float = 1.0, zone: ZoneInfo | None = None
) -> Iterator[None]:
    """What is asked inside counts for this account, whatever its token is called at the moment.

    `units`: what a request costs of the limits, whose windows are days from midnight in `zone` where one is given.
    Inside another: a chat of a bot, say. Then both are counted, the inner first.
    """
    counted = tuple(limit for limit in limits if limit.requests)
    share = (Share(name, counted, units, zone),) if counted else ()
    named, counts = _account.set(name), _shares.set(share + _shares.get())
    try:
        yield
    finally:
        _account.reset(named)
        _shares.reset(counts)


def take(url: str, headers: Mapping[str, str]) -> None:
    """Ask leave for a request. Raises Retryable(after) when it must wait: nothing was sent."""
    _, path = _names(url, headers)
    now, asks = time.time(), _priority.get()
    with _store.change(_budgets.get(path, path)) as budget:
        wait = budget.wait(asks, now)
    for share in _shares.get():
        if wait:
            break
        with _store.change(_owner(url, share.name)) as budget:
            wait = budget.count(share.limits, asks, now, share.units, share.zone)
    if wait:
        raise Retryable(
            gettext_noop(
                "The limit of “%(host)s” is nearly used up; what is urgent goes first, this goes on later."
            ),
            code=PACED,
            after=wait * (1 + random.random() / 10),
            host=urlsplit(url).hostname or "",
        )


async def patiently(once: Callable[[], Awaitable[T]]) -> T:
    """What `once` gives, asked again while `take` puts it off by a moment: a limit of a second is sat out here, a
    longer one is the caller's. Nothing that was sent is sent again."""
    for _turn in range(MOMENTS):
        try:
            return await once()
        except Retryable as error:
            if error.code != PACED or (error.after or 0) > MOMENT:
                raise
            await asyncio.sleep(error.after or 1.0)
    return await once()


def note(url: str, headers: Mapping[str, str], status: int, answer: Mapping[str, str]) -> None:
    """Learn from an answer to a request that was made with these headers."""
    whose, path = _names(url, headers)
    told = next(
        (answer[n] for n in ("ratelimit-limit", "x-ratelimit-limit", "x-rate-limit-limit") if n in answer), ""
    )
    if len(_budgets) > 10_000:
        _budgets.clear()
    _budgets[path] = f"{whose}/{told[:20]}" if told else path
    with _store.change(_budgets[path]) as budget:
        budget.note(status, answer, time.time())


def _names(url: str, headers: Mapping[str, str]) -> tuple[str, str]:
    """Names of the account and of the address at its host. Digests: addresses and headers carry keys."""
    who = _account.get() or next((v for k, v in headers.items() if k.lower() == "authorization"), "")
    whose = _owner(url, who)
    path = hashlib.sha256(f"{whose}|{_VARIABLE.sub('*', urlsplit(url).path)}".encode()).hexdigest()[:24]
    return whose, path


def _owner(url: str, who: str) -> str:
    parts = urlsplit(url)
    return hashlib.sha256(f"{parts.hostname}|{parts.port}|{who}".encode()).hexdigest()[:24]


def _number(text: str | None) -> float | None:
    # Some write the window behind the number: "3000;w=300".
    try:
        number = float((text or "").split(";")[0].split(",")[0].strip())
    except ValueError:
        return None
    return number if 0 <= number < 1e12 else None
