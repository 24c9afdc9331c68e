"""Pages of listening: Heard, a mention, a narrative, sources, queries, imports, the daily review, webhooks."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from stormdesk.people.models import User


def person(request: HttpRequest) -> User:
    """Who looks at the page: `brand_page` has let nobody in who is not signed in."""
    return cast(User, request.user)
