"""What every table of a municipality's own starts from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models

from onthaal.central.foundation.tenancy import Fenced, scope


class ScopedRows(models.QuerySet[Any]):
    """Rows of the scope's municipality; what is made in bulk belongs to it too."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.municipality_id = row.municipality_id or scope()
        return super().bulk_create(rows, *args, **kwargs)


class ScopedManager(models.Manager[Any]):
    """Rows of the scope's municipality; a query without a scope raises NoScope before it reaches the database."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return ScopedRows(self.model, using=self._db).filter(municipality_id=scope())


class Row(models.Model):
    """A row of one municipality: fenced by row-level security; its municipality is that of the scope."""

    municipality = models.ForeignKey("foundation.Municipality", on_delete=models.PROTECT, editable=False)

    objects: ClassVar[ScopedManager] = ScopedManager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "id"], name="%(app_label)s_%(class)s_own"),
            Fenced(name="%(app_label)s_%(class)s_fence"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.municipality_id:
            self.municipality_id = scope()
        super().save(*args, **kwargs)
