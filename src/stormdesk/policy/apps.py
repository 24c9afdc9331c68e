from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "stormdesk.policy"
    label = "policy"
