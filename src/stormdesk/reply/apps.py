from django.apps import AppConfig


class ReplyConfig(AppConfig):
    name = "stormdesk.reply"
    label = "reply"
