from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "stormdesk.watch"
    label = "watch"
