"""On call and channels."""

from django.urls import path

from stormdesk.notify import views

urlpatterns = [
    path("on-call/", views.on_call, name="on_call"),
    path("on-call/shifts/", views.add_shift, name="add_shift"),
    path("on-call/shifts/<int:pk>/remove/", views.remove_shift, name="remove_shift"),
    path("on-call/steps/", views.set_steps, name="set_steps"),
    path("on-call/channels/<slug:kind>/add/", views.add_channel, name="add_channel"),
    path("on-call/quiet/", views.set_quiet, name="set_quiet"),
    path("on-call/channels/<int:pk>/remove/", views.remove_channel, name="remove_channel"),
    path("on-call/test/", views.send_test, name="send_test"),
]
