from django.apps import AppConfig


class PublishConfig(AppConfig):
    name = "stormdesk.publish"
    label = "publish"
