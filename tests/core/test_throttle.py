"""How many wrong codes a wall bears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onthaal.core import throttle
from onthaal.core.facts import CodeAccepted, CodeRefused, StaffIdentified
from onthaal.core.throttle import CodeRecord

NOW = datetime(2026, 3, 1, 2, 10, tzinfo=UTC)


def guessed(record: CodeRecord, at: datetime = NOW, *, times: int = 1, grant: int | None = None) -> CodeRecord:
    refused = CodeRefused(session="s", channel="pin", why="code-wrong", grant=grant, counts=True)
    for _ in range(times):
        record = throttle.after_refusal(record, refused, at)
    return record


def staff_guessed(record: CodeRecord, at: datetime = NOW, *, times: int = 1) -> CodeRecord:
    refused = CodeRefused(session="s", channel="badge", why="staff-pin-wrong", counts=True, staff="cleo")
    for _ in range(times):
        record = throttle.after_refusal(record, refused, at)
    return record


@pytest.mark.parametrize(
    ("wrong", "seconds"), [(0, 0), (1, 0), (2, 0), (3, 30), (4, 60), (5, 120), (6, 240), (7, 480), (8, 900), (99, 900)]
)
def test_the_wall_backs_off_from_the_third_wrong_code_in_a_row(wrong: int, seconds: int) -> None:
    until = throttle.backed_off_until(guessed(CodeRecord(), times=wrong), NOW)
    assert until == (NOW + timedelta(seconds=seconds) if seconds else None)


def test_the_back_off_ends_by_itself() -> None:
    record = guessed(CodeRecord(), times=3)
    assert throttle.backed_off_until(record, NOW + timedelta(seconds=29))
    assert throttle.backed_off_until(record, NOW + timedelta(seconds=30)) is None


def test_a_right_pin_halves_the_run_and_a_right_qr_leaves_it() -> None:
    record = guessed(CodeRecord(), times=6)
    assert throttle.after_acceptance(record, CodeAccepted(session="s", channel="pin")).in_a_row == 3
    assert throttle.after_acceptance(record, CodeAccepted(session="s", channel="qr")).in_a_row == 6


def test_a_clock_that_was_set_back_does_not_shut_the_wall_for_years() -> None:
    record = guessed(CodeRecord(), NOW + timedelta(days=900), times=8)
    assert throttle.backed_off_until(record, NOW) is None


def test_five_wrong_pins_close_that_grants_pin_and_no_others() -> None:
    record = guessed(CodeRecord(), times=4, grant=7)
    assert not throttle.grant_closed(record, 7)
    record = guessed(record, grant=7)
    assert throttle.grant_closed(record, 7)
    assert not throttle.grant_closed(record, 8)


def test_what_is_no_guess_does_not_count() -> None:
    refused = CodeRefused(session="s", channel="qr", why="code-used", grant=7)
    assert throttle.after_refusal(CodeRecord(), refused, NOW) == CodeRecord()


def test_after_120_wrong_codes_in_30_days_the_wall_takes_qr_only() -> None:
    record = guessed(CodeRecord(), times=119)
    assert not throttle.qr_only(record, NOW, 0)
    record = guessed(record)
    assert throttle.qr_only(record, NOW, 0)
    assert throttle.qr_only(record, NOW + timedelta(days=200), 0), "until staff releases it"


def test_wrong_codes_older_than_30_days_are_forgotten() -> None:
    record = guessed(CodeRecord(), times=119)
    later = NOW + timedelta(days=30, seconds=1)
    assert not throttle.qr_only(guessed(record, later, times=119), later, 0)


def test_each_release_allows_twenty_more_and_no_more() -> None:
    record = guessed(CodeRecord(), times=120)
    for releases in range(1, 21):
        assert not throttle.qr_only(record, NOW, releases)
        record = guessed(record, times=19)
        assert not throttle.qr_only(record, NOW, releases)
        record = guessed(record)
        assert throttle.qr_only(record, NOW, releases)
    assert throttle.qr_only(record, NOW, 21), "at most twenty times a year"


def test_a_staff_pin_backs_off_and_closes_for_the_day_and_a_right_one_forgives() -> None:
    assert throttle.staff_closed_until(staff_guessed(CodeRecord(), times=2), "cleo", NOW) is None
    three = staff_guessed(CodeRecord(), times=3)
    assert throttle.staff_closed_until(three, "cleo", NOW) == NOW + timedelta(seconds=30)
    five = staff_guessed(CodeRecord(), times=5)
    assert throttle.staff_closed_until(five, "cleo", NOW) == NOW + timedelta(hours=24)
    assert throttle.staff_closed_until(five, "dirk", NOW) is None
    assert throttle.staff_closed_until(five, "cleo", NOW + timedelta(hours=24)) is None
    forgiven = throttle.after_staff(five, StaffIdentified(session="s", staff="cleo"))
    assert throttle.staff_closed_until(forgiven, "cleo", NOW) is None


def test_wrong_staff_pins_do_not_close_the_wall_for_residents() -> None:
    assert throttle.backed_off_until(staff_guessed(CodeRecord(), times=9), NOW) is None


def test_promise_15_a_blind_guesser_stays_under_one_in_ten_thousand_a_wall_and_year() -> None:
    assert throttle.odds(live_grants=50) < 1e-4


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 5), min_size=400, max_size=400), st.integers(0, 20))
def test_promise_15_no_guesser_gets_more_tries_in_a_year_than_the_odds_count_with(
    pauses: list[float], spare: int
) -> None:
    """A patient guesser tries whenever the wall lets him; staff releases the wall at once, as often as it may."""
    record, now, tries, releases = CodeRecord(), NOW.replace(month=1, day=1), 0, 0
    year = now.year
    for pause in pauses * 12:
        now += timedelta(days=pause / 8)
        if now.year != year:
            break
        until = throttle.backed_off_until(record, now)
        now = until or now
        if throttle.qr_only(record, now, releases):
            if releases >= spare:
                break
            releases += 1
        record = guessed(record, now)
        tries += 1
    assert tries <= throttle.guesses_a_year()


def test_a_clock_set_back_does_not_shut_a_badge_for_years() -> None:
    later = staff_guessed(CodeRecord(), NOW + timedelta(days=900), times=5)
    assert throttle.staff_closed_until(later, "cleo", NOW) is None
    assert throttle.staff_closed_until(later, "cleo", NOW + timedelta(days=900)) is not None
