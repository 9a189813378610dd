"""What asks for a person: tasks on the work list, and alerts that are shown, mailed and acknowledged."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within


class Task(Row):
    """Something staff must do. One open task per kind and subject."""

    kind = models.CharField(max_length=60)
    """The words key below `desk.task.`: `take-back`, `inspect`, `overdue`, `resolve-dispute`, `fault` …"""
    about = models.CharField(max_length=80)
    """The stream it speaks of: `handover:12`, `kiosk:3`."""
    slots = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        "foundation.Account", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("done_by"),
            models.UniqueConstraint(
                fields=["municipality", "kind", "about"],
                condition=models.Q(done_at=None),
                name="one_open_task_per_subject",
            ),
        ]


class Alert(Row):
    """Something wrong that somebody must know of now. One open alert per kind and subject."""

    class Level(models.TextChoices):
        NOTE = "note"
        WARNING = "warning"
        CRITICAL = "critical"

    kind = models.CharField(max_length=60)
    """The words key below `desk.alert.`: `kiosk-silent`, `door-forced`, `mail-bounced`, `item-disputed` …"""
    level = models.CharField(max_length=10, choices=Level.choices)
    about = models.CharField(max_length=80)
    slots = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    """When the cause went away by itself."""
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        "foundation.Account", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("acknowledged_by"),
            models.UniqueConstraint(
                fields=["municipality", "kind", "about"],
                condition=models.Q(acknowledged_at=None),
                name="one_open_alert_per_subject",
            ),
        ]
