"""Alerts, concerns, the definition."""

from django.urls import path

from stormdesk.detect import views

urlpatterns = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
    path("alerts/<int:pk>/acknowledge/", views.acknowledge, name="acknowledge_alert"),
    path("alerts/<int:pk>/dismiss/", views.dismiss, name="dismiss_alert"),
    path("series/", views.series, name="series"),
    path("series.svg", views.series_svg, name="series_svg"),
    path("known/", views.known, name="known"),
    path("known/<int:pk>/remove/", views.remove_known, name="remove_known"),
    path("silence/", views.silence, name="silence"),
    path("silence/end/", views.end_silence, name="end_silence"),
    path("concerns/", views.raise_concern, name="raise_concern"),
    path("concerns/<int:pk>/", views.decide_concern, name="decide_concern"),
    path("settings/definition/", views.definition, name="definition"),
]
