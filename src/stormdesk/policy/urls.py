"""The policy."""

from django.urls import path

from stormdesk.policy import views

urlpatterns = [
    path("policy/", views.policy, name="policy"),
    path("policy/edit/", views.edit, name="edit_policy"),
    path("policy/<int:version>/sign/", views.sign, name="sign_policy"),
    path("policy/rules/new/", views.rule, name="new_rule"),
    path("policy/rules/<int:pk>/", views.rule, name="rule"),
    path("policy/rules/<int:pk>/switch/", views.switch, name="switch_rule"),
]
