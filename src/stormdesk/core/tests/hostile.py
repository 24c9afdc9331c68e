"""A server that behaves as badly as a test asks. Not a test itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A complete, honest answer."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        await writer.drain()

    return behave


def raw(*pieces: bytes, pause: float = 0.0, reset: bool = False) -> Behaviour:
    """Exactly these bytes, with a pause between them; then the end, or a reset."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if reset:
            writer.transport.abort()

    return behave


def endless(head: bytes, piece: bytes, pause: float = 0.0) -> Behaviour:
    """Never stops of its own."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


@dataclass
class Hostile:
    """`routes`: path → behaviour, or a list of behaviours taken one after the other. `asked`: what came in."""

    routes: dict[str, Behaviour | list[Behaviour]]
    url: str = ""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            asked = Asked(method, urlsplit(target).path, urlsplit(target).query, headers, body)
            self.asked.append(asked)
            behave = self.routes[asked.path]
            if isinstance(behave, list):
                behave = behave.pop(0)
            await behave(asked, writer)
        writer.close()


@contextlib.asynccontextmanager
async def hostile(routes: dict[str, Behaviour | list[Behaviour]]) -> AsyncIterator[Hostile]:
    """Run the server on a free loopback port while the block runs."""
    it = Hostile(routes)
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    it.url = f"http://127.0.0.1:{it.port}"
    try:
        yield it
    finally:
        server.close()
