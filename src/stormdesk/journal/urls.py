"""The record."""

from django.urls import path

from stormdesk.journal import views

urlpatterns = [
    path("settings/journal/", views.journal, name="journal"),
    path("settings/journal.jsonl", views.export, name="journal_export"),
]
