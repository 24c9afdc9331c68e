"""A personal token: the call may do what its person may do."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from stormdesk.core.clock import utcnow
from stormdesk.people.actions import user_of_token
from stormdesk.people.models import User


class PersonalToken(HttpBearer):
    """`Authorization: Bearer sd_…`, made on one's own page."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_of_token(token, now=utcnow())
        if user is not None:
            request.user = user
        return user
