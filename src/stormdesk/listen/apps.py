from django.apps import AppConfig


class ListenConfig(AppConfig):
    name = "stormdesk.listen"
    label = "listen"

    def ready(self) -> None:
        from django.conf import settings

        from stormdesk.networks import pace

        # Web, worker and ingest ask the same networks for the same accounts: one budget for all of them.
        pace.keep_in(pace.File(settings.DATA / "run" / "pace.sqlite3"))
