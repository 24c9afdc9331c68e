"""Home, Pulse, health, and the shell's own parts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from stormdesk.core.clock import utcnow
from stormdesk.people import access
from stormdesk.people.access import PersonRequest, brand_page
from stormdesk.people.actions import change_me
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.web import health, samples
from stormdesk.web.pulse import page as pulses


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The Pulse of the brand last opened; without any brand, what to do about that."""
    brands = access.brands_of(request.user)
    if not brands:
        if access.may_begin_brand(request.user):
            return redirect("start")
        return render(request, "web/no_brand.html")
    last = request.session.get("brand")
    brand = next((brand for brand in brands if brand.slug == last), brands[0])
    return redirect("pulse", brand.slug)


@require_safe
@brand_page(Right.SEE)
def pulse(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Every brand the person sees: its state in words, what is usual, what waits, who is on call."""
    part = bool(getattr(request, "htmx", False))
    made = pulses.shared_page if part else pulses.page
    page = made(access.brands_of(request.user), brand, utcnow())
    return render(request, "web/pulse/main.html" if part else "web/pulse.html", {**page, "section": "pulse"})


@require_safe
@brand_page(Right.SEE)
def strip(request: HttpRequest, brand: Brand) -> HttpResponse:
    """The line on top of every page, fetched anew when a crisis or a pause changes."""
    return render(request, "web/partials/strip.html")


@require_safe
@brand_page(Right.SEE)
def settings_front(request: HttpRequest, brand: Brand) -> HttpResponse:
    """The first page of Settings."""
    return redirect("queries", brand.slug)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages and come back."""
    wanted, target = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = redirect(target)
    if wanted in dict(settings.LANGUAGES):
        user = request.user
        if isinstance(user, User) and user.language != wanted:
            change_me(user=user, name=user.name, language=wanted, time_zone=user.time_zone, theme=user.theme)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=365 * 24 * 3600, samesite="Lax")
    return response


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Everything the pages are made of, in every state."""
    return render(request, "web/components.html", {"samples": samples.charts()})


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, migrations and the other processes, as JSON; 503 while one of them is missing."""
    found = health.checks(utcnow())
    ready = all(check["ok"] for check in found.values())
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)
