"""What every request needs to know about its person, and how errors with a sentence reach them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from stormdesk.core.errors import AccessDenied, Conflict, StormdeskError

Handler = Callable[[HttpRequest], HttpResponse]


def person(get_response: Handler) -> Handler:
    """Activates the person's language and time zone (the brand's zone is activated by the shell's context)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = user.time_zone if user.is_authenticated else ""
        with timezone.override(zoneinfo.ZoneInfo(zone) if zone else None):
            response = get_response(request)
        if user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


class errors:
    """Shows the sentence of a StormdeskError: as a message on the page one came from, or as a page of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, StormdeskError) or request.path.startswith("/api/"):
            return None
        status = 403 if isinstance(error, AccessDenied) else 409 if isinstance(error, Conflict) else 422
        if getattr(request, "htmx", None):
            return render(request, "web/partials/refused.html", {"sentence": str(error)}, status=status)
        came_from = request.headers.get("Referer", "")
        if request.method == "POST" and came_from.startswith(f"{request.scheme}://{request.get_host()}/"):
            messages.error(request, str(error))
            return redirect(came_from)
        return render(request, "web/refused.html", {"sentence": str(error)}, status=status)
