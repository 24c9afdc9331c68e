from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "stormdesk.web"
    label = "web"
