"""When a thing must be collected or brought back, and when somebody is reminded. Days are those of Belgium.

All moments go in and out aware, in UTC; a *day* is a calendar day in Europe/Brussels, so that a deadline at a change
of the clock is still the end of that day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

ZONE = ZoneInfo("Europe/Brussels")
REMINDS_AT = time(9)
"""Local: nobody is mailed a reminder at night."""
LEAST_EXTENSION = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


class Collection(msgspec.Struct, frozen=True):
    """The collection period of one thing in the wall."""

    collect_by: datetime
    """The last second of the last day."""
    reminder_at: datetime | None


def day_of(moment: datetime) -> date:
    """The calendar day in Belgium."""
    return moment.astimezone(ZONE).date()


def end_of(day: date) -> datetime:
    """The last second of a day in Belgium."""
    return datetime.combine(day, _LAST_SECOND, ZONE).astimezone(UTC)


def morning_of(day: date) -> datetime:
    """Nine in the morning of a day in Belgium."""
    return datetime.combine(day, REMINDS_AT, ZONE).astimezone(UTC)


def start_of(day: date) -> datetime:
    """The first second of a day in Belgium."""
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def collection(ready_at: datetime, *, days: int, reminder_day: int) -> Collection:
    """The period that begins when the notice had gone: `days` whole days after that day, and its reminder."""
    first = day_of(ready_at)
    return Collection(end_of(first + timedelta(days=days)), morning_of(first + timedelta(days=reminder_day)))


def extended(deadline: datetime, lost: timedelta) -> datetime:
    """A deadline after a technical failure of length `lost`: at least a day later, and never less than what was lost.

    The end of a day stays the end of a day.
    """
    days = -(-max(lost, LEAST_EXTENSION) // timedelta(days=1))
    return end_of(day_of(deadline) + timedelta(days=days))


def return_reminder(ends_on: date) -> datetime:
    """The morning before the last day of a loan."""
    return morning_of(ends_on - timedelta(days=1))


def overdue_at(ends_on: date) -> datetime:
    """From this moment on a loan is overdue."""
    return end_of(ends_on)


def next_overdue_reminder(now: datetime, *, every_days: int) -> datetime:
    """The morning of the next reminder, counted from the day of this one."""
    return morning_of(day_of(now) + timedelta(days=every_days))
