"""A wire between us and a server that delays, resets, swallows and cuts short. Not a test itself."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Faults:
    """What may happen to a connection, each with its chance from 0 to 1; set them while the wire is in use.

    `reset` and `truncate` strike after a random piece of up to `within` bytes of the answer: the one with a reset, the
    other with an orderly end. `swallow`: the request arrives and the answer never comes (the wire is cut after
    `patience`). `refuse`: no connection at all. `delay`: seconds every piece waits, up to.
    """

    reset: float = 0.0
    truncate: float = 0.0
    swallow: float = 0.0
    refuse: float = 0.0
    delay: float = 0.0
    within: int = 2000
    patience: float = 0.3
    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("connections", "faults"), 0))


class Wire:
    """A TCP proxy on a free loopback port (`port`), in the running event loop."""

    def __init__(self, host: str, port: int, faults: Faults, seed: int = 11) -> None:
        self.to, self.faults, self.chance = (host, port), faults, random.Random(seed)
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()

    def _happens(self, chance: float) -> bool:
        struck = self.chance.random() < chance
        self.faults.seen["faults"] += struck
        return struck

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now = self.faults
        now.seen["connections"] += 1
        if self._happens(now.refuse):
            writer.transport.abort()
            return
        try:
            away, back = await asyncio.open_connection(*self.to)
        except OSError:
            writer.transport.abort()
            return
        fate = "swallow" if self._happens(now.swallow) else "reset" if self._happens(now.reset) else (
            "truncate" if self._happens(now.truncate) else "")  # fmt: skip
        left = self.chance.randrange(1, now.within + 1) if fate in ("reset", "truncate") else None
        up = asyncio.create_task(self._up(reader, back))
        try:
            if fate == "swallow":
                await away.read(1)
                await asyncio.sleep(now.patience)
                writer.transport.abort()
            else:
                await self._down(away, writer, left, fate)
        finally:
            up.cancel()
            for end in (writer, back):
                with contextlib.suppress(Exception):
                    end.close()

    async def _up(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                back.write(data)
                await back.drain()

    async def _down(
        self, away: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None, fate: str
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await away.read(16384):
                if self.faults.delay:
                    await asyncio.sleep(self.chance.uniform(0, self.faults.delay))
                if left is not None and len(data) >= left:
                    writer.write(data[:left])
                    await writer.drain()
                    if fate == "reset":
                        writer.transport.abort()
                    return
                left = left - len(data) if left is not None else None
                writer.write(data)
                await writer.drain()


@contextlib.contextmanager
def in_background() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """An event loop in a thread of its own; gives `run(coroutine)`, which waits for the result from any thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(doing: Awaitable[Any]) -> Any:
        async def wrapped() -> Any:
            return await doing

        return asyncio.run_coroutine_threadsafe(wrapped(), loop).result(60)

    try:
        yield run
    finally:
        with contextlib.suppress(Exception):
            run(_all_cancelled())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _all_cancelled() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=5)
