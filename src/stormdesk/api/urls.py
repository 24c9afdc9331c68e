"""The JSON API under /api/; its description is /api/openapi.json."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path

from stormdesk.api.api import api

_routes, _app, _namespace = api.urls


def _open(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    # the API asks for a token itself; the pages' redirect to sign-in is no answer for a program
    if isinstance(pattern, URLPattern):
        login_not_required(pattern.callback)
    return pattern


urlpatterns = [path("", ([_open(pattern) for pattern in _routes], _app, _namespace))]
