"""What somebody at the wall, at the desk, or the disk could do in the middle of something else."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.evidence import Block
from onthaal.core.lifecycles import Stage as At
from onthaal.core.protocol import OpenNow, Wishes
from onthaal.core.refusals import Why
from onthaal.kiosk.ports import LineDown
from onthaal.kiosk.session import effects as do
from tests.kiosk.cast import LABEL, a_handover, cleo, pin_text, waiting, wishes
from tests.kiosk.stage import Stage, on_stage, refusing


def open_now(stage: Stage, nonce: str = "n1", **changed) -> OpenNow:
    command = OpenNow(
        nonce=nonce,
        boot=stage.agent.store.boot,
        issued_at=stage.agent.clock.now(),
        compartment=3,
        person="clerk",
        reason="a test",
        handover=482,
    )
    return replace(command, **changed)


def newer(stage: Stage, wished: Wishes) -> None:
    """A snapshot comes while somebody stands there."""
    held = stage.agent.store.wishes()
    assert held is not None
    wished = replace(wished, version=held.version + 1, log=held.log, heard_up_to=stage.agent.store.last_number)
    assert stage.agent.store.keep_wishes(wished)
    stage.agent.on_wishes(wished)


def answers(stage: Stage) -> dict[str, str]:
    return {one.nonce: one.outcome for one in stage.told(f.CommandAnswered)}


async def loads(stage: Stage) -> int:
    """Cleo puts the thing in and shuts the door."""
    await stage.staff()
    stage.act("go", "load")
    stage.wall.hold_code(written(Kind.LABEL, LABEL))
    await stage.sees("load-put")
    number = int(stage.step.job.compartment)
    stage.put(number)
    stage.hand.shut(number)
    await stage.sees("load-confirm")
    return number


async def test_a_command_overtaken_by_the_addressee_does_not_keep_the_desk_out_for_ever(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 4), holds=(3, 4)) as stage:
        await stage.sees("attract")
        stage.agent.on_command(open_now(stage))
        await stage.until(lambda: answers(stage) == {"n1": "opened"})
        await stage.types_pin(pin_text())  # the recall has not reached this wall yet: their own thing, at an open door
        await stage.sees("take")
        await stage.until(lambda: stage.wall.pulses(3) == 2)
        stage.act("have")
        await stage.sees("thanks")
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.tells(f.DoorShut)
        stage.act("done")
        stage.agent.on_command(open_now(stage, "n2", compartment=4, handover=5))
        await stage.until(lambda: "n2" in answers(stage))
        assert answers(stage)["n2"] == "opened"


async def test_nothing_is_pulsed_from_the_desk_any_more_once_another_door_moved(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.wall.fault("stuck_closed", compartment=3)
        stage.agent.on_command(open_now(stage))
        await stage.until(lambda: stage.wall.pulses(3) == 1)
        stage.hand.lever(8)
        await stage.tells(f.WrongDoor)
        assert (await stage.tells(f.CommandAnswered)).outcome == "not-opened"
        assert stage.wall.pulses(3) == 1
        assert not stage.told(f.Pulsed)


async def test_a_badge_withdrawn_in_the_middle_opens_no_more_doors(tmp_path):
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        await stage.staff()
        stage.act("go", "load")
        newer(stage, wishes(replace(a_handover(482), label=LABEL), staff=()))
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        await stage.sees("refused")
        assert stage.step.why is Why.BADGE_UNKNOWN
        assert not stage.told(f.OpenIntended)


async def test_a_right_withdrawn_in_the_middle_opens_no_more_doors_for_it(tmp_path):
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        await stage.staff()
        stage.act("go", "load")
        newer(stage, wishes(replace(a_handover(482), label=LABEL), staff=(replace(cleo(), rights=("service",)),)))
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        await stage.sees("refused")
        assert not stage.told(f.OpenIntended)


async def test_a_load_can_be_undone_although_its_mail_has_gone(tmp_path):
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        number = await loads(stage)
        stage.act("confirm")
        gone = replace(a_handover(482), label=LABEL, stage=At.WAITING, compartment=number)
        newer(stage, wishes(gone))
        stage.act("undo")
        await stage.sees("load-put")
        stage.hand.take(number)
        stage.hand.shut(number)
        assert (await stage.tells(f.LoadUndone)).handover == 482


async def test_a_thing_put_in_for_a_plan_called_off_meanwhile_is_in_doubt_and_not_forgotten(tmp_path):
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        number = await loads(stage)
        newer(stage, wishes())
        stage.act("undo")
        await stage.sees("refused")
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=number, why="loading-unfinished")]
        assert stage.agent.book.truth.content(number).content != "empty"


async def test_guesses_faster_than_the_hash_do_not_outrun_the_back_off(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.starts()
        session = stage.state.session
        assert session is not None
        guesses = [do.CheckPin(session=session, text=f"48200000{n}") for n in range(8)]
        await asyncio.gather(*[stage.agent.runner._checked(guess) for guess in guesses])
        counted = [refused.counts for refused in stage.told(f.CodeRefused)]
        assert counted == [True] * 3 + [False] * 5


async def test_what_was_shut_while_the_disk_was_full_gets_its_outcome_when_it_is_not_any_more(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.types_pin(pin_text())
        await stage.sees("take")
        sql = stage.agent.store._sql
        sql.execute("CREATE TABLE ballast (b)")
        pages = sql.pragma("max_page_count")
        sql.pragma("max_page_count", sql.pragma("page_count"))
        sql.execute(
            "CREATE TRIGGER full BEFORE INSERT ON fact BEGIN INSERT INTO ballast VALUES (zeroblob(1000000)); END"
        )
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.until(lambda: stage.state.service == "store-full")
        assert not stage.told(f.Collected)
        sql.execute("DROP TRIGGER full")
        sql.pragma("max_page_count", pages)
        stage.agent.runner.serve("ok")
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=3, why="crash-closed-absent")]
        assert not stage.agent.store.evidence().intents


async def test_a_door_that_stood_open_when_the_disk_refused_is_watched_when_it_does_not_any_more(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.types_pin(pin_text())
        await stage.sees("take")
        room_again = refusing(stage.agent.store)
        stage.act("missing")
        assert stage.state.service == "store-full"
        room_again()
        stage.agent.runner.serve("ok")
        stage.turn(301)
        await stage.tells(f.DoorLeftOpen)
        assert Block.LEFT_OPEN in stage.agent.book.truth.blocked(3)
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=3, why="crash-open")]
        stage.agent.runner.serve("store-full")
        stage.agent.runner.serve("ok")
        stage.turn(301)
        stage.hand.shut(3)
        await stage.tells(f.DoorShut)
        assert len(stage.told(f.DoorLeftOpen)) == 1


async def test_a_line_that_goes_as_the_disk_refuses_leaves_the_wall_saying_so(tmp_path):
    """An open from the desk: nobody stands there for whom the session would notice."""
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")

        async def gone(compartment: int) -> None:
            refusing(stage.agent.store)
            raise LineDown("the line is gone")

        stage.agent.runner.machines.locks.pulse = gone  # type: ignore[method-assign]  # at this very moment
        stage.agent.on_command(open_now(stage))
        await stage.until(lambda: stage.state.service == "store-full")


@pytest.mark.parametrize("trouble", ["stuck_closed", "silent"])
async def test_what_lies_behind_a_door_that_will_not_open_again_is_in_doubt(tmp_path, trouble):
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        number = await loads(stage)
        if trouble == "silent":
            stage.wall.fault("silent", line="main")
        else:
            stage.wall.fault("stuck_closed", compartment=number)
        stage.act("again")
        await stage.sees("fault", within=20)
        assert stage.told(f.Disputed) == [f.Disputed(handover=482, compartment=number, why="loading-unfinished")]
        assert stage.step.retry is None
