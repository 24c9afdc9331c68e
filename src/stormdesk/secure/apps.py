from django.apps import AppConfig


class SecureConfig(AppConfig):
    name = "stormdesk.secure"
    label = "secure"
