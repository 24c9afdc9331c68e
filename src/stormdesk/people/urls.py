"""Signing in (allauth), invitations, and one's own settings."""

from django.urls import include, path

from stormdesk.people import views

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("join/<str:token>/", views.join, name="join"),
    path("me/", views.me, name="me"),
    path("me/tokens/", views.make_token, name="make_token"),
    path("me/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
]
