"""The executive's page."""

from django.urls import path

from stormdesk.watch import views

urlpatterns = [path("executive/", views.executive, name="executive")]
