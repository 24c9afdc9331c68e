"""The right every call names, checked before anything else; read by the generated access test."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest

from stormdesk.people.access import brand_for, require
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


def needs(right: Right) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator under a router's method: the function receives the Brand instead of its slug."""

    def decorate(call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def guarded(request: HttpRequest, brand: str, **given: Any) -> Any:
            found: Brand = brand_for(request.user, brand)  # type: ignore[arg-type]
            require(request.user, right, found)  # type: ignore[arg-type]
            return call(request, found, **given)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate
