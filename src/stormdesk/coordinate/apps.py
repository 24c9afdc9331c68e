from django.apps import AppConfig


class CoordinateConfig(AppConfig):
    name = "stormdesk.coordinate"
    label = "coordinate"
