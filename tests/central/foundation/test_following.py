"""What follows from an entry is done once, by whoever claims it; what fails is tried again and then told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from onthaal import clock
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import followers, following
from onthaal.central.foundation.journal.models import Entry, Following
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for, scope

seen: list[tuple[int, str]] = []
mended: list[bool] = []


def looks(entry: Entry) -> None:
    seen.append((scope(), entry.kind))


def stumbles(entry: Entry) -> None:
    if mended:
        seen.append((scope(), "mended"))
        return
    journal.note(stream=entry.stream, kind="test.half-done")
    raise RuntimeError("An Peeters lives at 1 High Street")


TABLE = {"test.happened": (looks,), "test.went-wrong": (stumbles, looks)}


@pytest.fixture(autouse=True)
def the_table(settings) -> Iterator[None]:
    settings.ONTHAAL_FOLLOWERS = f"{__name__}.TABLE"
    followers.table.cache_clear()
    seen.clear()
    mended.clear()
    yield
    followers.table.cache_clear()


def noted(municipality: Municipality, kind: str) -> None:
    with acting_for(municipality.pk):
        journal.note(stream="handover:1", kind=kind)


def now(**later: float) -> datetime:
    return clock.now() + timedelta(**later)


def test_a_follower_works_in_the_scope_of_its_entry_and_once(aalter: Municipality, deinze: Municipality) -> None:
    noted(aalter, "test.happened")
    noted(deinze, "test.happened")
    assert following.work(now(), 10) == 2
    assert following.work(now(hours=5), 10) == 0
    assert seen == [(aalter.pk, "test.happened"), (deinze.pk, "test.happened")]


def test_one_that_fails_leaves_no_half_work_and_does_not_stop_the_next(aalter: Municipality) -> None:
    noted(aalter, "test.went-wrong")
    following.work(now(), 10)
    assert seen == [(aalter.pk, "test.went-wrong")]
    row = Following.objects.get(done_at=None)
    assert (row.tries, row.error) == (1, "RuntimeError")
    with acting_for(aalter.pk):
        assert not Entry.objects.filter(kind="test.half-done").exists()


def test_after_its_last_try_it_gives_up_and_an_alert_says_so(aalter: Municipality) -> None:
    noted(aalter, "test.went-wrong")
    for hours in range(0, 40, 2):
        following.work(now(hours=hours), 10)
    row = Following.objects.get(done_at=None)
    assert (row.tries, row.gave_up_at is not None) == (following.TRIES, True)
    with acting_for(aalter.pk):
        alert = Alert.objects.get(kind="follower-gave-up")
    assert "Peeters" not in f"{alert.slots}{row.error}"


def test_what_was_given_up_is_done_once_its_fault_is_mended(aalter: Municipality) -> None:
    noted(aalter, "test.went-wrong")
    for hours in range(0, 40, 2):
        following.work(now(hours=hours), 10)
    seen.clear()

    mended.append(True)
    assert following.work(now(hours=50), 10) == 0, "by itself it is not tried any more"
    assert following.try_again(now(hours=50)) == 1
    with acting_for(aalter.pk):
        assert Alert.objects.get(kind="follower-gave-up").over_at is not None
    assert following.work(now(hours=50), 10) == 1
    assert seen == [(aalter.pk, "mended")]
    assert following.try_again(now(hours=50)) == 0


def test_a_claim_of_a_dead_worker_is_taken_over(aalter: Municipality) -> None:
    noted(aalter, "test.happened")
    Following.objects.update(claimed_until=now(minutes=2), tries=1)
    assert following.work(now(), 10) == 0
    assert following.work(now(minutes=3), 10) == 1
