"""Signing in (allauth), invitations, and one's own settings."""

from allauth.account import urls as account
from django.urls import include, path

from stormdesk.people import views

# People come in by invitation and the owner sends a new link: no sign-up, no reset by mail, no list of addresses.
DOORS = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_signup",  # answers that it is closed; the page of signing in asks for its address
}

urlpatterns = [
    path("account/", include([door for door in account.urlpatterns if door.name in DOORS])),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("join/<str:token>/", views.join, name="join"),
    path("me/", views.me, name="me"),
    path("me/tokens/", views.make_token, name="make_token"),
    path("me/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
]
