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
LONG_FAILURE = timedelta(hours=1)
"""A failure this long may have cost somebody a visit."""
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


def by_day(moment: datetime) -> datetime:
    """The first moment from this one on at which somebody may be mailed what can wait: at night, nine that morning."""
    return max(moment, morning_of(day_of(moment)))


def start_of(day: date) -> datetime:
    """The first second of a day in Belgium."""
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def collection(
    ready_at: datetime, *, days: int, reminder_day: int, starts_on: date | None = None, ends_on: date | None = None
) -> Collection:
    """The period that begins when the notice had gone: `days` whole days after that day, and its reminder.

    That of a loan that is ready before its first day, `starts_on`, begins on that day; and it is not collected any more
    after its last day, `ends_on`.
    """
    first = max(day_of(ready_at), starts_on or date.min)
    collect_by = no_later(end_of(first + timedelta(days=days)), ends_on)
    reminder_at = morning_of(first + timedelta(days=reminder_day))
    return Collection(collect_by, reminder_at if reminder_at < collect_by else None)


def no_later(deadline: datetime, ends_on: date | None) -> datetime:
    """A deadline to collect; that of a loan is at most the end of its last day."""
    return deadline if ends_on is None else min(deadline, end_of(ends_on))


def extended(deadline: datetime, lost: timedelta, *, ends_on: date | None = None) -> datetime:
    """A deadline after a technical failure of length `lost`: at least a day later, and never less than what was lost.

    The end of a day stays the end of a day. The days of a loan stay its days.
    """
    return no_later(end_of(day_of(deadline) + timedelta(days=_whole_days(lost))), ends_on)


def given_back(deadline: datetime, *, since: datetime, until: datetime, ends_on: date | None = None) -> datetime:
    """A deadline to collect, after nothing could be collected from `since` until `until`.

    A hiccup gives nothing, unless the deadline passed in it. What had passed before stays so.
    """
    if deadline < since or (until - since < LONG_FAILURE and until <= deadline):
        return deadline
    return max(deadline, extended(deadline, until - since, ends_on=ends_on))


def last_day_given_back(ends_on: date, *, since: datetime, until: datetime) -> date:
    """The last day of a loan, after nothing could be brought back from `since` until `until`.

    Only what was lost of the last day, and after it, is given back; a hiccup gives nothing, unless the day passed in
    it. A loan that was late already stays so.
    """
    began = max(since, start_of(ends_on))
    late, early = began > end_of(ends_on), until <= began
    if late or early or (until - began < LONG_FAILURE and until <= end_of(ends_on)):
        return ends_on
    return ends_on + timedelta(days=_whole_days(until - began))


def _whole_days(lost: timedelta) -> int:
    return -(-max(lost, LEAST_EXTENSION) // timedelta(days=1))


def return_reminder(ends_on: date) -> datetime:
    """The morning before the last day of a loan."""
    return morning_of(ends_on - timedelta(days=1))


def overdue_at(ends_on: date) -> datetime:
    """From this moment on a loan is overdue."""
    return end_of(ends_on)


def overdue_reminder(ends_on: date) -> datetime:
    """The morning after the last day of a loan: the first time that its borrower is dunned."""
    return morning_of(ends_on + timedelta(days=1))


def first_loan_reminder(ends_on: date, *, now: datetime) -> datetime:
    """When somebody who has a thing from `now` on is reminded of it first: who got it too late to be told before its
    last day has just been told that day."""
    before = return_reminder(ends_on)
    return before if now < before else overdue_reminder(ends_on)


def next_overdue_reminder(now: datetime, *, every_days: int) -> datetime:
    """The morning of the next reminder, counted from the day of this one."""
    return morning_of(day_of(now) + timedelta(days=every_days))
