"""An emulation of Jetstream from its documentation, both dialects, fed with changes of posts. Not a test itself.

It keeps what it was told, gives it again from a cursor in microseconds on, and can be made to misbehave: end after so
many frames, end with an error, keep only the newest, send rubbish in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from stormdesk.networks.bluesky import jetstream, keys


@dataclass
class Jetstream:
    """`events`: (microseconds, did, operation, key, record) in order; `asked`: the query of every connection."""

    events: list[tuple[int, str, str, str, dict[str, Any] | None]] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    end_after: list[int] = field(default_factory=list)
    """Frames after which connections are cut without a word, one number a connection; none left: never."""
    error_after: int | None = None
    keeps: int | None = None
    """How many of the newest events are still there for those who come back."""
    rubbish: list[str] = field(default_factory=list)
    url: str = ""
    port: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def say(
        self, did: str, operation: str, key: str, record: dict[str, Any] | None, us: int = 0
    ) -> None:
        """Something happens in the network."""
        us = us or jetstream.microseconds(datetime.now(UTC))
        async with self._news:
            self.events.append(
                (max(us, self.events[-1][0] + 1 if self.events else 0), did, operation, key, record)
            )
            self._news.notify_all()

    async def handle(self, connection: ServerConnection) -> None:
        target = urlsplit(connection.request.path)
        query = parse_qs(target.query)
        self.asked.append(query)
        old = target.path == jetstream.OLD
        floor = len(self.events) - self.keeps if self.keeps is not None else 0
        here = len(self.events)
        if "cursor" in query:
            cursor = int(query["cursor"][0])
            here = next((n for n, event in enumerate(self.events) if event[0] >= cursor), len(self.events))
            if here < floor:
                here = floor
                if not old:
                    await connection.send(self._info())
        until = self.end_after.pop(0) if self.end_after else None
        sent = 0
        with contextlib.suppress(ConnectionClosed):
            while True:
                while here < len(self.events):
                    if until is not None and sent >= until:
                        connection.transport.abort()
                        return
                    if self.error_after is not None and sent >= self.error_after:
                        await connection.send(
                            json.dumps({"$type": "error", "error": "ConsumerTooSlow", "message": ""})
                        )
                        return
                    for piece in self.rubbish:
                        await connection.send(piece)
                    await connection.send(frame(self.events[here], here + 1, old))
                    here += 1
                    sent += 1
                await self._more(connection, here)

    async def _more(self, connection: ServerConnection, here: int) -> None:
        """Wait for news, or for the end of the connection."""

        async def news() -> None:
            async with self._news:
                await self._news.wait_for(lambda: len(self.events) > here)

        waiting = [asyncio.create_task(news()), asyncio.create_task(connection.wait_closed())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if len(self.events) <= here:
            raise ConnectionClosedOK(None, None)

    @staticmethod
    def _info() -> str:
        payload = {
            "$type": "network.bsky.jetstream.subscribeEvents#info",
            "name": "OutdatedCursor",
            "message": "…",
        }
        return json.dumps({"$type": "message", "payload": payload})


def frame(event: tuple[int, str, str, str, dict[str, Any] | None], seq: int, old: bool = False) -> str:
    """One event as the server writes it."""
    us, did, operation, key, record = event
    what = {"operation": operation, "collection": keys.POST, "rkey": key, "rev": "3l3qo2vutsw2b"}
    what |= (
        {"record": record, "cid": "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi"}
        if record
        else {}
    )
    if old:
        return json.dumps({"did": did, "time_us": us, "kind": "commit", "commit": what})
    at = datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    payload = {"$type": "network.bsky.jetstream.subscribeEvents#commit", "seq": seq, "did": did, "time": at}
    return json.dumps(
        {"$type": "message", "payload": payload | {"witnessedAt": at} | what}, ensure_ascii=False
    )


@contextlib.asynccontextmanager
async def jetstream_server(old: bool = False) -> AsyncIterator[Jetstream]:
    """Run it on a free loopback port while the block runs."""
    it = Jetstream()
    async with serve(
        it.handle,
        "127.0.0.1",
        0,
        select_subprotocol=lambda connection, offered: offered[0] if offered else None,
        compression=None,
    ) as server:
        it.port = server.sockets[0].getsockname()[1]
        it.url = f"ws://127.0.0.1:{it.port}" + (jetstream.OLD if old else "")
        yield it
