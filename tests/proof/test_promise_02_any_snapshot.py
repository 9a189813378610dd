"""Promises 2 and 4 on the whole: snapshots of the real centre, delivered in any order to a wall that knows more.

Reached here: snapshots older than the wall's own facts, lower versions of the same epoch, a new epoch once and twice,
with the store closed and opened in between. What was taken never comes back, no used code opens, nothing that lies in
the wall is forgotten.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onthaal.clock import HandTurnedClock
from onthaal.core import facts as f
from onthaal.core.protocol import Wishes
from onthaal.kiosk.store import Store
from tests.kiosk.cast import NOW
from tests.proof.life import (
    Life,
    a_life,
    a_store,
    no_used_code_opens,
    nothing_in_the_wall_is_forgotten,
    passes,
    truth_of,
)
from tests.proof.line import Link
from tests.proof.town import Town


class Album(msgspec.Struct, frozen=True):
    """Of one life: the disk after each day, and every snapshot that the centre might have sent by then."""

    disks: list[Path]
    snapshots: list[list[Wishes]]


def an_album(town: Town, life: Life, folder: Path) -> Album:
    """One life with a talk every evening, after which a backup is made."""
    store, clock = a_store(folder / "kiosk.db")
    link = Link(town, store)
    link.settle()
    disks, snapshots, so_far = [], [], [town.wishes(), *put_back(town)]
    for number, day in enumerate(life.days, start=1):
        passes(store, clock, day)
        disk = folder / f"{number}.db"
        store._sql.execute("VACUUM INTO ?", (str(disk),))
        disks.append(disk)
        snapshots.append(list(so_far))
        link.settle()
        so_far += [town.wishes(), *put_back(town)]
    store.close()
    return Album(disks, snapshots)


def put_back(town: Town) -> list[Wishes]:
    """What the centre wishes once the backup of this evening was put back; and once it was put back again."""
    with town.and_back():
        town.is_restored()
        once = town.wishes()
        town.is_restored()
        return [once, town.wishes()]


def test_promise_2_no_snapshot_brings_back_what_was_taken(town: Town, tmp_path: Path) -> None:
    """Any of them, in any order, with restarts: the wall's own facts stay."""
    life = a_life(town)
    album = an_album(town, life, tmp_path)
    epochs = {wishes.epoch for wishes in album.snapshots[-1]}
    assert epochs == {1, 2, 3}, "the album should hold restored centres too"

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def in_any_order(data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(life.days)), label="day")
        known = album.snapshots[number - 1]
        sent = data.draw(st.lists(st.sampled_from(range(len(known))), min_size=1, max_size=6), label="sent")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kiosk.db"
            path.write_bytes(album.disks[number - 1].read_bytes())
            for each in sent:
                receives(path, known[each], life, number)

    in_any_order()


def receives(path: Path, wishes: Wishes, life: Life, number: int) -> None:
    """The store opens, gets one more snapshot, and is closed again."""
    store = Store.open(path, clock=HandTurnedClock(NOW))
    held, facts = store.wishes(), store.last_number
    kept = store.keep_wishes(wishes)
    if held is not None:
        newer = (wishes.epoch, wishes.version, wishes.heard_up_to) > (held.epoch, held.version, held.heard_up_to)
        assert kept == newer
        fresh = [fact.body for fact in store.facts_after(facts)]
        risen = kept and wishes.epoch > held.epoch
        assert fresh == ([f.EpochAccepted(epoch=wishes.epoch, was=held.epoch)] if risen else [])
    truth = truth_of(store)
    no_used_code_opens(truth, life, number)
    nothing_in_the_wall_is_forgotten(truth, life, number)
    store.close()
