"""Reads many streams at once in a thread of its own that never touches the database, and hands over what they say.

Everything waits in one bounded queue: when the storing is slower than the world, the networks are not read on, and they
keep what comes until they are. A stream that ends is opened again from what was stored, after a growing pause.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stormdesk.core.http import gettext_noop
from stormdesk.networks import pace
from stormdesk.networks.base import Batch, Network, NetworkError, Retryable

log = logging.getLogger("stormdesk.listen")
WAITING = 64
"""Batches that wait to be stored, of all streams together."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One stream to be opened: its number with us, and what its network needs for it."""

    number: int
    network: Network
    kind: str
    settings: Mapping[str, Any]
    secret: Mapping[str, str] = field(repr=False)
    cursor: Mapping[str, Any]
    attempt: int = 0
    """Tells what an earlier connection of the same stream still had waiting from what this one says."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came from a stream: a batch, or the error that ended it."""

    wire: Wire
    what: Batch | NetworkError


class Reader:
    """`open` and `close` streams from any thread; `take` what they said, in the order each said it."""

    def __init__(self) -> None:
        self._told: queue.Queue[Told] = queue.Queue(WAITING)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="streams", daemon=True)
        self._thread.start()

    def open(self, wire: Wire) -> None:
        """Begin to read; a stream of the same number that is open is closed first."""
        self._loop.call_soon_threadsafe(self._open, wire)

    def close(self, number: int) -> None:
        """Stop reading; what waits already can still be taken."""
        self._loop.call_soon_threadsafe(self._close, number)

    def take(self, seconds: float) -> Told | None:
        """The next thing that was said, if one comes within so many seconds."""
        try:
            return self._told.get(timeout=seconds) if seconds > 0 else self._told.get_nowait()
        except queue.Empty:
            return None

    def end(self) -> None:
        """Close every stream and the thread."""

        async def all_closed() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(all_closed(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _open(self, wire: Wire) -> None:
        self._close(wire.number)
        with pace.priority(pace.Priority.LISTENING):
            self._tasks[wire.number] = self._loop.create_task(self._read(wire))

    def _close(self, number: int) -> None:
        if task := self._tasks.pop(number, None):
            task.cancel()

    async def _read(self, wire: Wire) -> None:
        try:
            stream = wire.network.stream(wire.kind, wire.settings, wire.secret, wire.cursor)
            try:
                async for batch in stream:
                    await self._put(Told(wire, batch))
            finally:
                # Not left to the garbage collector: the connection must be closed before it is opened again.
                with contextlib.suppress(Exception):
                    await stream.aclose()  # type: ignore[attr-defined]  # streams are generators
            error: NetworkError = Retryable(
                gettext_noop("%(network)s ended the stream; it is opened again."),
                code="ended",
                network=wire.network.title,
            )
        except NetworkError as said:
            error = said
        except Exception as fault:
            # A client that breaks on something unforeseen must not silence the other sources.
            log.exception("stream failed", extra={"network": wire.network.name})
            error = Retryable(
                gettext_noop(
                    "%(source)s answered in a way that is not understood (%(error)s); it will be asked again."
                ),
                code="unforeseen",
                source=wire.network.title,
                error=type(fault).__name__,
            )
        await self._put(Told(wire, error))

    async def _put(self, told: Told) -> None:
        while True:
            try:
                return self._told.put_nowait(told)
            except queue.Full:
                await asyncio.sleep(0.01)
