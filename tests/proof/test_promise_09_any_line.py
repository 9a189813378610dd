"""Promise 9 on the whole: the kiosk's own uplink and the centre's own pages over a line that loses, doubles, delays
and garbles; days offline; a replaced disk; a centre put back to an earlier state, once and twice.

Reached here: both ends in one process, the centre on PostgreSQL under the application role. (Two transactions at once
are tried with the centre; the uplink's clockwork with the kiosk.)
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.central.devices.cast import ledger
from tests.proof.life import Life, a_life, a_store, both_say_the_same, no_used_code_opens, passes, truth_of
from tests.proof.line import MISHAPS, Link
from tests.proof.town import Town

ANY = settings(max_examples=4, suppress_health_check=list(HealthCheck))
FEW = settings(ANY, max_examples=3)
TROUBLE = st.lists(st.sampled_from(MISHAPS), max_size=6)


def books(town: Town) -> list[Any]:
    with town.wall.acting():
        return list(ledger())


def straight(town: Town, life: Life) -> list[Any]:
    """The ledger when nothing goes wrong."""
    with town.and_back(), tempfile.TemporaryDirectory() as folder:
        store, clock = a_store(Path(folder) / "kiosk.db")
        link = Link(town, store)
        for day in life.days:
            passes(store, clock, day)
            link.settle()
        store.close()
        assert town.objections() == []
        return books(town)


def test_promise_9_whatever_the_line_does_the_ledger_equals_the_log(town: Town) -> None:
    """Lost, doubled, late and garbled requests, any days offline: the same ledger, every chain whole."""
    life = a_life(town)
    wanted = straight(town, life)

    @ANY
    @given(st.data())
    def however_it_went(data: st.DataObject) -> None:
        with town.and_back(), tempfile.TemporaryDirectory() as folder:
            store, clock = a_store(Path(folder) / "kiosk.db")
            link = Link(town, store)
            for day in life.days:
                passes(store, clock, day)
                if data.draw(st.booleans(), label="online"):
                    link.settle(data.draw(TROUBLE, label="trouble"))
                    both_say_the_same(town, life, truth_of(store))
                if data.draw(st.booleans(), label="what was late comes in"):
                    link.line.arrives_late()
            link.settle()
            link.line.arrives_late()
            assert books(town) == wanted
            assert town.objections() == []
            town.every_thing_has_one_holder()
            town.chains_hold()
            store.close()

    however_it_went()


def test_promise_9_a_restored_centre_hears_again_what_it_forgot(town: Town) -> None:
    """Backups put back at any moment, any number of times: a new epoch each time, and the same ledger in the end. In
    between no code opens that was used, and the wall forgets nothing."""
    life = a_life(town)
    wanted = straight(town, life)

    @FEW
    @given(st.data())
    def however_it_went(data: st.DataObject) -> None:
        with town.and_back(), tempfile.TemporaryDirectory() as folder:
            store, clock = a_store(Path(folder) / "kiosk.db")
            link = Link(town, store)
            link.settle()
            backups = [transaction.savepoint()]
            for number, day in enumerate(life.days, start=1):
                passes(store, clock, day)
                if data.draw(st.booleans(), label="online"):
                    link.settle()
                if data.draw(st.booleans(), label="a backup is made"):
                    backups.append(transaction.savepoint())
                if data.draw(st.integers(0, 3), label="the centre burns") == 0:
                    del backups[1 + data.draw(st.integers(0, len(backups) - 1)) :]
                    transaction.savepoint_rollback(backups[-1])
                    restored(town, link)
                    backups.append(transaction.savepoint())
                no_used_code_opens(truth_of(store), life, number)
            link.settle()
            assert books(town) == wanted
            both_say_the_same(town, life, truth_of(store))
            town.every_thing_has_one_holder()
            town.chains_hold()
            store.close()

    however_it_went()


def restored(town: Town, link: Link) -> None:
    """`onthaal central restored`, as often as the alert *a wall is ahead* asks for it; then the wall talks."""
    held = link.store.wishes()
    town.is_restored()
    while held is not None and town.epoch <= held.epoch:
        town.is_restored()
    link.settle()
    now = link.store.wishes()
    assert now is not None
    assert now.epoch == town.epoch


def test_promise_9_a_replaced_disk_goes_on_where_the_centre_stands(town: Town) -> None:
    """The old log was told; a new one begins. Late posts of the old one change nothing any more."""
    life = a_life(town)
    wanted = straight(town, life)

    @ANY
    @given(st.integers(1, len(life.days) - 1), TROUBLE)
    def replaced_on(day: int, trouble: list[Any]) -> None:
        with town.and_back(), tempfile.TemporaryDirectory() as folder:
            store, clock = a_store(Path(folder) / "old.db")
            old = Link(town, store)
            for before in life.days[:day]:
                passes(store, clock, before)
            old.settle([*trouble, "late"])
            store.close()
            store, fresh = a_store(Path(folder) / "new.db")
            fresh.turn(days=day)
            new = Link(town, store)
            for after in life.days[day:]:
                passes(store, fresh, after)
                new.settle()
                old.line.arrives_late()
                no_used_code_opens(truth_of(store), life, day)
            assert books(town) == wanted
            assert town.objections() == []
            store.close()

    replaced_on()
