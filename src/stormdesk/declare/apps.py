from django.apps import AppConfig


class DeclareConfig(AppConfig):
    name = "stormdesk.declare"
    label = "declare"
