from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "stormdesk.notify"
    label = "notify"
