from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stormdesk.accounts"
    label = "accounts"

    def ready(self) -> None:
        from stormdesk.accounts.keeping import Sealed
        from stormdesk.networks import kept

        kept.keep_in(Sealed())
