"""Addresses of the switch."""

from django.urls import path

from stormdesk.pause import views

urlpatterns = [
    path("pause/", views.pause, name="pause"),
    path("pause/<int:pk>/end/", views.end, name="pause_end"),
    path("pause/<int:pk>/later/", views.later, name="pause_later"),
]
