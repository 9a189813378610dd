from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "onthaal.central.web"
    label = "web"
