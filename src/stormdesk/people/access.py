"""The one module that decides who may see and do what (G8). Nothing else compares roles."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from stormdesk.core.errors import AccessDenied
from stormdesk.people.models import Brand, Membership, User
from stormdesk.people.rules import Right, Role, rights_of


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in; `brand` is set on pages of a brand."""

    user: User  # type: ignore[assignment]  # strangers never reach the view
    brand: Brand
    htmx: HtmxDetails


def rights(user: User | None, brand: Brand) -> frozenset[Right]:
    """Everything `user` may do with `brand`; nothing for strangers and for people switched off."""
    if user is None or not user.is_authenticated or not user.is_active:
        return frozenset()
    cache: dict[int, frozenset[Right]] = user.__dict__.setdefault("_rights", {})
    if brand.pk not in cache:
        roles = Membership.objects.filter(user=user, brand=brand).values_list("role", flat=True)
        cache[brand.pk] = rights_of({Role(role) for role in roles})
    return cache[brand.pk]


def may(user: User | None, right: Right, brand: Brand) -> bool:
    """Whether `user` has `right` at `brand`."""
    return right in rights(user, brand)


def require(user: User | None, right: Right, brand: Brand) -> None:
    """First step of every action. `user` None means Stormdesk itself, which acts only through its own jobs.

    Raises AccessDenied.
    """
    if user is not None and not may(user, right, brand):
        raise AccessDenied(
            _(
                "Your role at %(brand)s does not allow this. Nothing was changed; ask the owner of the brand for the right."
            )
            % {"brand": brand.name}
        )


def brands_of(user: User) -> list[Brand]:
    """The brands this person may see, real ones first."""
    return list(Brand.objects.filter(memberships__user=user).distinct())


def brand_for(user: User, slug: str) -> Brand:
    """The brand, if `user` may see it. Raises Http404 otherwise, so that names of other brands cannot be probed."""
    brand = Brand.objects.filter(slug=slug).first()
    if brand is None or not may(user, Right.SEE, brand):
        raise Http404
    return brand


def brand_page(
    right: Right = Right.SEE,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorator of every view under `/b/<brand>/`: the view receives the Brand; without `right` it answers 403.

    The decorated view carries `.right`, which the generated access test reads.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: PersonRequest, brand: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.brand = found = brand_for(request.user, brand)
            require(request.user, right, found)
            if not request.user.time_zone:  # the page and every picture on it tell time in one zone
                timezone.activate(zoneinfo.ZoneInfo(found.time_zone))
            return view(request, found, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]  # a mark on a function
        return guarded

    return decorate


def may_begin_brand(user: User) -> bool:
    """The administrator of the server adds brands; the first person to come in is one."""
    return user.is_active and user.is_administrator
