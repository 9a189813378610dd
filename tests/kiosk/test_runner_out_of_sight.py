"""Doors that nobody can read when it matters, and doors that open when nobody waits for them any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.lifecycles import Stage as At
from onthaal.emulator.running import nine_doors
from tests.kiosk.cast import LABEL, a_handover, pin_text, waiting
from tests.kiosk.stage import Stage, lay, on_stage, without_eyes
from tests.kiosk.test_runner_adverse import answers, loads, open_now
from tests.kiosk.test_runner_restarts import INTENT, coming_back, intent


def goes_silent_with_the_pulse(stage: Stage) -> None:
    """The board hears the unlock, and answers nothing from then on."""
    cabinet = stage.wall.cabinet
    pulse = cabinet.pulse

    def heard(number: int) -> None:
        pulse(number)
        stage.wall.fault("silent", line="main")

    cabinet.pulse = heard  # type: ignore[method-assign]  # at this very moment, which no hand could hit


async def no_longer_read(stage: Stage, number: int) -> None:
    """Nobody can read the door; then the time in which a door must show that it opens is over."""
    await stage.until(lambda: stage.agent.hardware.locks.doors()[number] == "unknown")
    stage.turn(4)


async def comes_back(stage: Stage) -> None:
    """The board answers again, and hears the next pulse as it should."""
    del stage.wall.cabinet.pulse
    stage.wall.clear_faults()
    await stage.tells(f.BusRestored)


async def opens_in_silence(stage: Stage) -> None:
    goes_silent_with_the_pulse(stage)
    await stage.types_pin(pin_text())
    await stage.opens(3)


async def test_a_door_that_opens_while_its_board_is_silent_is_not_said_not_to_have_opened(tmp_path: Path) -> None:
    """Nobody knows: no blind pulse, no *did not open*; without a sensor people look."""
    async with on_stage(tmp_path, waiting(482, 3), wall=without_eyes(nine_doors(tmp_path)), holds=(3,)) as stage:
        await opens_in_silence(stage)
        stage.hand.take(3)
        stage.hand.shut(3)
        await no_longer_read(stage, 3)
        await stage.sees("fault")
        assert stage.step.trouble == "line-unavailable"
        stage.act("stop")
        await comes_back(stage)
        assert (await stage.tells(f.Disputed)).why == "crash-closed-no-sensor"
        assert stage.known(482).stage is At.DISPUTED
        assert stage.wall.pulses(3) == 1
        assert not {"Pulsed", "OpenNotDetected", "CompartmentBlocked", "Collected"} & set(stage.kinds)
        assert not stage.agent.book.truth.evidence.intents


async def test_what_still_lies_there_after_the_silence_stays_its_addressees(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await opens_in_silence(stage)
        stage.hand.shut(3)
        await no_longer_read(stage, 3)
        await stage.sees("fault")
        stage.act("stop")
        await comes_back(stage)
        await stage.tells(f.NotTaken)
        assert not stage.told(f.Disputed)
        await stage.types_pin(pin_text())
        await stage.opens(3)
        await stage.sees("take")


async def test_whoever_took_it_during_the_silence_can_say_so_and_no_contact_is_blamed(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await opens_in_silence(stage)
        stage.hand.take(3)
        stage.hand.shut(3)
        await no_longer_read(stage, 3)
        await stage.sees("fault")
        stage.act("have")
        await stage.sees("thanks")
        assert [one.grade for one in stage.told(f.Collected)] == ["D"]
        assert not stage.told(f.SensorSuspect)
        await comes_back(stage)
        assert not stage.told(f.Disputed)


async def test_a_door_found_open_after_the_silence_goes_on_where_it_was(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await opens_in_silence(stage)
        await no_longer_read(stage, 3)
        await stage.sees("fault")
        await comes_back(stage)
        await stage.sees("take")
        assert not stage.told(f.OpenedWithoutCommand)
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("thanks")
        assert stage.told(f.Collected)


@pytest.mark.parametrize("shuts", ["while the screen still says so", "when nobody stands there any more"])
async def test_nobody_is_asked_for_minutes_to_shut_a_door_that_cannot_be_read(tmp_path: Path, shuts: str) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.types_pin(pin_text())
        await stage.sees("take")
        stage.hand.take(3)
        stage.wall.fault("silent", line="main")
        await stage.tells(f.BusSilent)
        stage.turn(31)
        await stage.sees("fault")
        assert not {"DoorLeftOpen", "Collected", "Disputed"} & set(stage.kinds)
        if shuts.startswith("when"):
            stage.act("stop")
        stage.hand.shut(3)
        stage.wall.clear_faults()
        if shuts.startswith("when"):
            assert (await stage.tells(f.Disputed)).why == "crash-closed-absent"
            assert not stage.told(f.Collected)
        else:
            await stage.tells(f.Collected)
            assert not stage.told(f.Disputed)


async def test_the_desk_sends_no_blind_pulse_either_and_is_told_nothing_that_nobody_saw(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), wall=without_eyes(nine_doors(tmp_path)), holds=(3,)) as stage:
        await stage.sees("attract")
        goes_silent_with_the_pulse(stage)
        stage.agent.on_command(open_now(stage))
        await stage.opens(3)
        stage.hand.take(3)
        stage.hand.shut(3)
        await no_longer_read(stage, 3)
        await comes_back(stage)
        assert (await stage.tells(f.Disputed)).handover == 482
        assert stage.wall.pulses(3) == 1
        assert not {"Pulsed", "OpenNotDetected", "CommandAnswered"} & set(stage.kinds)
        stage.agent.on_command(open_now(stage, "n2", compartment=7, handover=None))
        await stage.until(lambda: answers(stage) == {"n2": "opened"})


# a door that opens late


async def waits_to_be_pulled(stage: Stage) -> None:
    """Three pulses let the bolt go; the door does not move by itself."""
    stage.wall.fault("weak_spring", compartment=3)
    await stage.types_pin(pin_text())
    await stage.until(lambda: stage.wall.pulses(3) == 1)
    stage.turn(4)
    await stage.until(lambda: stage.wall.pulses(3) == 2)
    stage.turn(4)
    await stage.until(lambda: stage.wall.pulses(3) == 3)
    stage.turn(4)
    await stage.sees("fault")
    assert stage.step.trouble == "door-did-not-open"


async def test_who_pulls_a_door_that_did_not_open_is_no_burglar_and_goes_on(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await waits_to_be_pulled(stage)
        stage.hand.open(3)
        await stage.sees("take")
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("thanks")
        assert [one.grade for one in stage.told(f.Collected)] == ["C"]
        assert not {"OpenedWithoutCommand", "Disputed", "DoorLeftOpen"} & set(stage.kinds)
        assert stage.agent.book.truth.blocked(3) == {"did-not-open"}


@pytest.mark.parametrize(("takes", "eyes"), [(False, True), (True, True), (True, False)])
async def test_a_door_that_is_pulled_later_alarms_nobody_and_the_evidence_says_who_has_it(
    tmp_path: Path, takes: bool, eyes: bool
) -> None:
    """Staff with the lever, or whoever comes by: what lies there still is waiting still, what does not is in doubt."""
    wall = nine_doors(tmp_path) if eyes else without_eyes(nine_doors(tmp_path))
    async with on_stage(tmp_path, waiting(482, 3), wall=wall, holds=(3,)) as stage:
        await waits_to_be_pulled(stage)
        stage.act("stop")
        await stage.sees("attract")
        stage.hand.open(3)
        asked = stage.told(f.OpenIntended)[-1].intent
        assert await stage.tells(f.DoorOpened) == f.DoorOpened(compartment=3, intent=asked)
        assert not stage.told(f.OpenedWithoutCommand)
        if takes:
            stage.hand.take(3)
        stage.hand.shut(3)
        if takes:
            why = "crash-closed-absent" if eyes else "crash-closed-no-sensor"
            assert await stage.tells(f.Disputed) == f.Disputed(handover=482, compartment=3, why=why)  # type: ignore[arg-type]
        else:
            await stage.tells(f.NotTaken)
            assert stage.known(482).stage is At.WAITING


async def test_a_door_that_is_pulled_later_and_left_open_is_told(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await waits_to_be_pulled(stage)
        stage.act("stop")
        stage.hand.open(3)
        await stage.tells(f.DoorOpened)
        stage.turn(301)
        await stage.tells(f.DoorLeftOpen)
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=3, why="crash-open")]


MISSED = (
    intent("collect"),
    f.OpenNotDetected(intent=INTENT, compartment=3),
    f.CompartmentBlocked(compartment=3, reason="did-not-open"),
)


async def test_a_door_that_was_pulled_while_the_power_was_away_is_no_burglary_either(tmp_path: Path) -> None:
    async with coming_back(tmp_path, *MISSED, holds=True, ajar=True) as stage:
        assert await stage.tells(f.DoorOpened) == f.DoorOpened(compartment=3, intent=INTENT)
        assert not stage.told(f.OpenedWithoutCommand)
        stage.hand.shut(3)
        await stage.tells(f.NotTaken)
        assert not stage.told(f.Disputed)


async def test_a_door_that_did_not_open_and_is_shut_after_a_restart_leaves_no_doubt(tmp_path: Path) -> None:
    """Custody is unchanged and the code stays valid, also where nothing sees into it."""
    async with coming_back(tmp_path, *MISSED, holds=True, eyes=False) as stage:
        await stage.until(lambda: 3 in stage.agent.runner.doors.known)
        assert not stage.told(f.Disputed)
        await stage.types_pin(pin_text())
        await stage.opens(3)
        await stage.sees("take")


async def test_a_door_forced_at_a_wall_whose_disk_was_replaced_leaves_what_the_plans_say_in_doubt(
    tmp_path: Path,
) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.until(lambda: len(stage.agent.runner.doors.known) == 9)
        assert stage.agent.book.truth.content(3).handover is None
        stage.hand.lever(3)
        await stage.tells(f.OpenedWithoutCommand)
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=3, why="forced")]


# what a sensor sees where nothing should lie


async def test_promise_4_what_a_sensor_sees_something_in_is_not_given_out(tmp_path: Path) -> None:
    """Before anything was said of it, and after."""
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        await stage.until(lambda: len(stage.agent.runner.doors.known) == 9)
        truth, locks = stage.agent.book.truth, stage.agent.hardware.locks
        number = truth.place(stage.known(482), doors=locks.doors(), presence=locks.presence())
        assert isinstance(number, int)
        lay(stage.wall, number)
        await stage.until(lambda: locks.presence()[number] is True)
        assert await loads(stage) != number
        stage.turn(4)
        assert (await stage.tells(f.UnexpectedContent)).compartment == number
        assert stage.agent.book.truth.blocked(number) == {"unexpected-content"}


async def test_a_sensor_that_flickers_is_no_finding_and_what_stays_is_told_once(tmp_path: Path) -> None:
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.starts()  # its sensors are looked at more often while somebody stands there
        await stage.until(lambda: len(stage.agent.runner.doors.known) == 9)

        async def sees(present: bool) -> None:
            put.place = 7 if present else "outside"
            stage.wall.cabinet.changed()
            await stage.until(lambda: stage.agent.hardware.locks.presence()[7] is present)

        put = stage.hand.make("a spider's web")
        await sees(True)
        await sees(False)
        stage.turn(4)
        await sees(True)
        assert not stage.told(f.UnexpectedContent)
        stage.turn(4)
        await stage.tells(f.UnexpectedContent)
        await sees(False)
        await sees(True)
        stage.turn(4)
        stage.act("stop")
        await stage.sees("attract")
        assert stage.told(f.UnexpectedContent) == [f.UnexpectedContent(compartment=7)]
