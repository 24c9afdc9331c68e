"""A small HTTP server for emulations of networks: reads forms and files, and breaks when a test asks. Not a test itself.

Emulations are built from a network's public documentation. They show that our client asks as documented and reads
what is documented; they do not show that the network does what it documents.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    """One request as it arrived. `fields`: query, form and JSON together; `files`: name → (file name, type, bytes)."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)


@dataclass
class Reply:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def js(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False).encode())


Handler = Callable[[Request], Reply | None]


@dataclass
class Server:
    """`faults`: end of a path → what goes wrong there, taken one after the other.

    "lost": acts and ends the connection · "hang": acts and never answers · "cut": acts and ends in mid-answer
    "failed": acts and answers 500 · "away": answers 502 and does not act · bytes: acts and answers exactly these
    """

    handler: Handler
    url: str = ""
    asked: list[Request] = field(default_factory=list)
    faults: dict[str, list[str | bytes]] = field(default_factory=dict)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            request = await _read(reader)
            self.asked.append(request)
            end = request.path.rpartition("/")[2]
            fault = self.faults[end].pop(0) if self.faults.get(end) else None
            if fault == "away":
                writer.write(_packed(Reply(502, b"<html>Bad Gateway</html>", "text/html")))
            else:
                answer = self.handler(request)
                while answer is None:  # nothing to say yet: a question held open
                    await asyncio.sleep(0.02)
                    answer = self.handler(request)
                whole = _packed(answer)
                if fault == "hang":
                    self.hanging.set()
                    await reader.read()
                elif fault == "cut":
                    writer.write(whole[: len(whole) - len(answer.body) // 2])
                elif fault == "failed":
                    writer.write(_packed(Reply(500, b"")))
                elif isinstance(fault, bytes):
                    writer.write(fault)
                elif fault is None:
                    writer.write(whole)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[Server]:
    """Run it on a free loopback port while the block runs."""
    it = Server(handler)
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0, limit=2**24)
    it.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
    finally:
        server.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    request = Request(method, parts.path, headers, dict(parse_qsl(parts.query, keep_blank_values=True)))
    kind = headers.get("content-type", "")
    if kind.startswith("application/json"):
        request.fields |= json.loads(body or b"{}")
    elif kind.startswith("application/x-www-form-urlencoded"):
        request.fields |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind.startswith("multipart/form-data"):
        whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=HTTP)
        for part in whole.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if part.get_filename() is None:
                request.fields[name] = content.decode()
            else:
                request.files[name] = (part.get_filename(), part.get_content_type(), content)
    return request


def _packed(reply: Reply) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} X",
        f"content-length: {len(reply.body)}",
        f"content-type: {reply.content_type}",
        "connection: close",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
