"""A door that moves, or blinks, while somebody is still asked about it; and what was begun at another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from onthaal.core import facts
from onthaal.core.codes import Kind, written
from onthaal.core.evidence import Block
from onthaal.core.lifecycles import Stage as At
from onthaal.emulator.running import nine_doors
from tests.kiosk.cast import LABEL, a_handover, pin_text, waiting
from tests.kiosk.stage import Stage, on_stage, without_eyes
from tests.kiosk.test_runner_adverse import loads
from tests.kiosk.test_runner_identifying import licence, signing
from tests.kiosk.test_runner_out_of_sight import comes_back, no_longer_read, opens_in_silence, waits_to_be_pulled

TO_LOAD = replace(a_handover(482), label=LABEL)


async def has_rung(stage: Stage, timer: str) -> None:
    """It rang, or was called off."""
    await stage.until(lambda: timer not in stage.agent.runner._timers._running)


async def blinks(stage: Stage, number: int) -> None:
    """The boards are silent for a moment, and what follows from that has followed."""
    stage.wall.fault("silent", line="main")
    await stage.tells(facts.BusSilent)
    stage.wall.clear_faults()
    await stage.tells(facts.BusRestored)
    stage.turn(2)
    await has_rung(stage, f"unawaited:{number}")


def all_empty(stage: Stage) -> None:
    for number in range(1, 10):
        stage.agent.book.tell(facts.SeenEmpty(compartment=number, staff="cleo"))


async def test_a_door_that_springs_open_while_staff_is_asked_is_told_and_out_of_use(tmp_path: Path) -> None:
    async with on_stage(tmp_path, TO_LOAD) as stage:
        number = await loads(stage)
        stage.hand.lever(number)
        await stage.tells(facts.OpenedWithoutCommand)
        assert Block.FORCED in stage.agent.book.truth.blocked(number)


@pytest.mark.parametrize("eyes", [True, False], ids=["with sensors", "without"])
async def test_a_board_that_blinks_while_staff_is_asked_puts_nothing_in_doubt(tmp_path: Path, eyes: bool) -> None:
    wall = nine_doors(tmp_path) if eyes else without_eyes(nine_doors(tmp_path))
    async with on_stage(tmp_path, TO_LOAD, wall=wall) as stage:
        await stage.until(lambda: len(stage.agent.runner.doors.known) == 9)
        if not eyes:
            all_empty(stage)
        await blinks(stage, await loads(stage))
        stage.act("confirm")
        await stage.tells(facts.Loaded)
        assert (stage.told(facts.Disputed), stage.known(482).stage) == ([], At.LOADED)


async def test_a_board_that_blinks_while_staff_takes_out_puts_nothing_in_doubt(tmp_path: Path) -> None:
    one = replace(waiting(482, 3), stage=At.RECALLED)
    async with on_stage(tmp_path, one, holds=(3,), wall=without_eyes(nine_doors(tmp_path))) as stage:
        await stage.staff()
        stage.act("go", "takeout")
        await stage.sees("takeout-list")
        stage.act("choose", "3")
        await stage.opens(3)
        await stage.tells(facts.DoorOpened)
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("takeout-confirm")
        await blinks(stage, 3)
        stage.act("confirm")
        await stage.tells(facts.TakenOut)
        assert stage.told(facts.Disputed) == []


async def test_no_document_opens_while_a_pulsed_door_cannot_be_read(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        runner: Any = stage.agent.runner
        await stage.until(lambda: len(runner.doors.known) == 9)
        asked = facts.OpenIntended(intent="a.1.1", session="a.1", compartment=7, purpose="collect", handover=6)
        runner.book.tell(facts.SessionOpened(session="a.1", language="nl"), asked)
        runner.book.tell(facts.SessionClosed(session="a.1", how="fault"))
        locks: Any = stage.agent.hardware.locks
        seen = locks.doors
        locks.doors = lambda: {**seen(), 7: "unknown"}
        await stage.on_page()
        stage.says(5)
        await stage.sees("identify-next")
        stage.act("open")
        await stage.sees("refused")
        assert stage.wall.pulses(3) == 0


@pytest.mark.parametrize("eyes", [True, False], ids=["with sensors", "without"])
async def test_what_was_loaded_elsewhere_in_the_end_stays_there_whatever_the_first_door_does(
    tmp_path: Path, eyes: bool
) -> None:
    wall = nine_doors(tmp_path) if eyes else without_eyes(nine_doors(tmp_path))
    async with on_stage(tmp_path, TO_LOAD, wall=wall) as stage:
        await stage.until(lambda: len(stage.agent.runner.doors.known) == 9)
        if not eyes:
            all_empty(stage)
        first = await nothing_opens_for_it(stage)
        stage.act("again")
        await stage.sees("load-put")
        second = stage.step.job.compartment
        stage.put(second)
        stage.hand.shut(second)
        await stage.sees("load-confirm")
        stage.act("confirm")
        await stage.tells(facts.Loaded)
        stage.act("stop")
        await stage.sees("attract")
        stage.hand.open(first)
        await stage.until(lambda: any(one.compartment == first for one in stage.told(facts.DoorOpened)))
        stage.put(first)
        stage.hand.shut(first)
        await stage.tells(facts.UnexpectedContent)
        assert not stage.told(facts.Disputed)
        assert not stage.told(facts.OpenedWithoutCommand)
        assert (stage.known(482).stage, stage.known(482).compartment) == (At.LOADED, second)


async def nothing_opens_for_it(stage: Stage) -> int:
    """Staff holds the label; three pulses, and no door moves. Which it would have been."""
    await stage.staff()
    stage.act("go", "load")
    for number in range(1, 10):
        stage.wall.fault("weak_spring", compartment=number)
    stage.wall.hold_code(written(Kind.LABEL, LABEL))
    await stage.tells(facts.OpenIntended)
    first: int = stage.told(facts.OpenIntended)[-1].compartment
    for pulse in (1, 2, 3):
        await stage.until(lambda pulse=pulse: stage.wall.pulses(first) == pulse)  # type: ignore[misc]
        stage.turn(4)
    await stage.sees("fault")
    stage.wall.clear_faults()
    return first


async def test_that_somebody_left_a_door_open_is_no_word_on_who_stands_there_now(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await waits_to_be_pulled(stage)
        stage.act("stop")
        await stage.sees("attract")
        stage.hand.open(3)
        await stage.tells(facts.DoorOpened)
        stage.turn(280)
        await stage.types_pin(pin_text())
        await stage.sees("take")
        stage.turn(22)
        await has_rung(stage, "left-open:3")
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("thanks")
        assert not stage.told(facts.Disputed)
        assert not stage.told(facts.DoorLeftOpen)


async def test_who_says_they_have_it_and_leaves_the_door_open_is_no_burglar(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await opens_in_silence(stage)
        stage.hand.take(3)
        await no_longer_read(stage, 3)
        await stage.sees("fault")
        stage.act("have")
        await stage.tells(facts.Collected)
        await comes_back(stage)
        assert stage.told(facts.OpenedWithoutCommand) == []
        assert Block.FORCED not in stage.agent.book.truth.blocked(3)
        stage.hand.shut(3)
        await stage.until(lambda: stage.agent.book.truth.evidence.compartment(3).door == "closed")
        assert stage.told(facts.Disputed) == []
