from django.apps import AppConfig


class LearnConfig(AppConfig):
    name = "stormdesk.learn"
    label = "learn"
