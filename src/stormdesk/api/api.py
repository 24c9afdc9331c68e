"""Everything the screens do, for programs: the same actions, the same rights, the same sentences."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.throttling import AuthRateThrottle

from stormdesk import __version__
from stormdesk.api import crises, heard, posts, records
from stormdesk.api.auth import PersonalToken
from stormdesk.core.errors import AccessDenied, Conflict, StormdeskError

api = NinjaAPI(
    title="Stormdesk",
    version=__version__,
    description="Personal tokens are made on one's own page. Errors are one sentence in `detail`, in the language of Accept-Language.",
    auth=PersonalToken(),
    throttle=[AuthRateThrottle("100/s")],
    urls_namespace="api",
    docs_url=None,  # the page would load its script from elsewhere; openapi.json is what tools read
)
api.add_router("", records.router)
api.add_router("/brands/{brand}", heard.router)
api.add_router("/brands/{brand}", crises.router)
api.add_router("/brands/{brand}", posts.router)


@api.exception_handler(StormdeskError)
def refused(request: HttpRequest, error: StormdeskError) -> HttpResponse:
    """403, 409 or 422 with the sentence."""
    status = 403 if isinstance(error, AccessDenied) else 409 if isinstance(error, Conflict) else 422
    return api.create_response(request, {"detail": str(error)}, status=status)


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404 without a hint whether the thing belongs to somebody else."""
    return api.create_response(request, {"detail": _("There is no such thing here.")}, status=404)
