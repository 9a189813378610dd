"""What the clock does to handovers: reminders, recalls, overdue loans, and days given back after a failure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from onthaal.central.foundation.attention.models import Alert
from onthaal.central.lockers.handovers.actions import lock, note, recalled
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places import actions as places
from onthaal.core import deadlines
from onthaal.core.lifecycles import Direction, Stage

AT_ONCE = 100
"""Rows a tick; the next one takes the rest."""


@transaction.atomic
def tick(now: datetime) -> int:
    """Do what is due in the scope's municipality. How many handovers it touched; as often as you like."""
    touched = 0
    kiosks: set[int] = set()
    for handover in lock(_due(now)).values():
        if _recall_is_due(handover, now):
            recalled(handover, by=None, reason="not-collected")
            kiosks.add(handover.kiosk_id)
        elif _reminder_is_due(handover, now):
            _remind(handover, now)
        else:
            continue
        touched += 1
    places.raise_wishes(kiosks)
    return touched


def _due(now: datetime) -> list[int]:
    waits = Q(direction=Direction.OUT, stage=Stage.WAITING)
    out = Q(direction=Direction.BACK, stage=Stage.PLANNED)
    recall = waits & Q(collect_by__lt=now) & ~Q(kiosk__in=silent_kiosks())
    due = Handover.objects.filter(recall | ((waits | out) & Q(reminder_at__lte=now)))
    return list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def silent_kiosks() -> list[int]:
    """Walls that do not answer now: nothing is recalled there while people may be unable to collect (promise 14)."""
    abouts = Alert.objects.filter(kind="kiosk-silent", over_at=None, acknowledged_at=None).values_list(
        "about", flat=True
    )
    return [int(about.partition(":")[2]) for about in abouts]


def _recall_is_due(handover: Handover, now: datetime) -> bool:
    return (
        handover.stage == Stage.WAITING
        and handover.collect_by is not None
        and handover.collect_by < now
        and handover.kiosk_id not in silent_kiosks()
    )


def _reminder_is_due(handover: Handover, now: datetime) -> bool:
    return handover.reminder_at is not None and handover.reminder_at <= now


def _remind(handover: Handover, now: datetime) -> None:
    if handover.direction == Direction.OUT:
        handover.reminder_at = None
        kind, what = "handover.reminded", "collect"
    elif handover.ends_on is not None and now <= deadlines.overdue_at(handover.ends_on):
        handover.reminder_at = deadlines.overdue_at(handover.ends_on) + timedelta(seconds=1)
        kind, what = "handover.reminded", "return"
    else:
        every = handover.product.overdue_reminder_days
        handover.reminder_at = deadlines.next_overdue_reminder(now, every_days=every)
        kind, what = "handover.overdue", "return"
    handover.save(update_fields=["reminder_at"])
    note(handover, kind, by=None, at=now, data={"what": what})


@transaction.atomic
def start_loan(*, out_id: int) -> Handover | None:
    """The thing is with the borrower: its return is watched from now on. The handover back; None for what is kept."""
    back = Handover.objects.filter(out_id=out_id).first()
    if back is None:
        return None
    locked = lock([back.pk])[back.pk]
    if locked.stage == Stage.PLANNED and locked.reminder_at is None and locked.ends_on is not None:
        locked.reminder_at = deadlines.return_reminder(locked.ends_on)
        locked.save(update_fields=["reminder_at"])
    return locked


@transaction.atomic
def give_days_back(*, kiosk_id: int, lost: timedelta, cause: str, doors: Iterable[int] | None = None) -> int:
    """A failure of the machine costs nobody anything: what waits behind it waits longer (promise 14).

    `doors`: their numbers; without, the whole wall. How many handovers got longer.
    """
    waits = Handover.objects.filter(kiosk_id=kiosk_id, direction=Direction.OUT, stage=Stage.WAITING)
    if doors is not None:
        waits = waits.filter(compartment__number__in=list(doors))
    longer = 0
    for handover in lock(waits.values_list("pk", flat=True)).values():
        if handover.stage != Stage.WAITING or handover.collect_by is None:
            continue
        handover.collect_by = deadlines.extended(handover.collect_by, lost)
        handover.save(update_fields=["collect_by"])
        until = handover.collect_by.isoformat()
        note(handover, "handover.extended", by=None, data={"cause": cause, "collect_by": until})
        longer += 1
    return longer
