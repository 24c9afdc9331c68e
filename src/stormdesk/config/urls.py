"""Every address of the product. Pages of a brand stand under `/b/<brand>/`, so that brands are walls in the address too."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path


def _stage_urls() -> list[URLPattern | URLResolver]:
    return [
        path("b/<slug:brand>/", include(f"stormdesk.{stage}.urls"))
        for stage in settings.STAGES
        if stage != "people" and find_spec(f"stormdesk.{stage}.urls")
    ]


urlpatterns = [
    path("", include("stormdesk.people.urls")),
    path("", include("stormdesk.web.urls")),
    path("api/", include("stormdesk.api.urls")),
    *_stage_urls(),
]
