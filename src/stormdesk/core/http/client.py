"""Exchanges and streams: bounded in time, size and reach."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urljoin

import httpx2

from stormdesk.core.http import guard
from stormdesk.core.http.errors import Blocked, Broken, TooLarge, TooSlow, Unreachable

MAX_BYTES = 8 * 2**20
TIMEOUT = 20.0
MAX_REDIRECTS = 5
AGENT = "Stormdesk/0.1 (+self-hosted)"

# The client library logs whole addresses, and those carry keys.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: the body is complete and not larger than allowed. `url` is the last address asked."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is not (cut short, another charset, too deep)."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None


@cache
def tls() -> Any:
    """What connections are encrypted with."""
    return httpx2.create_ssl_context()


async def request(
    method: str,
    url: str,
    *,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    max_redirects: int = MAX_REDIRECTS,
    headers: Mapping[str, str] | None = None,
    **content: Any,
) -> Answer:
    """Ask `url` and read the whole answer, whatever its status. Raises HttpError.

    Every hop is resolved once, checked, and connected to exactly the address that was checked, on a connection
    of its own (some servers close idle ones without a word, and a shared one could be reset under a post).
    GET and HEAD follow redirects and are asked once more after a break; anything else is sent at most once, and
    a redirect is returned as the answer. Keys in `headers` do not follow to another host.
    `content`: `params`, `json`, `data`, `files`, `content` as httpx2 takes them. `timeout`: seconds for all of it.
    """
    reading = method in ("GET", "HEAD")
    state = _State(host=guard.host(url))
    try:
        async with asyncio.timeout(timeout):
            for _ in range(max_redirects + 1):
                try:
                    answer = await _once(method, url, state, max_bytes, timeout, headers, content)
                except Broken:
                    if not reading:
                        raise
                    answer = await _once(method, url, state, max_bytes, timeout, headers, content)
                target = answer.headers.get("location")
                if not (reading and answer.status in (301, 302, 303, 307, 308) and target):
                    return answer
                here, url = httpx2.URL(url), urljoin(url, target)
                content = {}
                state.host = guard.host(url)
                if (here.scheme, here.host, here.port) != guard.origin(url):
                    headers = {
                        k: v
                        for k, v in (headers or {}).items()
                        if k.lower() not in ("authorization", "cookie")
                    }
    except TimeoutError:
        raise TooSlow(sent=state.sent, host=state.host, seconds=round(timeout)) from None
    raise Blocked("redirects", sent=True, host=state.host)


@contextlib.asynccontextmanager
async def events(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    connect_timeout: float = TIMEOUT,
    silence: float = 90.0,
    max_event_bytes: int = 2**20,
) -> AsyncIterator[tuple[Answer, AsyncIterator[httpx2.ServerSentEvent]]]:
    """Open a stream of server-sent events; give the answer's head (body empty) and the events.

    `silence`: seconds without one byte (servers send comments as a sign of life) after which the stream counts as
    dead. The events end by HttpError, never quietly. No redirects: a stream's address is the network's own.
    """
    state = _State(host=guard.host(url))
    async with contextlib.AsyncExitStack() as stack:
        with _errors(state, connect_timeout):
            async with asyncio.timeout(connect_timeout):
                response = await stack.enter_async_context(
                    _open(
                        "GET",
                        url,
                        state,
                        silence,
                        {"accept": "text/event-stream", "accept-encoding": "identity", **(headers or {})},
                        {"params": params},
                    )
                )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise TooLarge("packing", sent=True, host=state.host)

        async def heard() -> AsyncIterator[httpx2.ServerSentEvent]:
            with _errors(state, silence, max_event_bytes):
                async for event in httpx2.EventSource(response, max_event_size=max_event_bytes):
                    yield event
            raise Broken(sent=True, host=state.host)

        yield Answer(response.status_code, dict(response.headers), b"", url), heard()


@dataclass(slots=True)
class _State:
    host: str
    sent: bool = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = True


async def _once(
    method: str,
    url: str,
    state: _State,
    max_bytes: int,
    timeout: float,
    headers: Mapping[str, str] | None,
    content: Mapping[str, Any],
) -> Answer:
    with _errors(state, timeout):
        packed = {"accept-encoding": "gzip", **(headers or {})}
        async with _open(method, url, state, timeout, packed, content) as response:
            body = await _read(response, state, max_bytes)
            return Answer(response.status_code, dict(response.headers), body, url)


@contextlib.asynccontextmanager
async def _open(
    method: str,
    url: str,
    state: _State,
    silence: float,
    headers: Mapping[str, str],
    content: Mapping[str, Any],
) -> AsyncIterator[httpx2.Response]:
    target = guard.valid(url)
    addresses = await guard.resolve(target)
    transport = httpx2.AsyncHTTPTransport(
        verify=tls(), trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0)
    )
    async with httpx2.AsyncClient(transport=transport, timeout=silence, trust_env=False) as client:
        built = client.build_request(
            method, target, headers={"user-agent": AGENT, "connection": "close", **headers}, **content
        )
        # Connect to the checked address, but speak (Host, TLS name, certificate) to the host that was asked for.
        built.extensions |= {"sni_hostname": target.host, "trace": state.trace}
        asked = built.url
        for last, address in ((a == addresses[-1], a) for a in addresses):
            built.url = asked.copy_with(host=address)
            try:
                response = await client.send(built, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if last:
                    raise
                continue
            try:
                yield response
            finally:
                await response.aclose()
            return


async def _read(response: httpx2.Response, state: _State, max_bytes: int) -> bytes:
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise TooLarge("packing", sent=True, host=state.host)
    # Unpacked here and not by the client library: one packet of a bomb would unpack to a thousand times its size.
    unpack = None if packing in ("identity", "") else zlib.decompressobj(zlib.MAX_WBITS | 32)
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += unpack.decompress(chunk, max_bytes + 1 - len(body)) if unpack else chunk
            if len(body) > max_bytes:
                raise TooLarge(sent=True, host=state.host, limit=max_bytes)
    except zlib.error:
        raise Broken(sent=True, host=state.host) from None
    return bytes(body)


@contextlib.contextmanager
def _errors(state: _State, seconds: float, limit: int = MAX_BYTES) -> Iterator[None]:
    """Turn the client library's errors into ours, without its addresses."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        reason = "certificate" if "CERTIFICATE" in str(error).upper() else "connection"
        raise Unreachable(reason, sent=False, host=state.host) from None
    except (TimeoutError, httpx2.TimeoutException):
        raise TooSlow(sent=state.sent, host=state.host, seconds=round(seconds)) from None
    except httpx2.SSEError as error:
        if "limit" in str(error):
            raise TooLarge(sent=True, host=state.host, limit=limit) from None
        raise Broken(sent=True, host=state.host) from None
    except (httpx2.TransportError, httpx2.StreamError):
        raise Broken(sent=state.sent, host=state.host) from None
