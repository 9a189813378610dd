"""What every table of a municipality's own starts from."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from onthaal.central.foundation.tenancy import Fenced, scope


class ScopedManager(models.Manager[Any]):
    """Rows of the scope's municipality; a query without a scope raises NoScope before it reaches the database."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(municipality_id=scope())


class Row(models.Model):
    """A row of one municipality: fenced by row-level security; its municipality is that of the scope."""

    municipality = models.ForeignKey("foundation.Municipality", on_delete=models.PROTECT, editable=False)

    objects = ScopedManager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "id"], name="%(app_label)s_%(class)s_own"),
            Fenced(name="%(app_label)s_%(class)s_fence"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.municipality_id is None:
            self.municipality_id = scope()
        super().save(*args, **kwargs)
