from django.apps import AppConfig


class PauseConfig(AppConfig):
    name = "stormdesk.pause"
    label = "pause"
