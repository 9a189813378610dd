"""Asking for a person: tasks and alerts. The same thing asked for twice stays one."""

from __future__ import annotations

from typing import Any

from onthaal import clock
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.people.models import Account


def open_task(*, kind: str, about: str, slots: dict[str, Any] | None = None) -> Task:
    """The open task of this kind about this subject: the one there is, or a new one."""
    task: Task
    task, new = Task.objects.get_or_create(
        kind=kind, about=about, done_at=None, defaults={"slots": slots or {}, "opened_at": clock.now()}
    )
    if new:
        journal.note(stream=about, kind="task.opened", about={"task": task.pk}, data={"task": kind})
    return task


def finish_task(*, kind: str, about: str, by: Account | None = None) -> bool:
    """Close the open task of this kind about this subject. False when there is none."""
    task = Task.objects.select_for_update().filter(kind=kind, about=about, done_at=None).first()
    if task is None:
        return False
    task.done_at, task.done_by = clock.now(), by
    task.save(update_fields=["done_at", "done_by"])
    journal.note(
        stream=about, kind="task.done", by=str(by.pseudonym) if by else "", about={"task": task.pk},
        data={"task": kind},
    )  # fmt: skip
    return True


def raise_alert(*, kind: str, level: str, about: str, slots: dict[str, Any] | None = None) -> Alert:
    """Show an alert and mail the duty address, once as long as nobody acknowledged it."""
    alert: Alert
    alert, new = Alert.objects.get_or_create(
        kind=kind, about=about, acknowledged_at=None,
        defaults={"level": level, "slots": slots or {}, "raised_at": clock.now()},
    )  # fmt: skip
    if new:
        data = {"alert": kind, "level": level}
        journal.note(stream=about, kind="alert.raised", about={"alert": alert.pk}, data=data)
        notices.send_to_duty(kind="alert", about=about, slots={"alert": kind, "level": level, **(slots or {})})
    elif alert.over_at is not None:
        alert.over_at = None
        alert.save(update_fields=["over_at"])
    return alert


def alert_over(kind: str, about: str) -> None:
    """The cause went away by itself, whether somebody had seen it or not; an alert that nobody acknowledged stays shown
    as such until somebody does."""
    Alert.objects.filter(kind=kind, about=about, over_at=None).update(over_at=clock.now())


def acknowledge(alert_id: int, by: Account) -> Alert:
    """A person has seen it. Harmless when somebody had before."""
    alert: Alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = clock.now(), by
        alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
        journal.note(
            stream=alert.about, kind="alert.acknowledged", by=str(by.pseudonym), about={"alert": alert.pk},
            data={"alert": alert.kind},
        )  # fmt: skip
    return alert
