"""The link “I have it” of a message: it opens a page with one button, for one person, about one matter, for a day."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from stormdesk.notify.models import Call

GOOD_FOR = timedelta(days=1)
_SALT = "stormdesk.notify.acknowledge"


def path_of(call: Call) -> str:
    """The path of the page for whoever this call goes to."""
    return reverse("i_have_it", args=[signing.dumps(call.pk, salt=_SALT)])


def call_of(token: str) -> Call | None:
    """The call a link was made for; None when it is forged, older than a day or its matter is gone."""
    try:
        number = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    found = Call.objects.filter(pk=number).select_related("user", "brand", "escalation__acknowledged_by")
    return found.first()
