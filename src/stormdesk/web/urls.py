"""Home, health, the shell's own parts."""

from django.urls import include, path

from stormdesk.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("components/", views.components, name="components"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("b/<slug:brand>/", views.pulse, name="pulse"),
    path("b/<slug:brand>/settings/", views.settings_front, name="settings"),
    path("b/<slug:brand>/strip/", views.strip, name="strip"),
    path("", include("stormdesk.web.pages.urls")),
]
