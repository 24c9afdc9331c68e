"""What operators' tools read."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from stormdesk.core.clock import utcnow
from stormdesk.people.access import PersonRequest
from stormdesk.web import metrics as numbers

LOOPBACK = {"127.0.0.1", "::1"}


@require_safe
@login_not_required
def metrics(request: PersonRequest) -> HttpResponse:
    """Prometheus metrics. How many crises are open is nobody else's business, so a stranger gets 404."""
    token = settings.STORMDESK.metrics_token
    given = request.headers.get("Authorization", "")
    # behind a proxy every address is the proxy's, so the forwarded header makes a request a stranger's
    local = request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
    if not (secrets.compare_digest(given, f"Bearer {token}") if token else local):
        return HttpResponse(status=404)
    return HttpResponse(numbers.page(utcnow()), content_type="text/plain; version=0.0.4; charset=utf-8")
