from django.apps import AppConfig


class DetectConfig(AppConfig):
    name = "stormdesk.detect"
    label = "detect"

    def ready(self) -> None:
        from stormdesk.detect.pictures import mailed_picture
        from stormdesk.notify.messages import register_picture

        register_picture("alert", mailed_picture)
