"""WebSocket streams: the same guard, the same bounds, the same errors as every other exchange."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from stormdesk.core.http import guard
from stormdesk.core.http.client import AGENT, TIMEOUT, Answer, tls
from stormdesk.core.http.errors import Broken, HttpError, TooLarge, TooSlow, Unreachable

# Addresses and their keys do not belong in a log.
logging.getLogger("websockets.client").setLevel(logging.WARNING)

QUEUE = 64
"""Frames read ahead; when they wait, the server is told to wait too."""
_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


class _Connect(connect):
    """Follows nothing: a stream's address is the network's own, and another one has not been checked."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@contextlib.asynccontextmanager
async def frames(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Sequence[tuple[str, str]] = (),
    protocols: Sequence[str] = (),
    connect_timeout: float = TIMEOUT,
    silence: float = 60.0,
    max_frame_bytes: int = 2**20,
) -> AsyncIterator[tuple[Answer, AsyncIterator[str | bytes]]]:
    """Open a WebSocket; give the answer's head and the frames, text as str and binary as bytes.

    A refused upgrade is an answer like any other (its status is not 101, and there are no frames). `silence`: seconds
    after which a connection whose pings stay unanswered counts as dead. The frames end by HttpError, never quietly.
    Compressed frames are not agreed to: one small packet could unfold into gigabytes.
    """
    target = guard.valid(_as_http(url)).copy_merge_params(list(params))
    addresses = await guard.resolve(target)
    secure = target.scheme == "https"
    socket = str(target.copy_with(scheme="wss" if secure else "ws"))
    host = target.host
    options: dict[str, Any] = {"ssl": tls(), "server_hostname": target.host} if secure else {}
    connection: ClientConnection | None = None
    refused: Answer | None = None
    async with contextlib.AsyncExitStack() as stack:
        for last, address in ((a == addresses[-1], a) for a in addresses):
            with _errors(host, connect_timeout, max_frame_bytes, opening=True):
                try:
                    async with asyncio.timeout(connect_timeout):
                        connection = await _Connect(
                            socket,
                            host=address,
                            port=target.port or (443 if secure else 80),
                            proxy=None,
                            compression=None,
                            subprotocols=[websockets.Subprotocol(name) for name in protocols] or None,
                            additional_headers=dict(headers or {}),
                            user_agent_header=AGENT,
                            max_size=max_frame_bytes,
                            max_queue=QUEUE,
                            open_timeout=None,
                            close_timeout=1,
                            ping_interval=silence / 2,
                            ping_timeout=silence / 2,
                            **options,
                        )
                    break
                except websockets.InvalidStatus as error:
                    kept = {k.lower(): v for k, v in error.response.headers.raw_items()}
                    refused = Answer(error.response.status_code, kept, bytes(error.response.body or b""), url)
                    break
                except OSError:
                    if last:
                        raise
        if connection is None:
            yield refused or Answer(0, {}, b"", url), _none()
            return
        stack.push_async_callback(_close, connection)
        yield Answer(101, {}, b"", url), _heard(connection, host, silence, max_frame_bytes)


async def _heard(
    connection: ClientConnection, host: str, silence: float, limit: int
) -> AsyncIterator[str | bytes]:
    with _errors(host, silence, limit):
        while True:
            yield await connection.recv()


async def _none() -> AsyncIterator[str | bytes]:
    frames: tuple[str, ...] = ()
    for frame in frames:
        yield frame


async def _close(connection: ClientConnection) -> None:
    with contextlib.suppress(Exception):
        await connection.close()


def _as_http(url: str) -> str:
    scheme, colon, rest = url.strip().partition("://")
    return f"{_SCHEMES.get(scheme.lower(), scheme)}{colon}{rest}"


@contextlib.contextmanager
def _errors(host: str, seconds: float, limit: int, *, opening: bool = False) -> Iterator[None]:
    try:
        yield
    except HttpError:
        raise
    except TimeoutError:
        raise TooSlow(sent=not opening, host=host, seconds=round(seconds)) from None
    except OSError as error:
        reason = "certificate" if "CERTIFICATE" in str(error).upper() else "connection"
        raise Unreachable(reason, sent=False, host=host) from None
    except websockets.PayloadTooBig:
        raise TooLarge(sent=True, host=host, limit=limit) from None
    except websockets.ConnectionClosed as error:
        if error.sent and error.sent.code == 1009:
            raise TooLarge(sent=True, host=host, limit=limit) from None
        if error.sent and error.sent.code == 1011 and "ping" in error.sent.reason:
            raise TooSlow(sent=True, host=host, seconds=round(seconds)) from None
        raise Broken(sent=True, host=host) from None
    except (websockets.WebSocketException, EOFError):
        raise Broken(sent=True, host=host) from None
