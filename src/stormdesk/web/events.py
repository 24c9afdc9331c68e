"""Server-sent events without a thread per reader.

`GET /events?brand=<slug>` is answered here, before Django: one stream costs a small task instead of a thread. One poller
a process reads the table of live events; every stream has a short queue, and a reader who cannot keep up is told to fetch
everything anew instead of being sent a backlog. What is sent:

    event: <topic>   data: {"ref": "…"}    something about this topic has changed
    event: tick      data: 1               the stream is alive and the table was read a moment ago
    event: reset     data: 1               something may have been missed: fetch every live part
    event: gone      data: 1               the session or the right to see the brand has ended
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from stormdesk.core.jobs import stopping

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

POLL_EVERY = 0.5
TICK_EVERY = 10.0
COMMENT_EVERY = 15.0
CHECK_EVERY = 60.0
QUEUE = 64
# On PostgreSQL a lower id can become visible after a higher one; the last few are read again and told apart by id.
OVERLAP = 256

log = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(2, thread_name_prefix="events")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the table of live events; `brand` None is for everybody."""

    id: int
    brand: int | None
    topic: str
    ref: str


async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    """Streams the live events of one brand to one browser, as long as its person may see that brand."""
    if scope["method"] != "GET":
        return await _refuse(send, 405)
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    slug = asked.get("brand", [""])[0]
    session = _cookie(headers.get("cookie", ""))
    brand = await _in_thread(admitted, session, slug)
    if brand is None:
        return await _refuse(send, 403)
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                (b"x-content-type-options", b"nosniff"),
            ],
        }
    )
    # A page says up to which event it was drawn; a browser that comes back says which one it heard last.
    last = headers.get("last-event-id") or asked.get("after", [""])[0]
    await _stream(
        receive, send, session, slug, brand, int(last) if last.isdecimal() and len(last) < 18 else None
    )


async def _stream(
    receive: Receive, send: Send, session: str, slug: str, brand: int, last: int | None
) -> None:
    async def write(text: str) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    loop = asyncio.get_running_loop()
    left = asyncio.ensure_future(_left(receive))
    # Joined before the past is read, so that nothing falls between the two.
    queue = await HUB.join(brand)
    try:
        await write("retry: 3000\n\n")
        await write(_said("tick", "1"))
        if last is not None:
            await write(await _in_thread(missed, brand, last))
        ticked = commented = checked = loop.time()
        while not left.done() and not stopping.is_set():
            text = await _next(queue, left)
            if text:
                await write(text)
            now = loop.time()
            if now - checked >= CHECK_EVERY:
                checked = now
                if await _in_thread(admitted, session, slug) != brand:
                    await write(_said("gone", "1"))
                    break
            if now - ticked >= TICK_EVERY and HUB.fresh(now):
                ticked = now
                await write(_said("tick", "1"))
            if now - commented >= COMMENT_EVERY:
                commented = now
                await write(":\n\n")
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except OSError:
        pass  # the browser went away while something was being written
    finally:
        left.cancel()
        HUB.leave(brand, queue)


async def _next(queue: asyncio.Queue[str], left: asyncio.Future) -> str | None:
    """What is to be written, or None after a while or when the browser went away."""
    waiting = asyncio.ensure_future(queue.get())
    await asyncio.wait({waiting, left}, timeout=POLL_EVERY * 2, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    return None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


class Hub:
    """The readers of this process and the one task that polls for them; it runs only while somebody reads."""

    def __init__(self) -> None:
        self._readers: dict[int, set[asyncio.Queue[str]]] = {}
        self._poller: asyncio.Task | None = None
        self._began = asyncio.Event()
        self._read_at = 0.0

    def fresh(self, now: float) -> bool:
        """Whether the table could be read lately: a tick must not claim life that is not there."""
        return now - self._read_at < TICK_EVERY

    async def join(self, brand: int) -> asyncio.Queue[str]:
        """A queue of everything that is announced after this returns."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._readers.setdefault(brand, set()).add(queue)
        if self._poller is None or self._poller.done():
            self._began = asyncio.Event()
            self._poller = asyncio.get_running_loop().create_task(self._poll())
        await self._began.wait()
        return queue

    def leave(self, brand: int, queue: asyncio.Queue[str]) -> None:
        readers = self._readers.get(brand, set())
        readers.discard(queue)
        if not readers:
            self._readers.pop(brand, None)

    async def _poll(self) -> None:
        high: int | None = None
        seen: deque[int] = deque(maxlen=OVERLAP * 2)
        while self._readers and not stopping.is_set():
            try:
                rows = await _in_thread(read, high)
            except Exception:
                log.exception("Live events could not be read; pages will look stale until they can.")
                await asyncio.sleep(POLL_EVERY * 4)
                continue
            self._read_at = asyncio.get_running_loop().time()
            new = [row for row in rows if row.id not in seen] if high is not None else []
            seen.extend(row.id for row in rows if row.id not in seen)
            high = max((row.id for row in rows), default=high or 0)
            self._began.set()
            for brand, readers in list(self._readers.items()):
                mine = [event for event in new if event.brand in (brand, None)]
                if mine:
                    text = told(mine)
                    for queue in readers:
                        _put(queue, text)
            await asyncio.sleep(POLL_EVERY)


HUB = Hub()


def _put(queue: asyncio.Queue[str], text: str) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        text = _said("reset", "1")
    queue.put_nowait(text)


def told(events: Iterable[Event]) -> str:
    """Events as the stream says them: one for each topic and thing, however often it changed."""
    latest: dict[tuple[str, str], Event] = {(event.topic, event.ref): event for event in events}
    return "".join(
        _said(event.topic, json.dumps({"ref": event.ref}), event.id)
        for event in sorted(latest.values(), key=lambda event: event.id)
    )


def _said(name: str, data: str, number: int | None = None) -> str:
    return (f"id: {number}\n" if number is not None else "") + f"event: {name}\ndata: {data}\n\n"


def _cookie(header: str) -> str:
    from django.conf import settings
    from django.http.cookie import parse_cookie

    return parse_cookie(header).get(settings.SESSION_COOKIE_NAME, "")


# ── what asks the database; runs in threads of its own, which give their connections back ──


async def _in_thread(function: Callable, *arguments: Any) -> Any:
    def work() -> Any:
        from django.db import close_old_connections

        close_old_connections()
        try:
            return function(*arguments)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, work)


def admitted(session_key: str, slug: str) -> int | None:
    """The id of the brand if this session's person may see it, else None."""
    from django.conf import settings
    from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
    from django.http import Http404
    from django.utils.crypto import constant_time_compare

    from stormdesk.people.access import brand_for
    from stormdesk.people.models import User

    if not session_key or not slug:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = User.objects.filter(pk=session.get(SESSION_KEY) or 0, is_active=True).first()
    if user is None or not constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    ):
        return None
    try:
        return brand_for(user, slug).pk
    except Http404:
        return None


def latest() -> int:
    """The number of the newest live event: a page is drawn as of it."""
    from stormdesk.journal.models import LiveEvent

    return LiveEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def read(high: int | None) -> list[Event]:
    """The newest live events; above `high`, and a few below it that may have become visible late."""
    from django.db import connection

    from stormdesk.journal.models import LiveEvent

    rows = LiveEvent.objects.order_by("-pk")
    if high is not None:
        rows = rows.filter(pk__gt=high - (OVERLAP if connection.vendor == "postgresql" else 0))
    most = OVERLAP * 8 if high is not None else 1
    return [Event(*row) for row in rows.values_list("pk", "brand_id", "topic", "ref")[:most]][::-1]


def missed(brand: int, last: int) -> str:
    """What a returning browser has missed since event `last`; a reset when the table no longer goes back so far."""
    from django.db.models import Q

    from stormdesk.journal.models import LiveEvent

    oldest = LiveEvent.objects.order_by("pk").values_list("pk", flat=True).first()
    if last and (oldest is None or oldest > last + 1):
        return _said("reset", "1")
    rows = LiveEvent.objects.filter(Q(brand=brand) | Q(brand=None), pk__gt=last - OVERLAP).order_by("pk")
    events = [Event(*row) for row in rows.values_list("pk", "brand_id", "topic", "ref")[:2000]]
    return told(events) or ":\n\n"
