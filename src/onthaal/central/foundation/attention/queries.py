"""What asks for a person now."""

from __future__ import annotations

from django.db.models import QuerySet

from onthaal.central.foundation.attention.models import Alert, Task


def open_tasks() -> QuerySet[Task]:
    """Oldest first."""
    found: QuerySet[Task] = Task.objects.filter(done_at=None).order_by("opened_at", "id")
    return found


def open_alerts() -> QuerySet[Alert]:
    """Not yet acknowledged, newest first."""
    found: QuerySet[Alert] = Alert.objects.filter(acknowledged_at=None).order_by("-raised_at", "-id")
    return found
