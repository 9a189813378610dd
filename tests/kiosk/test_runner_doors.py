"""Doors that do what they should not, at a wall that speaks the makers' bytes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.protocol import OpenNow
from onthaal.emulator.running import nine_doors
from onthaal.kiosk.ports import BusSeen
from tests.kiosk.cast import pin_text, qr_text, waiting
from tests.kiosk.stage import Stage, on_stage, without_eyes


async def at_the_door(stage: Stage) -> None:
    """The right code, and the door is open."""
    await stage.types_pin(pin_text())
    await stage.opens(3)
    await stage.sees("take")


async def test_promise_14_a_door_that_does_not_open_keeps_the_code_valid(tmp_path):
    """Promise 14, the kiosk's part: blocked, a case, nothing collected; and the same code opens once it is mended."""
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        stage.wall.fault("stuck_closed", compartment=3)
        await stage.types_pin(pin_text())
        await stage.sees("fault")
        assert stage.wall.pulses(3) == 3
        assert [one.pulse for one in stage.told(f.Pulsed)] == [2, 3]
        assert stage.told(f.CaseOpened)
        assert not stage.told(f.Collected)
        stage.wall.clear_faults()
        stage.act("back")
        await at_the_door(stage)


async def test_nothing_taken_opens_once_more(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await at_the_door(stage)
        stage.hand.shut(3)
        await stage.sees("not-taken")
        assert stage.told(f.NotTaken)
        stage.act("again")
        await stage.opens(3)
        await stage.sees("take")
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("thanks")
        assert stage.told(f.Collected)


async def test_a_qr_opens_without_touching_anything(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.wall.hold_code(qr_text(482))
        await stage.opens(3)
        await stage.sees("take")


async def test_a_door_left_open_ends_the_session_and_the_wall_goes_on(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 4), holds=(3, 4)) as stage:
        await at_the_door(stage)
        stage.hand.take(3)
        waited: list[int] = []
        for seconds in (31, 91, 181):
            stage.turn(seconds)
            await stage.until(lambda: stage.screen in {"take", "attract"})
            await stage.until(lambda: getattr(stage.step, "reminded", 9) > len(waited))
            waited.append(seconds)
        await stage.sees("attract")
        assert stage.told(f.DoorLeftOpen)
        assert stage.agent.book.truth.blocked(3) == {"left-open"}
        stage.wall.hold_code(qr_text(5))
        await stage.opens(4)
        stage.hand.shut(3)
        await stage.until(lambda: not stage.agent.book.truth.blocked(3))


async def test_a_forced_door_is_told_blocked_and_what_it_held_is_in_dispute(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await at_the_door(stage)
        stage.hand.shut(3)
        await stage.sees("not-taken")
        stage.act("stop")
        await stage.sees("attract")
        stage.hand.lever(3)
        await stage.tells(f.Disputed)
        assert stage.told(f.OpenedWithoutCommand) == [f.OpenedWithoutCommand(compartment=3)]
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=3, why="forced")]


async def test_another_door_than_the_one_pulsed_stops_the_whole_wall(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 4), holds=(3, 4)) as stage:
        stage.wall.fault("stuck_closed", compartment=3)
        await stage.types_pin(pin_text())
        await stage.sees("opening")
        stage.hand.lever(8)
        await stage.sees("fault")
        assert stage.told(f.WrongDoor) == [f.WrongDoor(pulsed=3, moved=8)]
        before = stage.wall.pulses(4)
        stage.act("back")
        stage.wall.hold_code(qr_text(5))
        await stage.sees("refused")
        assert stage.wall.pulses(4) == before


async def test_a_bus_that_falls_silent_is_told_and_its_doors_are_unknown(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.wall.fault("silent", line="main")
        await stage.tells(f.BusSilent)
        await stage.types_pin(pin_text())
        await stage.sees("fault", "refused")
        assert stage.wall.pulses(3) == 0
        assert not stage.told(f.OpenIntended)
        stage.wall.clear_faults()
        await stage.tells(f.BusRestored)
        await stage.until(lambda: "unknown" not in stage.agent.hardware.locks.doors().values())
        stage.act("back")
        await at_the_door(stage)


async def test_promise_07_garbage_on_the_line_is_never_an_opened_door(tmp_path):
    """Promise 7, the runner's part: noise moves no door, no fact and no custody."""
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.wall.fault("garbage", line="main")
        stage.wall.fault("garbage", line="codes")
        await stage.until(lambda: stage.agent.hardware.locks.buses()["main"] != "up")
        stage.wall.clear_faults()
        await stage.until(lambda: stage.agent.hardware.locks.buses()["main"] == "up")
        assert not stage.told(f.DoorOpened)
        assert not stage.told(f.OpenedWithoutCommand)
        assert not stage.told(f.Disputed)
        await at_the_door(stage)


async def test_without_presence_sensors_the_grade_is_lower(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), wall=without_eyes(nine_doors(tmp_path)), holds=(3,)) as stage:
        await at_the_door(stage)
        stage.hand.take(3)
        stage.hand.shut(3)
        collected = await stage.tells(f.Collected)
        assert collected.grade == "D"


def open_now(stage: Stage, **changed) -> OpenNow:
    command = OpenNow(
        nonce="n1",
        boot=stage.agent.store.boot,
        issued_at=stage.agent.clock.now(),
        compartment=3,
        person="clerk",
        reason="a test",
        handover=482,
    )
    return replace(command, **changed)


async def test_a_named_person_opens_from_the_desk_and_takes_it_out(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.agent.on_command(open_now(stage))
        await stage.opens(3)
        assert (await stage.tells(f.CommandAnswered)).outcome == "opened"
        stage.hand.take(3)
        stage.hand.shut(3)
        out = await stage.tells(f.TakenOut)
        assert (out.handover, out.staff, out.grade) == (482, "clerk", "C")


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [({"boot": "another"}, "other-boot"), ({"handover": None}, "refused"), ({"handover": 5}, "refused")],
)
async def test_promise_02_a_command_that_may_not_open_is_answered_and_pulses_nothing(tmp_path, changed, outcome):
    """Promise 2, remote commands: what A's compartment holds is opened only on naming it."""
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 4), holds=(3, 4)) as stage:
        await stage.sees("attract")
        stage.agent.on_command(open_now(stage, **changed))
        assert (await stage.tells(f.CommandAnswered)).outcome == outcome
        assert stage.wall.pulses(3) == 0


async def test_a_command_older_than_a_minute_is_expired(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        old = open_now(stage)
        stage.turn(61)
        stage.agent.on_command(old)
        assert (await stage.tells(f.CommandAnswered)).outcome == "expired"


async def test_a_command_while_somebody_stands_at_an_open_door_is_busy(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 4), holds=(3, 4)) as stage:
        await at_the_door(stage)
        stage.agent.on_command(open_now(stage, compartment=4, handover=5))
        assert (await stage.tells(f.CommandAnswered)).outcome == "busy"
        assert stage.wall.pulses(4) == 0


async def test_a_thing_taken_behind_a_contact_that_sticks_is_asked_about_and_no_second_pulse_goes(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        stage.wall.fault("sensor_stuck_closed", compartment=3)
        await stage.types_pin(pin_text())
        await stage.opens(3)
        stage.hand.take(3)
        await stage.sees("take")
        stage.hand.shut(3)
        stage.turn(4)
        stage.act("have")
        await stage.sees("thanks")
        assert [one.grade for one in stage.told(f.Collected)] == ["D"]
        assert stage.told(f.SensorSuspect) == [f.SensorSuspect(compartment=3, what="door")]
        assert stage.agent.book.truth.blocked(3) == {"sensor-suspect"}
        assert stage.wall.pulses(3) == 1
        stage.act("done")
        stage.wall.hold_code(qr_text(482))
        await stage.sees("refused")
        assert stage.wall.pulses(3) == 1


async def test_a_contact_that_comes_loose_while_the_person_is_asked_is_no_forced_door(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        stage.wall.fault("sensor_stuck_closed", compartment=3)
        await stage.types_pin(pin_text())
        await stage.opens(3)
        stage.hand.take(3)
        await stage.sees("take")
        stage.wall.clear_faults()
        await stage.until(lambda: stage.agent.hardware.locks.doors()[3] == "open")
        stage.hand.shut(3)
        await stage.sees("thanks")
        assert stage.told(f.Collected)
        assert not stage.told(f.OpenedWithoutCommand)


async def test_without_eyes_who_took_it_behind_a_contact_that_sticks_says_so_on_the_fault_screen(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), wall=without_eyes(nine_doors(tmp_path)), holds=(3,)) as stage:
        stage.wall.fault("sensor_stuck_closed", compartment=3)
        await stage.types_pin(pin_text())
        await stage.opens(3)
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("fault")
        stage.act("have")
        await stage.sees("thanks")
        assert [one.grade for one in stage.told(f.Collected)] == ["D"]
        assert "sensor-suspect" in stage.agent.book.truth.blocked(3)


async def test_opened_from_the_desk_without_eyes_people_say_whether_it_was_taken_out(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), wall=without_eyes(nine_doors(tmp_path)), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.agent.on_command(open_now(stage))
        await stage.opens(3)
        await stage.tells(f.CommandAnswered)
        stage.hand.shut(3)
        assert (await stage.tells(f.Disputed)).handover == 482
        assert not stage.told(f.TakenOut)
        assert stage.agent.book.truth.content(3).content != "empty"


async def test_one_dead_board_among_others_is_told_and_what_went_meanwhile_is_in_dispute(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 8), holds=(3, 8)) as stage:
        await stage.sees("attract")
        lies = f.Loaded(handover=5, compartment=8, staff="staff-cleo", session="s", grade="C")
        stage.agent.book.tell(lies)
        stage.agent.runner.observe(BusSeen("main", "degraded", silent=frozenset({7, 8, 9})))
        assert stage.told(f.BusSilent) == [f.BusSilent(bus="main", compartments=(7, 8, 9))]
        gone = next(one for one in stage.wall.cabinet.truth.things.values() if one.place == 8)
        gone.place = "outside"
        stage.wall.cabinet.changed()
        await stage.until(lambda: stage.agent.hardware.locks.presence()[8] is False)
        await at_the_door(stage)
        stage.agent.runner.observe(BusSeen("main", "degraded", silent=frozenset({9})))
        back = await stage.tells(f.BusRestored)
        assert (back.changed, back.still) == ((8,), (9,))
        assert stage.told(f.Disputed) == [f.Disputed(handover=5, compartment=8, why="changed-in-silence")]
        stage.agent.runner.observe(BusSeen("main", "up"))
        await stage.until(lambda: stage.told(f.BusRestored)[-1].still == ())
        assert len(stage.told(f.BusSilent)) == 1
