"""Playbooks."""

from django.urls import path

from stormdesk.declare import views

urlpatterns = [
    path("settings/playbooks/", views.playbooks, name="playbooks"),
    path("settings/playbooks/<slug:type>/", views.playbook, name="playbook"),
]
