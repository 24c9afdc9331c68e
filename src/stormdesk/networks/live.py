"""What comes on a stream, in bursts: all that is there already, so that a fast stream is handled in few steps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

from stormdesk.core import http

T = TypeVar("T")


async def bursts(
    frames: AsyncIterator[T], *, most: int, quiet: float, host: str
) -> AsyncGenerator[list[T], None]:
    """Lists of up to `most` frames, each as soon as its first one is there; what ends the frames ends the bursts.

    No more than `most` wait at a time: while they are being handled, the server is not read and must wait too.
    Raises TooSlow after `quiet` seconds without one frame: a stream that is open and says nothing is no stream.
    """
    waiting: asyncio.Queue[T | None] = asyncio.Queue(most)
    ended: list[BaseException] = []

    async def read() -> None:
        try:
            async for frame in frames:
                await waiting.put(frame)
        except Exception as error:
            ended.append(error)
        await waiting.put(None)

    reader = asyncio.create_task(read())
    try:
        while True:
            try:
                first = await asyncio.wait_for(waiting.get(), quiet)
            except TimeoutError:
                raise http.TooSlow(sent=True, host=host, seconds=round(quiet)) from None
            burst: list[T] = []
            it = first
            while it is not None:
                burst.append(it)
                if len(burst) >= most or waiting.empty():
                    break
                it = waiting.get_nowait()
            if burst:
                yield burst
            if it is None:
                raise ended[0] if ended else http.Broken(sent=True, host=host)
    finally:
        reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reader
