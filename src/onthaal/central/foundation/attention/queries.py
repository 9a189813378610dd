"""What asks for a person now."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, When

from onthaal.central.foundation.attention.models import Alert, Task

_DOOR = ":door:"


def door_of(stream: str, number: int) -> str:
    """What is about one door of a wall: `kiosk:3:door:4`. Journal entries and mails about it are in the wall's stream,
    `kiosk:3`."""
    return f"{stream}{_DOOR}{number}"


def parted(about: str) -> tuple[str, int | None]:
    """The stream that a task or an alert speaks of, and the door where it is about one."""
    stream, _, number = about.partition(_DOOR)
    return stream, int(number) if number.isdecimal() else None


def open_tasks() -> QuerySet[Task]:
    """Oldest first."""
    found: QuerySet[Task] = Task.objects.filter(done_at=None).order_by("opened_at", "id")
    return found


def is_open(kind: str, about: str) -> bool:
    """Whether a task of this kind about this subject waits for a person."""
    return open_tasks().filter(kind=kind, about=about).exists()


def open_within(kind: str, stream: str) -> set[str]:
    """What the open tasks of this kind are about, of those that belong to this stream: itself, and its doors."""
    own = Q(about=stream) | Q(about__startswith=f"{stream}{_DOOR}")
    return set(open_tasks().filter(own, kind=kind).values_list("about", flat=True))


def asked_since(day: datetime, *, kind: str) -> frozenset[str]:
    """About what a task of this kind is open, or was ticked off by a person since this moment."""
    asked = Task.objects.filter(Q(done_at=None) | Q(done_by__isnull=False, done_at__gte=day), kind=kind)
    return frozenset(asked.values_list("about", flat=True))


_GRAVITY = Case(When(level=Alert.Level.CRITICAL, then=0), When(level=Alert.Level.WARNING, then=1), default=2)


def open_alerts() -> QuerySet[Alert]:
    """Not yet acknowledged: what still lasts before what is over, the gravest first, then the newest."""
    found: QuerySet[Alert] = Alert.objects.filter(acknowledged_at=None).order_by(
        F("over_at").asc(nulls_first=True), _GRAVITY, "-raised_at", "-id"
    )
    return found


def lasting(about: str) -> frozenset[str]:
    """The kinds of the alerts about this subject whose cause did not go away, seen by somebody or not."""
    return frozenset(Alert.objects.filter(about=about, over_at=None).values_list("kind", flat=True))


def acknowledged_alerts() -> QuerySet[Alert]:
    """Those that a person has seen, the newest first."""
    found: QuerySet[Alert] = (
        Alert.objects.filter(acknowledged_at__isnull=False)
        .select_related("acknowledged_by")
        .order_by("-acknowledged_at", "-id")
    )
    return found


def done_tasks() -> QuerySet[Task]:
    """Those that a person finished, the last one first."""
    found: QuerySet[Task] = (
        Task.objects.filter(done_by__isnull=False).select_related("done_by").order_by("-done_at", "-id")
    )
    return found


def task(task_id: int) -> Task:
    """One task. Task.DoesNotExist."""
    found: Task = Task.objects.get(pk=task_id)
    return found
