from django.apps import AppConfig


class DetectConfig(AppConfig):
    name = "stormdesk.detect"
    label = "detect"
