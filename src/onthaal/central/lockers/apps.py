from django.apps import AppConfig


class LockersConfig(AppConfig):
    name = "onthaal.central.lockers"
    label = "lockers"
    default_auto_field = "django.db.models.BigAutoField"
