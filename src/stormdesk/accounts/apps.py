from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stormdesk.accounts"
    label = "accounts"
