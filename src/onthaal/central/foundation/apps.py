from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from onthaal.central.foundation.captions import said


class FoundationConfig(AppConfig):
    name = "onthaal.central.foundation"
    label = "foundation"
    verbose_name = said("configuration.app.foundation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from onthaal.central.foundation import roles  # noqa: PLC0415 (it asks for the apps, which are ready now)

        pre_migrate.connect(roles.before_migrations, sender=self)
        post_migrate.connect(roles.after_migrations, sender=self)
