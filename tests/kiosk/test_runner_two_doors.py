"""One door stands open: what opens beside it, and what does not."""

from __future__ import annotations

import time
from pathlib import Path

from onthaal.clock import FileClock
from onthaal.core import facts as f
from onthaal.core.refusals import Why
from onthaal.emulator.running import emulated_wall, nine_doors
from onthaal.kiosk.store import Store
from tests.kiosk.cast import NOW, waiting, wishes
from tests.kiosk.stage import agent_at, config_of, enrolled, lay, on_stage
from tests.kiosk.test_runner_adverse import answers, open_now
from tests.kiosk.test_runner_identifying import ITSME, Signing, joined, licence, signing


async def asks_in_vain(stage: Signing) -> None:
    """The addressee is approved, and their door stays shut while 7 stands open; then it opens."""
    await stage.on_page()
    stage.says(5)
    await stage.sees("identify-next")
    stage.act("open")
    await stage.sees("refused")
    assert stage.step.why is Why.SESSION_BUSY
    assert stage.wall.pulses(3) == 0
    stage.hand.shut(7)
    await stage.until(lambda: stage.told(f.DoorShut) or stage.agent.hardware.locks.doors()[7] == "closed")
    await stage.until(lambda: not stage.agent.runner.doors.watch.opened)
    stage.act("next")
    await stage.takes(3)


async def test_promise_5_no_document_beside_a_door_that_stood_open_through_a_silence(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.hand.lever(7)
        await stage.tells(f.OpenedWithoutCommand)
        stage.wall.fault("silent", line="main")
        await stage.tells(f.BusSilent)
        stage.wall.clear_faults()
        await stage.tells(f.BusRestored)
        await asks_in_vain(stage)


async def test_promise_5_no_document_beside_a_door_that_stood_open_through_a_restart(tmp_path: Path) -> None:
    """The log said *opened* before the power cut, and says it no second time."""
    wall, clock = nine_doors(tmp_path), tmp_path / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, tmp_path)
    enrolled(config, wishes(licence(5, 3), waiting(6, 7), identify=ITSME))
    store = Store.open(Path(config.kiosk.store), clock=FileClock(clock))
    intent = f.OpenIntended(intent="old.1.1", session="old.1", compartment=7, purpose="collect", handover=6)
    store.append(f.SessionOpened(session="old.1", language="nl"), intent, f.DoorOpened(compartment=7, intent="old.1.1"))
    store.close()
    async with emulated_wall(wall) as emulated:
        lay(emulated, 3)
        emulated.hand.lever(7)
        async with agent_at(config, emulated, clock) as stage:
            await stage.until(lambda: stage.agent.runner.identity.centre is not None)
            await stage.until(lambda: len(stage.agent.runner.doors.known) == 9)
            assert stage.agent.book.truth.content(7).door == "unknown"
            await asks_in_vain(joined(stage))


async def test_one_door_left_open_from_the_desk_does_not_lock_the_desk_out_of_the_others(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.agent.on_command(open_now(stage, compartment=7, handover=None))
        await stage.until(lambda: answers(stage) == {"n1": "opened"})
        stage.agent.on_command(open_now(stage, "n2", compartment=8, handover=None))
        await stage.until(lambda: answers(stage)["n2"] == "busy")
        stage.turn(301)
        await stage.tells(f.DoorLeftOpen)
        stage.agent.on_command(open_now(stage, "n3", compartment=8, handover=None))
        await stage.until(lambda: answers(stage).get("n3") == "opened")


async def test_who_shuts_a_door_long_after_the_alarm_did_not_take_it_out_for_the_desk(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.agent.on_command(open_now(stage))
        await stage.until(lambda: answers(stage) == {"n1": "opened"})
        stage.turn(301)
        assert (await stage.tells(f.Disputed)).why == "crash-open"
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.tells(f.DoorShut)
        assert not stage.told(f.TakenOut)
