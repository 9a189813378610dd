"""A disk that was put back to an earlier state: its log ends, and another goes on."""

from __future__ import annotations

from pathlib import Path

from onthaal.clock import HandTurnedClock
from onthaal.core import facts as f
from onthaal.kiosk.store import Store
from tests.kiosk.cast import waiting, wishes
from tests.kiosk.powercut import recording
from tests.kiosk.test_store import clock, holds_together, path, said, store

__all__ = ["clock", "path", "store"]  # fixtures


def test_a_new_log_tells_what_the_old_one_held_and_nothing_of_it_is_lost(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    store.append(f.SeenEmpty(compartment=1), *said("told"))
    store.heard(2)
    later = store.append(f.FoundItem(compartment=2, session="s"), *said("not told"))
    was, seen = store.log, store.evidence()
    clock.turn(seconds=60)
    store.begin_anew(2)
    assert store.log != was
    first, *rest = store.facts_after(0)
    assert first.body == f.LogBegun(former=was, same_up_to=2)
    assert [(fact.at, fact.boot, fact.body) for fact in rest] == [(fact.at, fact.boot, fact.body) for fact in later]
    assert holds_together([first, *rest], store.log)
    assert (store.heard_up_to, store.last_number) == (0, 3)
    assert store.evidence().compartments == seen.compartments
    log, evidence = store.log, store.evidence()
    store.close()
    again = Store.open(path, clock=clock)
    assert (again.log, again.evidence(), again.last_number) == (log, evidence, 3)
    again.close()


def test_the_new_log_begins_behind_what_both_have_although_less_is_known_to_be_heard(store: Store) -> None:
    store.append(*said("a", "b", "c"))
    store.heard(1)
    store.begin_anew(2)
    assert [fact.body for fact in store.facts_after(0)][1:] == said("c")


def test_an_older_centre_is_told_again_all_that_this_disk_does_not_know_to_be_heard(store: Store) -> None:
    store.append(*said("a", "b", "c"))
    store.heard(1)
    store.begin_anew(None)
    assert [fact.body for fact in store.facts_after(0)][1:] == said("b", "c")


def test_promise_2_a_snapshot_from_before_the_new_log_still_gets_what_was_heard_of_the_old_one(store: Store) -> None:
    store.keep_wishes(wishes(waiting(5, 1), log=store.log, heard_up_to=0))
    taken = f.Collected(handover=5, compartment=1, session="s", grade="C")
    store.append(taken)
    store.heard(1)
    store.append(*said("not told"))
    store.begin_anew(1)
    assert [fact.body for fact in store.own_facts()][::2] == [taken, *said("not told")]


def test_a_pruned_log_can_begin_anew_and_its_evidence_goes_on(store: Store, path: Path, clock: HandTurnedClock) -> None:
    store.append(f.SeenEmpty(compartment=1))
    store.heard(1)
    assert store.pruned() is None
    clock.turn(days=91)
    store.prune(clock.now())
    told = store.pruned()
    assert told is not None
    assert f.follows(store.append(*said("more"))[0], bytes.fromhex(told.hash))
    store.begin_anew(1)
    assert store.pruned() is None
    assert store.evidence().compartment(1).content == "empty"
    store.heard(2)
    clock.turn(days=91)
    assert store.prune(clock.now()) == 2
    store.close()
    again = Store.open(path, clock=clock)
    assert again.evidence().compartment(1).content == "empty"
    again.close()


def test_promise_8_a_power_cut_while_a_new_log_begins_leaves_the_old_one_or_the_new(
    path: Path, tmp_path: Path, clock: HandTurnedClock
) -> None:
    with recording(path) as disk:
        store = Store.open(disk.path, clock=clock, vfs=disk.vfs)
        store.append(*said("a", "b", "c"))
        store.heard(1)
        old = store.log
        disk.mark("old")
        store.begin_anew(1)
        disk.mark("new")
        new = store.log
        store.close()
    for prefix in disk.prefixes(draws=1):
        if "old" not in prefix.marks:
            continue
        after = Store.open(prefix.pour(tmp_path / "after"), clock=clock)
        assert after.log == new or ("new" not in prefix.marks and after.log == old)
        assert [fact.body for fact in after.facts_after(1)] == said("b", "c")
        after.close()
