"""Asking for a person: tasks and alerts. The same thing asked for twice stays one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from onthaal import clock
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.attention.queries import parted
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.people.models import Account

AN_HOUR = timedelta(hours=1)
"""What comes back within it belongs to what was told before: a machine that comes and goes fills nobody's mailbox."""
EACH_TIME = timedelta(0)
"""For `again_after`: what people do, or must undo, is news however soon."""


def open_task(*, kind: str, about: str, slots: dict[str, Any] | None = None) -> Task:
    """The open task of this kind about this subject: the one there is, or a new one."""
    task: Task
    task, new = Task.objects.get_or_create(
        kind=kind, about=about, done_at=None, defaults={"slots": slots or {}, "opened_at": clock.now()}
    )
    if new:
        _note(about, "task.opened", named={"task": task.pk}, data={"task": kind})
    return task


def finish_task(*, kind: str, about: str, by: Account | None = None) -> bool:
    """Close the open task of this kind about this subject. False when there is none."""
    task = Task.objects.select_for_update().filter(kind=kind, about=about, done_at=None).first()
    if task is None:
        return False
    task.done_at, task.done_by = clock.now(), by
    task.save(update_fields=["done_at", "done_by"])
    _note(about, "task.done", by=by, named={"task": task.pk}, data={"task": kind})
    return True


def raise_alert(
    *, kind: str, level: str, about: str, slots: dict[str, Any] | None = None, again_after: timedelta | None = None
) -> Alert:
    """Show an alert and mail the duty address: once as long as it lasts.

    When it was over and comes back, it is as new, and mailed again once an hour at most. `again_after` is for what
    happens and is never over: happening again that long after it was told, or after somebody has seen it, it is as new
    too.
    """
    seen = Alert.objects.filter(kind=kind, about=about, acknowledged_at__isnull=False, over_at=None)
    if again_after is None and (lasts := seen.order_by("pk").last()) is not None:
        found: Alert = lasts
        return found
    told = {"level": level, "slots": slots or {}, "raised_at": clock.now()}
    alert: Alert
    # Locked: who acknowledges it meanwhile makes this a new one.
    alert, new = Alert.objects.select_for_update().get_or_create(
        kind=kind, about=about, acknowledged_at=None, defaults=told
    )
    if new or _comes_again(alert, told, again_after):
        data = {"alert": kind, "level": level}
        _note(about, "alert.raised", named={"alert": alert.pk}, data=data)
        notices.send_to_duty(kind="alert", about=parted(about)[0], slots={**data, **(slots or {})})
    return alert


def _comes_again(alert: Alert, told: dict[str, Any], again_after: timedelta | None) -> bool:
    """Whether this is news about an alert that is shown already. What was over goes on."""
    if alert.over_at is None and again_after is None:
        return False  # it lasts
    news: bool = told["raised_at"] - alert.raised_at >= (AN_HOUR if again_after is None else again_after)
    if news:
        alert.level, alert.slots, alert.raised_at = told["level"], told["slots"], told["raised_at"]
    alert.over_at = None
    alert.save(update_fields=["level", "slots", "raised_at", "over_at"])
    return news


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
        _note(alert.about, "alert.acknowledged", by=by, named={"alert": alert.pk}, data={"alert": alert.kind})
    return alert


def _note(about: str, kind: str, *, named: dict[str, Any], data: dict[str, Any], by: Account | None = None) -> None:
    """In the stream of its subject; a door is named beside it."""
    stream, door = parted(about)
    journal.note(
        stream=stream, kind=kind, by=str(by.pseudonym) if by else "",
        about=named | ({} if door is None else {"compartment": door}), data=data,
    )  # fmt: skip
