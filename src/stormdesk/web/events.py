"""Server-sent events without a thread per reader."""


async def endpoint(scope, receive, send):
    """Streams the live events of one brand."""
