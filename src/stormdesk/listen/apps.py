from django.apps import AppConfig


class ListenConfig(AppConfig):
    name = "stormdesk.listen"
    label = "listen"
