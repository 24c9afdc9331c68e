"""The page behind “I have it” in a message: no sign-in, one button, one matter (decision 32)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.flows.take_over import take_over
from stormdesk.notify.links import call_of
from stormdesk.notify.sending import letter_of


@login_not_required
@never_cache
def i_have_it(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it changes nothing, since mail scanners open links too; the button takes the matter over."""
    call = call_of(token)
    if call is None:
        sentence = _(
            "This link is older than a day or was not copied whole. Sign in to see what is going on."
        )
        return render(request, "web/taking.html", {"sentence": sentence}, status=404)
    with translation.override(call.user.language or call.brand.language):
        shown = {"call": call, "subject": letter_of(call).subject, "escalation": call.escalation}
        if request.method != "POST":
            return render(request, "web/taking.html", shown)
        try:
            take_over(call=call, now=utcnow())
        except StormdeskError as error:
            return render(request, "web/taking.html", shown | {"sentence": str(error)}, status=409)
        return render(request, "web/taking.html", shown | {"taken": True})
