"""One port: `/events` streams live events without a thread per reader, everything else is Django."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from stormdesk.config.wsgi import application as django_application
from stormdesk.web.events import endpoint

_django = WSGIMiddleware(cast(Any, django_application), workers=8)


async def application(scope, receive, send):
    """The ASGI application that `stormdesk up` serves."""
    if scope["type"] == "http" and scope["path"] == "/events":
        await endpoint(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _django(scope, receive, send)


async def _lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
