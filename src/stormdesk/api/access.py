"""The right every call names, checked before anything else; read by the generated access test."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

from ninja import Path

from stormdesk.people.access import PersonRequest, brand_for, require
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


def needs(right: Right) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator under a router's method: the call says `brand: Brand` and gets it, the address holds its slug.

    Raises AccessDenied, and Http404 for a brand the caller may not see.
    """

    def decorate(call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def guarded(request: PersonRequest, brand: str, **given: Any) -> Any:
            found: Brand = brand_for(request.user, brand)
            require(request.user, right, found)
            return call(request, found, **given)

        hints = get_type_hints(call, include_extras=True)
        guarded.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # read by ninja
            [
                parameter.replace(
                    annotation=Path[str] if name == "brand" else hints.get(name, parameter.annotation)
                )
                for name, parameter in inspect.signature(call).parameters.items()
            ]
        )
        guarded.right = right  # type: ignore[attr-defined]  # a mark on a function
        return guarded

    return decorate
