from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "stormdesk.people"
    label = "people"
