"""Promise 5 across a power cut: an approval never outlives the boot that asked for it.

A document is taken out by who was identified; the power is cut at every write of that visit, and the agent comes back
each time. Real parts: the runner, the store on a recorded disk, ptys, the emulated wall.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from onthaal.core import facts as f
from onthaal.core.lifecycles import OPENABLE
from onthaal.core.lifecycles import Stage as At
from onthaal.kiosk.store import Store
from tests.kiosk.cast import wishes
from tests.kiosk.stage import Stage
from tests.kiosk.test_runner_identifying import ITSME, joined, licence
from tests.proof.cuts import Film, Return, all_back, cuts, filmed, prepared

DOCUMENT, DOOR = 5, 3


async def hands(stage: Stage) -> None:
    """From the first touch to the thanks."""
    await stage.until(lambda: stage.agent.runner.identity.centre is not None)
    signing = joined(stage)
    await signing.sees("attract")
    await signing.on_page()
    signing.says(DOCUMENT)
    await signing.takes(DOOR)
    await signing.sees("attract")


def a_film(folder: Path) -> Film:
    def agree(store: Store) -> None:
        wished = wishes(licence(DOCUMENT, DOOR), identify=ITSME, log=store.log, heard_up_to=store.last_number)
        assert store.keep_wishes(wished)

    def prepare(path: Path, clock: Path) -> None:
        put = f.Loaded(handover=DOCUMENT, compartment=DOOR, staff="staff-cleo", session="s", grade="D")
        prepared(path, clock, put, agree=agree)

    return filmed(folder, hands, things={DOOR: None}, eyes=True, prepare=prepare)


def test_promise_5_a_power_cut_at_any_write_leaves_no_approval(tmp_path: Path) -> None:
    film = a_film(tmp_path)
    approved = [fact.number for fact in film.facts if isinstance(fact.body, f.Identified)]
    assert len(approved) == 1
    found = cuts(film, tmp_path / "cut")
    assert any(one.number >= approved[0] for one in found), "no cut after the approval: nothing to prove"
    for one in asyncio.run(all_back(film, found, tmp_path)):
        nobody_is_approved(one)
        it_is_known_where_it_lies(one)


def nobody_is_approved(one: Return) -> None:
    assert one.truth.evidence.approval is None, one
    assert one.pulses == 0, one
    sessions = {fact.body.session for fact in one.facts if isinstance(fact.body, f.SessionOpened)}

    for session in (*sessions, None):
        assert one.truth.pulse_allowed(DOOR, "collect", DOCUMENT, session=session) is not None, one


def it_is_known_where_it_lies(one: Return) -> None:
    known = one.truth.handover(DOCUMENT)
    assert known is not None
    lies = bool(one.world.behind(DOOR))
    right = {*OPENABLE, At.DISPUTED} if lies else {At.COLLECTED, At.DISPUTED}
    assert known.stage in right, f"{known.stage}, and it {'lies there' if lies else 'is gone'}; {one}"
