"""Two transactions that note in one stream at once: one waits for the other, and the chain holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import following, queries
from onthaal.central.foundation.journal.models import Entry, Following
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from tests.central.conftest import municipality
from tests.central.meanwhile import meanwhile

HANDS, NOTES = 4, 10


@pytest.fixture
def here(committed: None) -> Municipality:
    return municipality("aalter", "*")


def at_once(work) -> list[object]:
    def closing(hand: int) -> object:
        try:
            return work(hand)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(closing, range(HANDS)))


def test_promise_18_a_chain_holds_when_many_note_at_once(here: Municipality) -> None:
    def notes(hand: int) -> None:
        for _ in range(NOTES):
            with acting_for(here.pk):
                journal.note(stream="handover:1", kind="test.noted", by=str(hand))

    at_once(notes)
    with acting_for(here.pk):
        assert list(queries.of_stream("handover:1").values_list("number", flat=True)) == list(range(1, 41))
        assert queries.first_break("handover:1") is None


@pytest.mark.parametrize("noted_before", [0, 2])
def test_a_chain_that_grows_while_it_is_recomputed_is_whole(here: Municipality, noted_before: int) -> None:
    def note() -> None:
        with acting_for(here.pk):
            journal.note(stream="handover:1", kind="test.noted")

    for _ in range(noted_before):
        note()
    for table, turn in (("foundation_stream", 1), ("foundation_entry", 1), ("foundation_stream", 2)):
        with acting_for(here.pk), meanwhile(note, before=table, turn=turn):
            assert queries.first_break("handover:1") is None


def test_each_row_of_work_is_claimed_by_one_worker(here: Municipality) -> None:
    with acting_for(here.pk):
        entry = journal.note(stream="handover:1", kind="test.noted")
    Following.objects.bulk_create(
        Following(municipality=here, entry=entry.pk, follower=f"nobody.{number}", due_at=clock.now())
        for number in range(20)
    )
    now = clock.now() + timedelta(seconds=1)
    tried = at_once(lambda _: following.work(now, 50))
    assert sum(int(str(number)) for number in tried) == 20
    assert set(Following.objects.values_list("tries", flat=True)) == {1}
    with acting_for(here.pk):
        assert Entry.objects.count() == 1
