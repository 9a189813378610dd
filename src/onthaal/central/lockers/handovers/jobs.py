"""What the clock does to handovers: reminders, recalls, overdue loans, and days given back after a failure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from onthaal import clock
from onthaal.central.foundation.attention import actions as attending
from onthaal.central.foundation.attention import queries as attention
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
    wanted = waits & Q(collect_by__lt=now)
    if deadlines.by_day(now) == now:
        wanted |= (waits | out) & Q(reminder_at__lte=now)
    due = Handover.objects.filter(wanted)
    return list(due.filter(stuck_since=None).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _recall_is_due(handover: Handover, now: datetime) -> bool:
    waits = handover.stage == Stage.WAITING and handover.stuck_since is None
    return waits and handover.collect_by is not None and handover.collect_by < now


def _reminder_is_due(handover: Handover, now: datetime) -> bool:
    due = handover.reminder_at is not None and handover.reminder_at <= now
    return due and handover.stuck_since is None and deadlines.by_day(now) == now


def _remind(handover: Handover, now: datetime) -> None:
    if handover.direction == Direction.OUT:
        handover.reminder_at = None
        kind, what = "handover.reminded", "collect"
    elif handover.ends_on is not None and now <= deadlines.overdue_at(handover.ends_on):
        handover.reminder_at = deadlines.overdue_reminder(handover.ends_on)
        kind, what = "handover.reminded", "return"
    else:
        every = handover.product.overdue_reminder_days
        handover.reminder_at = deadlines.next_overdue_reminder(now, every_days=every)
        kind, what = "handover.overdue", "return"
    handover.save(update_fields=["reminder_at"])
    note(handover, kind, by=None, at=now, data={"what": what})


@transaction.atomic
def start_loan(*, out_id: int) -> Handover | None:
    """The thing is with the borrower (again): its return is watched from now on. The handover back; None for what is
    kept. Twice is harmless."""
    back = Handover.objects.filter(out_id=out_id).first()
    if back is None:
        return None
    locked = lock([back.pk])[back.pk]
    if locked.stage == Stage.PLANNED and locked.reminder_at is None and locked.ends_on is not None:
        locked.reminder_at = deadlines.first_loan_reminder(locked.ends_on, now=clock.now())
        locked.save(update_fields=["reminder_at"])
    return locked


@transaction.atomic
def ask_to_load(now: datetime) -> int:
    """Loans whose first day has come and that lie in no wall: staff loads them, or calls them off. How many.

    Once staff ticked a task off, it is asked again the next day.
    """
    today = deadlines.day_of(now)
    planned = Q(direction=Direction.OUT, stage=Stage.PLANNED, starts_on__lte=today)
    begun = Handover.objects.filter(planned).order_by("pk").values_list("pk", flat=True)
    asked = attention.asked_since(deadlines.start_of(today), kind="not-loaded")
    missing = [pk for pk in begun if f"handover:{pk}" not in asked][:AT_ONCE]
    found = [one for one in lock(missing).values() if one.stage == Stage.PLANNED]
    for handover in found:
        attending.open_task(kind="not-loaded", about=f"handover:{handover.pk}")
    return len(found)


# what a failure of ours costs nobody (promise 14)


@transaction.atomic
def stuck(ids: Iterable[int], now: datetime) -> None:
    """From now on nobody can open these, or bring them back: their deadlines stand still."""
    for handover in lock(ids).values():
        if handover.stuck_since is None:
            handover.stuck_since = now
            handover.save(update_fields=["stuck_since"])


@transaction.atomic
def unstuck(ids: Iterable[int], now: datetime) -> None:
    """They can be opened, or brought back, again: what was lost meanwhile is given back."""
    for handover in lock(ids).values():
        since, handover.stuck_since = handover.stuck_since, None
        if since is None:
            continue
        if handover.direction == Direction.OUT:
            _collected_later(handover, since, now)
        else:
            _brought_back_later(handover, since, now)
        handover.save()


def _collected_later(handover: Handover, since: datetime, now: datetime) -> None:
    if handover.stage == Stage.WAITING and handover.collect_by is not None:
        later = deadlines.given_back(handover.collect_by, since=since, until=now, ends_on=handover.ends_on)
        _extend(handover, later, cause="stuck")


def _brought_back_later(back: Handover, since: datetime, now: datetime) -> None:
    if back.stage != Stage.PLANNED or back.ends_on is None:
        return
    later = deadlines.last_day_given_back(back.ends_on, since=since, until=now)
    if later == back.ends_on:
        return
    back.ends_on = later
    if back.reminder_at is not None:
        back.reminder_at = deadlines.morning_of(deadlines.day_of(now) + timedelta(days=1))
    note(back, "handover.extended", by=None, at=now, data={"cause": "stuck", "ends_on": later.isoformat()})


def _extend(handover: Handover, later: datetime, *, cause: str) -> bool:
    """Part of a verb that saves it: it may be collected until `later`. False when it could already."""
    if later == handover.collect_by:
        return False
    handover.collect_by = later
    note(handover, "handover.extended", by=None, data={"cause": cause, "collect_by": later.isoformat()})
    return True


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
        later = deadlines.extended(handover.collect_by, lost, ends_on=handover.ends_on)
        if _extend(handover, max(later, handover.collect_by), cause=cause):
            handover.save(update_fields=["collect_by"])
            longer += 1
    return longer
