"""How many wrong codes a wall bears: pure, folded from the facts, so that pulling the plug resets nothing.

PINs: five tries a grant; a back-off of the whole wall from the third wrong one in a row, 30 s doubling to 15 min,
halved by a right one; after 120 wrong ones in 30 days QR only, until staff releases 20 more, at most 20 times a year.
A QR cannot be guessed and is never throttled. A staff PIN backs off in the same way per badge, and five wrong ones
within a day close that badge's PIN for the rest of it.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import msgspec

from onthaal.core.codes import SECRET_DIGITS, SELECTOR_DIGITS
from onthaal.core.facts import CodeAccepted, CodeRefused, StaffIdentified

TRIES_A_GRANT = 5
FREE_IN_A_ROW = 2
"""Wrong codes in a row that cost nothing: a slip of the finger, and one more."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
WINDOW = timedelta(days=30)
WRONG_A_WINDOW = 120
WRONG_A_RELEASE = 20
RELEASES_A_YEAR = 20
STAFF_TRIES = 5
STAFF_WINDOW = timedelta(hours=24)


class BadgeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The wrong PINs behind one staff badge since its last right one."""

    wrong_at: tuple[datetime, ...] = ()


class CodeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the log says of codes tried at this wall."""

    wrong_at: tuple[datetime, ...] = ()
    """Guesses within the last 30 days, oldest first."""
    in_a_row: int = 0
    last_wrong_at: datetime | None = None
    tries: dict[int, int] = {}
    """Wrong PINs per grant."""
    shut_at: tuple[datetime, ...] = ()
    """When the wall went over to QR only, this year and the last."""
    since_shut: int = 0
    """Guesses since it last did."""
    badges: dict[str, BadgeRecord] = {}
    """Per staff account."""


def after_refusal(record: CodeRecord, refused: CodeRefused, at: datetime) -> CodeRecord:
    """The record after a wrong code. Only guesses count."""
    if not refused.counts:
        return record
    if refused.staff is not None:
        return _after_staff_refusal(record, refused.staff, at)
    recent = (*(when for when in record.wrong_at if when > at - WINDOW), at)
    record = msgspec.structs.replace(
        record, wrong_at=recent, in_a_row=record.in_a_row + 1, last_wrong_at=at, since_shut=record.since_shut + 1
    )
    if refused.grant is not None:
        tries = record.tries | {refused.grant: record.tries.get(refused.grant, 0) + 1}
        record = msgspec.structs.replace(record, tries=tries)
    return _shut(record, at) if _spent(record) else record


def _after_staff_refusal(record: CodeRecord, staff: str, at: datetime) -> CodeRecord:
    before = record.badges.get(staff, BadgeRecord()).wrong_at
    wrong = (*(when for when in before if when > at - STAFF_WINDOW), at)
    return msgspec.structs.replace(record, badges=record.badges | {staff: BadgeRecord(wrong_at=wrong)})


def _spent(record: CodeRecord) -> bool:
    released = not record.shut_at or record.since_shut >= WRONG_A_RELEASE
    return released and len(record.wrong_at) >= WRONG_A_WINDOW


def _shut(record: CodeRecord, at: datetime) -> CodeRecord:
    shut = (*(when for when in record.shut_at if when.year >= at.year - 1), at)
    return msgspec.structs.replace(record, shut_at=shut, since_shut=0)


def after_acceptance(record: CodeRecord, accepted: CodeAccepted) -> CodeRecord:
    """A right PIN halves the run of wrong ones (a thief with one right code wins nothing by it)."""
    return msgspec.structs.replace(record, in_a_row=record.in_a_row // 2) if accepted.channel == "pin" else record


def after_staff(record: CodeRecord, identified: StaffIdentified) -> CodeRecord:
    """A right staff PIN forgives the wrong ones behind that badge."""
    return msgspec.structs.replace(record, badges={k: v for k, v in record.badges.items() if k != identified.staff})


def wait(in_a_row: int) -> timedelta:
    """How long a wall takes no PIN after that many wrong ones in a row."""
    if in_a_row <= FREE_IN_A_ROW:
        return timedelta(0)
    doublings = min(in_a_row - FREE_IN_A_ROW - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def backed_off_until(record: CodeRecord, now: datetime) -> datetime | None:
    """Until when this wall takes no PIN; None when it takes one now."""
    if record.last_wrong_at is None:
        return None
    return _ahead(record.last_wrong_at, wait(record.in_a_row), now)


def _ahead(since: datetime, pause: timedelta, now: datetime) -> datetime | None:
    """The end of a pause, when it lies ahead. One that begins further ahead than it lasts comes from a clock that
    was set back since: it counts for nothing, or a wall could stay shut for years."""
    until = since + pause
    return until if now < until and since <= now + pause else None


def grant_closed(record: CodeRecord, grant: int) -> bool:
    """Whether the PIN of that grant took its five wrong tries; its QR still opens."""
    return record.tries.get(grant, 0) >= TRIES_A_GRANT


def qr_only(record: CodeRecord, now: datetime, releases: int) -> bool:
    """Whether this wall takes no PIN at all. `releases`: how often staff released it this year."""
    shut_this_year = sum(1 for when in record.shut_at if when.year == now.year)
    return shut_this_year > min(releases, RELEASES_A_YEAR)


def staff_closed_until(record: CodeRecord, staff: str, now: datetime) -> datetime | None:
    """Until when the PIN behind that badge is not taken; None when it is taken now."""
    wrong = [when for when in record.badges.get(staff, BadgeRecord()).wrong_at if when > now - STAFF_WINDOW]
    if not wrong:
        return None
    if len(wrong) >= STAFF_TRIES:
        return _ahead(wrong[-STAFF_TRIES], STAFF_WINDOW, now)
    return _ahead(wrong[-1], wait(len(wrong)), now)


def guesses_a_year() -> int:
    """The most wrong PINs a wall takes within any year, whatever the guesser's patience.

    A full window's worth as often as a window begins within a year; what staff's releases add; and one release's
    worth more, because the count of releases begins anew with the year.
    """
    windows = math.ceil(timedelta(days=366) / WINDOW)
    return windows * WRONG_A_WINDOW + (RELEASES_A_YEAR + 1) * WRONG_A_RELEASE


def odds(live_grants: int) -> float:
    """The chance that a blind guesser who uses every try opens something within a year (a union bound)."""
    return guesses_a_year() * live_grants / float(10 ** (SELECTOR_DIGITS + SECRET_DIGITS))
