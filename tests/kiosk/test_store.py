"""The kiosk's disk."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from onthaal.clock import HandTurnedClock
from onthaal.core import chain, throttle
from onthaal.core import facts as f
from onthaal.kiosk import schema
from onthaal.kiosk.store import KEPT, Store, StoreFault
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import NOW, a_clock, a_handover, fitted, waiting, wishes
from tests.kiosk.powercut import recording

STORES = Path(__file__).with_name("stores")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.db"


@pytest.fixture
def clock() -> HandTurnedClock:
    return a_clock()


@pytest.fixture
def store(path: Path, clock: HandTurnedClock) -> Iterator[Store]:
    store = Store.open(path, clock=clock)
    yield store
    store.close()


def said(*words: str) -> list[f.Body]:
    return [f.HelpAsked(session=word) for word in words]


def holds_together(facts: list[f.Fact], log: str) -> bool:
    head = chain.genesis(f.stream(log))
    for number, fact in enumerate(facts, start=1):
        if fact.number != number or not f.follows(fact, head):
            return False
        head = bytes.fromhex(fact.hash)
    return True


# facts


def test_facts_are_numbered_chained_and_there_after_a_restart(store: Store, path: Path, clock: HandTurnedClock) -> None:
    first = store.append(*said("a", "b"))
    second = store.append(*said("c"))
    assert [fact.number for fact in (*first, *second)] == [1, 2, 3]
    store.close()
    again = Store.open(path, clock=clock)
    assert again.facts_after(0) == [*first, *second]
    assert holds_together(again.facts_after(0), again.log)
    assert (again.last_number, again.log, again.boot != store.boot) == (3, store.log, True)
    assert [fact.number for fact in again.append(*said("d"))] == [4]
    assert holds_together(again.facts_after(0), again.log)
    again.close()


def test_facts_are_read_in_order_and_in_portions(store: Store) -> None:
    store.append(*said("a", "b", "c", "d"))
    assert [fact.number for fact in store.facts_after(1, 2)] == [2, 3]
    assert store.facts_after(4, 2) == []


def test_the_evidence_grows_with_each_fact_and_is_the_same_after_a_restart(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    store.append(f.SeenEmpty(compartment=1))
    assert store.evidence().compartment(1).content == "empty"
    seen = store.evidence()
    store.close()
    again = Store.open(path, clock=clock)
    assert again.evidence() == seen
    again.close()


def test_every_commit_is_synced_before_it_returns(path: Path, clock: HandTurnedClock) -> None:
    with recording(path) as disk:
        store = Store.open(disk.path, clock=clock, vfs=disk.vfs)
        before = len(disk.steps)
        store.append(*said("a"))
        kinds = [type(step).__name__ for step in disk.steps[before:]]
        store.close()
    assert kinds[-1] == "Sync"
    assert kinds.count("Sync") == 1


def test_the_store_is_for_the_service_users_eyes_only(store: Store, path: Path) -> None:
    store.append(*said("a"))
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


# promises


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fact SET told = x'00' WHERE number = 1",
        "UPDATE fact SET number = 9 WHERE number = 1",
        "DELETE FROM fact WHERE number = 1",
        "DELETE FROM fact",
        "INSERT INTO fact (number, at, told) VALUES (9, 0, x'00')",
        "INSERT OR REPLACE INTO fact (number, at, told) VALUES (1, 0, x'00')",
        "UPDATE meta SET log = 'other'",
        "INSERT INTO ended SELECT log, 0, '' FROM meta; UPDATE meta SET log = 'other'",
        "INSERT INTO former SELECT log, number, at, x'00' FROM fact, meta; DELETE FROM fact",
    ],
)
def test_promise_18_the_database_itself_refuses_to_change_or_drop_a_fact(store: Store, path: Path, change: str) -> None:
    """The kiosk's part of the promise: decisions and journal entries are the centre's."""
    store.append(*said("a", "b"))
    outside = apsw.Connection(str(path))
    with pytest.raises(apsw.ConstraintError):
        outside.execute(change)
    outside.close()
    assert [fact.body for fact in store.facts_after(0)] == said("a", "b")


def test_promise_18_a_log_whose_chain_does_not_hold_is_not_opened(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    store.append(*said("a", "b"))
    store.close()
    outside = apsw.Connection(str(path))
    outside.execute("DROP TRIGGER fact_never_changes")
    outside.execute("UPDATE fact SET told = CAST(replace(CAST(told AS TEXT), '\"a\"', '\"z\"') AS BLOB)")
    outside.close()
    with pytest.raises(StoreFault, match="chain breaks at fact 1"):
        Store.open(path, clock=clock)


def test_promise_8_whatever_the_power_cut_every_told_fact_is_there_and_the_chain_holds(
    path: Path, tmp_path: Path, clock: HandTurnedClock
) -> None:
    """Part of the promise: the store's. Every prefix of its writes, with those not synced kept, lost or torn."""
    with recording(path) as disk:
        store = Store.open(disk.path, clock=clock, vfs=disk.vfs)
        for number in range(1, 7):
            store.append(*said("a" * 300, f"fact {number}"))
            disk.mark(("facts", store.last_number))
            if number % 2:
                store.keep_wishes(wishes(waiting(5, 2), log=store.log, version=number, heard_up_to=number))
                disk.mark(("wishes", number))
            store.heard(number)
            disk.mark(("heard", number))
        clock.turn(days=100)
        store.prune(clock.now())
        store.append(*said("after pruning"))
        disk.mark(("facts", store.last_number))
        store.close()
    opened = 0
    for prefix in disk.prefixes(draws=1):
        promised = dict(prefix.marks)
        after = Store.open(prefix.pour(tmp_path / "after"), clock=clock)
        assert after.last_number >= promised.get("facts", 0), (prefix.at, prefix.kept)
        assert after.heard_up_to >= promised.get("heard", 0), (prefix.at, prefix.kept)
        kept = after.wishes()
        assert (kept.version if kept else 0) >= promised.get("wishes", 0), (prefix.at, prefix.kept)
        after.append(*said("life goes on"))
        after.close()
        opened += 1
    assert opened > 100


def test_promise_15_the_back_off_survives_the_plug_because_it_is_folded_from_the_disk(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    refused = f.CodeRefused(session="s", channel="pin", why="code-wrong", counts=True)
    for _ in range(4):
        store.append(refused)
    store.close()
    again = Store.open(path, clock=clock)
    until = throttle.backed_off_until(again.evidence().codes, clock.now())
    assert until == NOW + timedelta(seconds=60)
    again.close()


# wishes


def test_the_last_snapshot_is_there_after_a_restart(store: Store, path: Path, clock: HandTurnedClock) -> None:
    assert store.wishes() is None
    kept = wishes(a_handover(5), log=store.log, version=3)
    assert store.keep_wishes(kept)
    store.close()
    again = Store.open(path, clock=clock)
    assert again.wishes() == kept
    again.close()


def test_an_older_snapshot_of_the_same_epoch_changes_nothing(store: Store) -> None:
    store.append(*said("a", "b", "c"))
    kept = wishes(log=store.log, version=5, heard_up_to=3)
    assert store.keep_wishes(kept)
    for old in (
        wishes(log=store.log, version=4, heard_up_to=3),
        wishes(log=store.log, version=5, heard_up_to=2),
        wishes(log=store.log, version=5, heard_up_to=3),
        wishes(log=store.log, version=99, epoch=0),
    ):
        assert not store.keep_wishes(old)
    assert store.wishes() == kept
    assert store.last_number == 3


def test_a_snapshot_that_only_heard_more_is_newer(store: Store) -> None:
    store.append(*said("a"))
    assert store.keep_wishes(wishes(log=store.log, version=5))
    assert store.keep_wishes(wishes(log=store.log, version=5, heard_up_to=1))
    assert store.own_facts() == []


def test_a_new_epoch_is_accepted_once_with_a_fact_and_the_centre_is_told_again(store: Store) -> None:
    store.append(*said("a", "b", "c"))
    store.heard(3)
    assert store.keep_wishes(wishes(log=store.log, version=50, heard_up_to=3))
    restored = wishes(log=store.log, epoch=2, version=1, heard_up_to=1)
    assert store.keep_wishes(restored)
    assert store.facts_after(3)[0].body == f.EpochAccepted(epoch=2, was=1)
    assert store.heard_up_to == 1
    assert not store.keep_wishes(restored)
    assert not store.keep_wishes(wishes(log=store.log, version=51))
    assert store.last_number == 4


def test_promise_2_an_old_snapshot_after_a_restart_brings_nothing_back(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    wall = fitted("S", "S")
    store.keep_wishes(wishes(waiting(5, 2), log=store.log))
    store.append(f.Collected(handover=5, compartment=2, session="s", grade="C"))
    store.close()
    again = Store.open(path, clock=clock)
    assert again.keep_wishes(wishes(waiting(5, 2), log=again.log, version=2))
    assert Truth.of(again, wall).pulse_allowed(2, "collect", 5) is not None
    again.close()


# hearing and pruning


def test_what_was_heard_is_remembered_and_never_more_than_there_is(store: Store) -> None:
    store.append(*said("a", "b"))
    store.heard(2)
    assert store.heard_up_to == 2
    store.heard(1)
    assert store.heard_up_to == 1
    with pytest.raises(ValueError, match="heard up to 3 of 2"):
        store.heard(3)


def test_only_heard_facts_older_than_90_days_are_dropped_and_their_evidence_stays(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    store.append(f.SeenEmpty(compartment=1), f.FoundItem(compartment=2, session="s"))
    store.append(*said("not heard"))
    store.heard(2)
    assert store.prune(clock.now()) == 0
    clock.turn(seconds=KEPT.total_seconds() + 1)
    store.append(*said("fresh"))
    seen = store.evidence()
    assert store.prune(clock.now()) == 2
    assert store.prune(clock.now()) == 0
    assert [fact.number for fact in store.facts_after(0)] == [3, 4]
    assert store.evidence() == seen
    store.close()
    again = Store.open(path, clock=clock)
    assert (again.evidence(), again.last_number) == (seen, 4)
    assert [fact.number for fact in again.append(*said("more"))] == [5]
    again.close()


def test_a_log_that_was_pruned_whole_goes_on_where_it_stood(store: Store, path: Path, clock: HandTurnedClock) -> None:
    store.append(*said("a", "b"))
    store.heard(2)
    clock.turn(days=91)
    assert store.prune(clock.now()) == 2
    store.close()
    again = Store.open(path, clock=clock)
    assert [fact.number for fact in again.append(*said("c"))] == [3]
    again.close()


# the disk refuses


def test_a_full_disk_is_a_fault_and_what_was_not_written_did_not_happen(
    store: Store, path: Path, clock: HandTurnedClock
) -> None:
    store.append(*said("a"))
    seen = store.evidence()
    pages = int(store._sql.pragma("page_count"))
    store._sql.pragma("max_page_count", pages)
    with pytest.raises(StoreFault) as full:
        store.append(*said(*["x" * 1000] * 50))
    assert full.value.passing
    assert (store.last_number, store.evidence()) == (1, seen)
    store._sql.pragma("max_page_count", pages + 100)
    assert [fact.number for fact in store.append(*said("b"))] == [2]
    assert holds_together(store.facts_after(0), store.log)


def test_with_too_little_room_no_new_session_begins(store: Store) -> None:
    assert store.free_bytes() > 0
    assert store.has_room()
    store.min_free_bytes = store.free_bytes() * 2
    assert not store.has_room()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_a_fault_that_stays(path: Path, clock: HandTurnedClock, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreFault) as damaged:
        Store.open(path, clock=clock)
    assert not damaged.value.passing
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(path: Path, clock: HandTurnedClock) -> None:
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE recipes (soup TEXT)")
    other.close()
    with pytest.raises(StoreFault, match="not a store of this program"):
        Store.open(path, clock=clock)


def test_a_store_of_a_newer_program_is_left_alone(store: Store, path: Path, clock: HandTurnedClock) -> None:
    store.close()
    outside = apsw.Connection(str(path))
    outside.pragma("user_version", len(schema.STEPS) + 1)
    outside.close()
    with pytest.raises(StoreFault, match="newer"):
        Store.open(path, clock=clock)


# every schema that ever shipped


def poured(old: Path, path: Path) -> Path:
    connection = apsw.Connection(str(path))
    connection.execute(old.read_text("utf-8"))
    connection.close()
    return path


@pytest.mark.parametrize("old", sorted(STORES.glob("v*.sql")), ids=lambda old: old.stem)
def test_a_store_of_any_age_opens_with_every_fact(old: Path, path: Path, clock: HandTurnedClock) -> None:
    told = msgspec.json.decode(old.with_suffix(".json").read_bytes(), type=list[f.Fact])
    store = Store.open(poured(old, path), clock=clock)
    assert store.facts_after(0) == told
    assert store.evidence().compartment(1).handover == 5
    kept = store.wishes()
    assert kept is not None
    assert kept.handovers[0].id == 5
    assert [fact.number for fact in store.append(*said("new"))] == [told[-1].number + 1]
    store.close()


def test_every_schema_that_shipped_is_kept() -> None:
    assert [old.stem for old in sorted(STORES.glob("v*.sql"))] == [f"v{n}" for n in range(1, len(schema.STEPS) + 1)]


def test_by_a_clock_that_went_back_nothing_is_dropped(store: Store, clock: HandTurnedClock) -> None:
    store.append(*said("a"))
    clock.turn(days=200)
    store.append(*said("b"))
    store.heard(2)
    assert store.prune(clock.now() - timedelta(days=1)) == 0
    assert store.prune(clock.now()) == 1
