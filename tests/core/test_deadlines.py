"""Deadlines: days are those of Belgium, and a failure never costs a day."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onthaal.core import deadlines

MOMENTS = st.integers(1_767_225_600, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_five_days_means_until_the_end_of_the_fifth_day_after() -> None:
    period = deadlines.collection(datetime(2026, 11, 2, 15, 0, tzinfo=UTC), days=5, reminder_day=3)
    assert period.collect_by == datetime(2026, 11, 7, 22, 59, 59, tzinfo=UTC)
    assert period.reminder_at == datetime(2026, 11, 5, 8, 0, tzinfo=UTC)


def test_a_notice_after_midnight_in_belgium_counts_from_that_day() -> None:
    period = deadlines.collection(datetime(2026, 11, 2, 23, 30, tzinfo=UTC), days=5, reminder_day=3)
    assert deadlines.day_of(period.collect_by) == date(2026, 11, 8)


def test_the_night_the_clock_changes_ends_no_day_early() -> None:
    period = deadlines.collection(datetime(2027, 3, 27, 12, 0, tzinfo=UTC), days=1, reminder_day=0)
    assert period.collect_by == datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC)
    autumn = deadlines.collection(datetime(2027, 10, 30, 12, 0, tzinfo=UTC), days=1, reminder_day=0)
    assert autumn.collect_by == datetime(2027, 10, 31, 22, 59, 59, tzinfo=UTC)


@given(MOMENTS, st.integers(1, 30))
def test_whole_days_are_never_cut_short(ready_at: datetime, days: int) -> None:
    period = deadlines.collection(ready_at, days=days, reminder_day=0)
    assert period.collect_by - ready_at >= timedelta(days=days) - timedelta(hours=1)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_promise_14_a_failure_moves_the_deadline_by_its_length_or_at_least_a_day(
    moment: datetime, lost: timedelta
) -> None:
    deadline = deadlines.end_of(deadlines.day_of(moment))
    later = deadlines.extended(deadline, lost)
    assert deadlines.day_of(later) - deadlines.day_of(deadline) >= timedelta(days=1)
    assert later - deadline >= lost - timedelta(hours=1)  # a day of 23 hours, when the clock goes forward
    assert later == deadlines.end_of(deadlines.day_of(later))


def test_a_loan_is_collected_until_its_last_day_and_no_longer() -> None:
    ready_at, last = datetime(2026, 11, 2, 15, 0, tzinfo=UTC), date(2026, 11, 4)
    period = deadlines.collection(ready_at, days=5, reminder_day=3, ends_on=last)
    assert (period.collect_by, period.reminder_at) == (deadlines.end_of(last), None)
    long = deadlines.collection(ready_at, days=5, reminder_day=3, ends_on=date(2026, 12, 4))
    assert long == deadlines.collection(ready_at, days=5, reminder_day=3)
    later = deadlines.extended(deadlines.end_of(date(2026, 11, 3)), timedelta(days=4), ends_on=last)
    assert later == deadlines.end_of(last)


def test_a_loan_that_is_ready_before_its_days_is_collected_from_its_first_day_on() -> None:
    ready_at, first, last = datetime(2026, 11, 2, 15, 0, tzinfo=UTC), date(2026, 11, 22), date(2026, 11, 24)
    short = deadlines.collection(ready_at, days=5, reminder_day=3, starts_on=first, ends_on=last)
    assert short == deadlines.Collection(deadlines.end_of(last), None)
    long = deadlines.collection(ready_at, days=5, reminder_day=3, starts_on=first, ends_on=date(2026, 12, 24))
    assert long == deadlines.Collection(deadlines.end_of(date(2026, 11, 27)), deadlines.morning_of(date(2026, 11, 25)))
    begun = deadlines.collection(ready_at, days=5, reminder_day=3, starts_on=date(2026, 11, 1))
    assert begun == deadlines.collection(ready_at, days=5, reminder_day=3)


LASTS = st.timedeltas(timedelta(0), timedelta(days=9))


@given(MOMENTS, st.integers(-3, 12), LASTS)
def test_promise_14_what_could_not_be_collected_can_be_for_as_long_again(
    since: datetime, days: int, lost: timedelta
) -> None:
    deadline, until = deadlines.end_of(deadlines.day_of(since) + timedelta(days=days)), since + lost
    later = deadlines.given_back(deadline, since=since, until=until)
    assert later >= deadline
    assert later == deadlines.end_of(deadlines.day_of(later))
    if since <= deadline and lost >= deadlines.LONG_FAILURE:
        assert later - deadline >= lost - timedelta(hours=1)
    if since <= deadline < until:
        assert later >= until - timedelta(hours=1)  # a day of 23 hours
        assert later > deadline
    if deadline < since or (lost < deadlines.LONG_FAILURE and until <= deadline):
        assert later == deadline


@given(MOMENTS, st.integers(-3, 12), LASTS)
def test_promise_14_what_could_not_be_brought_back_on_its_last_day_can_be_for_as_long_again(
    since: datetime, days: int, lost: timedelta
) -> None:
    ends_on, until = deadlines.day_of(since) + timedelta(days=days), since + lost
    later = deadlines.last_day_given_back(ends_on, since=since, until=until)
    over = deadlines.overdue_at(ends_on)
    assert later >= ends_on
    if since <= over < until:
        assert deadlines.overdue_at(later) >= until - timedelta(hours=1)  # a day of 23 hours
        assert later > ends_on
    if since > over or until < deadlines.start_of(ends_on):
        assert later == ends_on


def test_a_borrower_is_reminded_the_morning_before_the_last_day() -> None:
    assert deadlines.return_reminder(date(2026, 7, 10)) == datetime(2026, 7, 9, 7, 0, tzinfo=UTC)


def test_who_got_it_too_late_to_be_told_before_its_last_day_is_first_dunned_the_morning_after() -> None:
    last, before = date(2026, 7, 10), datetime(2026, 7, 9, 7, 0, tzinfo=UTC)
    soon, late = before - timedelta(seconds=1), datetime(2026, 7, 11, 7, 0, tzinfo=UTC)
    assert deadlines.first_loan_reminder(last, now=soon) == before
    assert deadlines.first_loan_reminder(last, now=before) == deadlines.overdue_reminder(last) == late


@given(MOMENTS)
def test_nobody_is_mailed_at_night_what_can_wait(moment: datetime) -> None:
    told = deadlines.by_day(moment)
    assert told >= moment
    assert deadlines.day_of(told) == deadlines.day_of(moment)
    assert deadlines.morning_of(deadlines.day_of(told)) <= told


def test_a_loan_is_overdue_only_when_its_last_day_is_over() -> None:
    assert deadlines.overdue_at(date(2026, 7, 10)) == datetime(2026, 7, 10, 21, 59, 59, tzinfo=UTC)


def test_overdue_reminders_come_every_so_many_days_in_the_morning() -> None:
    now = datetime(2026, 7, 10, 22, 5, tzinfo=UTC)  # the 11th in Belgium
    assert deadlines.next_overdue_reminder(now, every_days=2) == datetime(2026, 7, 13, 7, 0, tzinfo=UTC)
