from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "onthaal.central.web"
    label = "web"

    def ready(self) -> None:
        from onthaal.central.web import checks  # noqa: F401, PLC0415 (importing it registers the checks)
