from django.apps import AppConfig

from onthaal.central.foundation.captions import said


class LockersConfig(AppConfig):
    name = "onthaal.central.lockers"
    label = "lockers"
    verbose_name = said("configuration.app.lockers")
    default_auto_field = "django.db.models.BigAutoField"
