"""Home, health, the shell's own parts."""

from django.urls import path

urlpatterns: list = [path("", lambda request: None, name="home")]
