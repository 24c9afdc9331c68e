"""Signing in (allauth), invitations, and one's own settings."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
]
