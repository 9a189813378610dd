"""Asking for a person: tasks and alerts. The same thing asked for twice stays one.

Lock order in each verb: the head of its subject's stream, then the task or the alert, then the mail about it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

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
    journal.hold(parted(about)[0])
    task: Task
    task, new = Task.objects.get_or_create(
        kind=kind, about=about, done_at=None, defaults={"slots": slots or {}, "opened_at": clock.now()}
    )
    if new:
        _note(about, "task.opened", named={"task": task.pk}, data={"task": kind})
    return task


def finish_task(*, kind: str, about: str, by: Account | None = None) -> bool:
    """Close the open task of this kind about this subject. False when there is none."""
    standing = Task.objects.filter(kind=kind, about=about, done_at=None)
    if not standing.exists():
        return False
    journal.hold(parted(about)[0])
    task = standing.select_for_update().first()
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

    When it was over and comes back, it is as new, and mailed again once an hour at most: sooner back, its mail waits
    for that hour, and is not sent when it is over or seen by then. `again_after` is for what happens and is never over:
    happening again that long after it was told, or after somebody has seen it, it is as new too.
    """
    seen = Alert.objects.filter(kind=kind, about=about, acknowledged_at__isnull=False, over_at=None)
    if again_after is None and (lasts := seen.order_by("pk").last()) is not None:
        found: Alert = lasts
        return found
    journal.hold(parted(about)[0])
    told = {"level": level, "slots": slots or {}, "raised_at": clock.now()}
    alert: Alert
    # Locked: who acknowledges it meanwhile makes this a new one.
    alert, new = Alert.objects.select_for_update().get_or_create(
        kind=kind, about=about, acknowledged_at=None, defaults=told
    )
    at = alert.raised_at if new else _comes_again(alert, told, again_after)
    if at is not None:
        _tell(alert, at=at)
    return alert


def _tell(alert: Alert, *, at: datetime) -> None:
    """Mail it, now or later."""
    data = {"alert": alert.kind, "level": alert.level}
    slots, stream = {**data, **alert.slots}, parted(alert.about)[0]
    if at > alert.raised_at:
        notices.send_to_duty(kind="alert", about=stream, slots=slots | _after(alert), not_before=at)
        return
    _note(alert.about, "alert.raised", named={"alert": alert.pk}, data=data)
    notices.send_to_duty(kind="alert", about=stream, slots=slots)


def _after(alert: Alert) -> dict[str, str]:
    """What only the mail carries that waits because this telling of the alert was less than an hour ago."""
    return {"alert": alert.kind, "after": alert.raised_at.isoformat()}


def _comes_again(alert: Alert, told: dict[str, Any], again_after: timedelta | None) -> datetime | None:
    """From when on this may be mailed about an alert that is shown already; None when it is no news. What was over goes
    on."""
    was_over, apart = alert.over_at is not None, AN_HOUR if again_after is None else again_after
    if not was_over and again_after is None:
        return None  # it lasts
    last: datetime = alert.raised_at
    if notices.was_written(parted(alert.about)[0], "alert", **_after(alert)):
        last += apart
    news = told["raised_at"] - last >= apart
    if not news and not was_over:
        return None
    alert.level, alert.slots, alert.over_at = told["level"], told["slots"], None
    alert.raised_at = told["raised_at"] if news else last
    alert.save(update_fields=["level", "slots", "raised_at", "over_at"])
    return alert.raised_at if news else last + apart


@transaction.atomic
def alert_over(kind: str, about: str) -> None:
    """The cause went away by itself, whether somebody had seen it or not; an alert that nobody acknowledged stays shown
    as such until somebody does."""
    lasting = Alert.objects.filter(kind=kind, about=about, over_at=None)
    if not lasting.exists():
        return
    journal.hold(parted(about)[0])
    for alert in lasting.select_for_update().order_by("pk"):
        _need_not_be_told(alert)
        alert.over_at = clock.now()
        alert.save(update_fields=["over_at"])


def _need_not_be_told(alert: Alert) -> None:
    """Its mail that waits for the hour, if there is one, is not sent."""
    notices.drop(parted(alert.about)[0], "alert", **_after(alert))


def acknowledge(alert_id: int, by: Account) -> Alert:
    """A person has seen it. Harmless when somebody had before."""
    journal.hold(parted(Alert.objects.values_list("about", flat=True).get(pk=alert_id))[0])
    alert: Alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = clock.now(), by
        alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
        _need_not_be_told(alert)
        _note(alert.about, "alert.acknowledged", by=by, named={"alert": alert.pk}, data={"alert": alert.kind})
    return alert


def _note(about: str, kind: str, *, named: dict[str, Any], data: dict[str, Any], by: Account | None = None) -> None:
    """In the stream of its subject; a door is named beside it."""
    stream, door = parted(about)
    journal.note(
        stream=stream, kind=kind, by=str(by.pseudonym) if by else "",
        about=named | ({} if door is None else {"compartment": door}), data=data,
    )  # fmt: skip
