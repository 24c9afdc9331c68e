"""WebSockets through the guarded door: where they go, what ends them, and how much they may bring."""

import asyncio
import contextlib
import zlib

import pytest
from websockets.asyncio.server import serve

from stormdesk.core import http
from stormdesk.core.http import ALLOW_VARIABLE


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


async def read(url, **options):
    """The head of the answer and all frames until the error that ends them."""
    found = []
    try:
        async with http.frames(url, **options) as (answer, frames):
            async for frame in frames:
                found.append(frame)
            return answer, found, None
    except http.HttpError as error:
        return None, found, error


def against(handle, do=read, **options):
    """Run `do(address)` against a WebSocket server whose connections `handle` looks after."""

    async def go():
        async with serve(handle, "127.0.0.1", 0, compression=None) as server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.wait_for(do(f"ws://127.0.0.1:{port}/x", **options), 10)

    return asyncio.run(go())


def plain(answer, **options):
    """The same against a server that answers every request with these bytes."""

    hold = options.pop("hold", 0)

    async def go():
        async def handle(reader, writer):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
                await asyncio.sleep(hold)
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await asyncio.wait_for(read(f"ws://127.0.0.1:{port}/x", **options), 10)
        finally:
            server.close()

    return asyncio.run(go())


def test_text_and_bytes_come_in_order_and_the_end_is_never_quiet():
    async def handle(connection):
        assert connection.request.path == "/x?a=1&a=2"
        assert connection.request.headers["authorization"] == "Bearer t"
        await connection.send("один")
        await connection.send(b"\x00\x01")

    async def ask(url):
        return await read(url, params=[("a", "1"), ("a", "2")], headers={"authorization": "Bearer t"})

    _, found, error = against(handle, ask)
    assert found == ["один", b"\x00\x01"]
    assert type(error) is http.Broken


@pytest.mark.parametrize(
    "url", ["ws://10.0.0.1/x", "wss://169.254.169.254/", "ws://localhost:9/", "ftp://x/", "ws://", "x"]
)
def test_addresses_that_are_not_for_us_are_not_gone_to(url):
    assert isinstance(asyncio.run(read(url))[2], http.Blocked)


def test_a_refusal_is_an_answer_and_a_redirect_is_not_followed():
    for code in (302, 400, 401, 404, 429, 503):
        head = f"HTTP/1.1 {code} X\r\nlocation: ws://127.0.0.1:1/\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\n{{}}"
        answer, found, error = plain(head.encode())
        assert (answer.status, found, error) == (code, [], None)
        assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 101 X\r\n\r\n", b"x" * 2**17]
)
def test_what_speaks_no_websocket_is_said(answer):
    got, _, error = plain(answer, connect_timeout=0.5)
    assert error is not None or got.status != 101


def test_a_server_that_never_finishes_opening_is_left():
    assert isinstance(plain(b"HTTP/1.1 101 X\r\n", hold=3, connect_timeout=0.2)[2], http.TooSlow)


def test_a_frame_that_is_too_large_ends_it():
    async def handle(connection):
        await connection.send("small")
        await connection.send("x" * 5000)

    _, found, error = against(handle, max_frame_bytes=1000)
    assert found == ["small"]
    assert isinstance(error, http.TooLarge)


def test_compression_is_not_agreed_to_so_nothing_can_unfold():
    async def handle(connection):
        assert "sec-websocket-extensions" not in connection.request.headers
        packed = zlib.compress(b"x" * 10**7)
        # A frame that claims to be compressed all the same: RSV1 is set.
        connection.transport.write(bytes([0xC2, 126]) + len(packed).to_bytes(2, "big") + packed)
        await connection.wait_closed()

    _, found, error = against(handle)
    assert found == []
    assert isinstance(error, http.Broken)


def test_a_connection_whose_pings_stay_unanswered_is_dead():
    async def go():
        async def handle(reader, writer):
            head = await reader.readuntil(b"\r\n\r\n")
            key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            from websockets.utils import accept_key

            accept = accept_key(key.split(b": ")[1].decode())
            writer.write(
                "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                f"sec-websocket-accept: {accept}\r\n\r\n".encode()
            )
            await asyncio.sleep(5)

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        return await asyncio.wait_for(read(f"ws://127.0.0.1:{port}/", silence=0.4), 5)

    assert isinstance(asyncio.run(go())[2], http.TooSlow)
