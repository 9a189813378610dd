"""Promise 9 where one side lost its past: a backup older than what the kiosk keeps, and a kiosk's disk put back.

The kiosk's own store and uplink against the centre's own pages, on PostgreSQL.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import transaction

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.devices.models import HeardFact, Log
from onthaal.central.web import chains
from onthaal.core import facts as f
from onthaal.kiosk.store import KEPT, Store
from tests.proof.life import (
    Life,
    a_life,
    a_store,
    no_used_code_opens,
    nothing_in_the_wall_is_forgotten,
    passes,
    truth_of,
)
from tests.proof.line import MISHAPS, Link, Mishap
from tests.proof.test_promise_09_any_line import books, restored, straight
from tests.proof.town import Town


def heard(town: Town, log: str) -> list[str]:
    with town.wall.acting():
        rows = HeardFact.objects.filter(log__name=log).order_by("number")
        return list(rows.values_list("told", flat=True))


def kinds(town: Town) -> list[str]:
    with town.wall.acting():
        return list(Entry.objects.filter(stream=f"kiosk:{town.wall.kiosk.pk}").values_list("kind", flat=True))


def whole(town: Town) -> None:
    with town.wall.acting():
        assert [one for one in chains.recomputed() if one.break_at is not None] == []


def test_promise_9_a_backup_older_than_what_the_kiosk_keeps_is_told_all_that_is_left(
    town: Town, tmp_path: Path
) -> None:
    """In between people are asked to count: what only the lost facts said, nobody can know."""
    life = a_life(town)
    store, clock = a_store(tmp_path / "kiosk.db")
    link = Link(town, store)
    link.settle()
    backup = transaction.savepoint()
    for day in life.days[:4]:
        passes(store, clock, day)
    link.settle()
    clock.turn(seconds=KEPT.total_seconds())
    for day in life.days[4:6]:
        passes(store, clock, day)
    link.settle()
    gone = store.prune(clock.now())
    assert gone > 0
    transaction.savepoint_rollback(backup)
    restored(town, link)
    passes(store, clock, (f.HelpAsked(session="later"),))
    link.settle(MISHAPS)
    assert len(heard(town, store.log)) == store.last_number - gone
    assert kinds(town).count("kiosk.log-gap") == 1
    with town.wall.acting():
        assert Log.objects.get().heard_up_to == store.last_number
    whole(town)
    town.every_thing_has_one_holder()
    nothing_in_the_wall_is_forgotten(truth_of(store), life, 6)
    store.close()


@pytest.mark.parametrize(("image", "back"), [(2, 4), (5, 7), (3, 4)])
def test_promise_9_a_disk_put_back_to_an_earlier_state_tells_all_that_happens_then(
    town: Town, tmp_path: Path, image: int, back: int, subtests: pytest.Subtests
) -> None:
    """What was written since the image and told went to the ledger before; what is written after it comes too, however
    little or much there is of it."""
    life = a_life(town)
    wanted = straight(town, life)
    past = lost_past(town, life, tmp_path, image=image, back=back)
    for mishap in MISHAPS:
        with subtests.test(mishap=mishap), town.and_back():
            store = put_back(town, life, past, mishap)
            assert store.log != past.log
            assert books(town) == wanted
            assert town.objections() == []
            assert heard(town, past.log) == past.heard, "the old log stays as it was heard"
            assert len(heard(town, store.log)) == store.last_number
            assert kinds(town).count("kiosk.log-replaced") == 1
            whole(town)
            store.close()


class Past(NamedTuple):
    """What was told before a copy of the disk was put back; it is the same for whatever befalls the line after that."""

    image: Path
    back: int
    """After which day the copy is put back."""
    log: str
    """That its disk ended."""
    heard: list[str]


def lost_past(town: Town, life: Life, folder: Path, *, image: int, back: int) -> Past:
    """The life up to the day `back`, told; after the day `image` the disk was copied."""
    store, clock = a_store(folder / "kiosk.db")
    link = Link(town, store)
    for number, day in enumerate(life.days[:back], start=1):
        passes(store, clock, day)
        link.settle()
        if number == image:
            store.close()
            shutil.copy(folder / "kiosk.db", folder / "image.db")
            store = Store.open(folder / "kiosk.db", clock=clock)
            link = Link(town, store)
    past = Past(folder / "image.db", back, store.log, heard(town, store.log))
    store.close()
    return past


def put_back(town: Town, life: Life, past: Past, mishap: Mishap) -> Store:
    """The store at the end of that life; `mishap` befell the line every other day from then on."""
    store, clock = a_store(Path(shutil.copy(past.image, past.image.with_name(f"{mishap}.db"))))
    clock.turn(days=past.back)
    assert store.log == past.log
    link = Link(town, store)
    for number, day in enumerate(life.days[past.back :], start=past.back + 1):
        passes(store, clock, day)
        link.settle([mishap] * (number % 2))
        no_used_code_opens(truth_of(store), life, number)
    return store
