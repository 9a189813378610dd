"""The agent stops in the middle of things, and comes back: by evidence, never by hope."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from onthaal.clock import FileClock
from onthaal.core import facts as f
from onthaal.core.facts import Body, Purpose
from onthaal.core.lifecycles import Direction
from onthaal.emulator.running import emulated_wall, nine_doors
from onthaal.kiosk.agent import Agent
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.out_of_order import until_made
from onthaal.kiosk.ports import LineDown
from onthaal.kiosk.store import Store
from tests.kiosk.cast import LABEL, NOW, a_handover, pin_text, waiting, wishes
from tests.kiosk.stage import (
    PATIENCE,
    Stage,
    agent_at,
    config_of,
    enrolled,
    lay,
    on_stage,
    refusing,
    running,
    without_eyes,
)
from tests.kiosk.test_runner_adverse import open_now

INTENT = "old.1.1"


def intent(purpose: Purpose, handover: int | None = 482) -> f.OpenIntended:
    return f.OpenIntended(intent=INTENT, session="old.1", compartment=3, purpose=purpose, handover=handover)


OPENED = f.DoorOpened(compartment=3, intent=INTENT)


@asynccontextmanager
async def coming_back(
    folder: Path, *before: Body, holds: bool, eyes: bool = True, ajar: bool = False
) -> AsyncIterator[Stage]:
    """An agent that starts on a store which ends with these facts."""
    wall = nine_doors(folder) if eyes else without_eyes(nine_doors(folder))
    clock = folder / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, folder)
    planned = a_handover(482, label=LABEL) if before[-1] == intent("load") else waiting(482, 3)
    back = replace(a_handover(900), direction=Direction.BACK)
    enrolled(config, wishes(planned, back))
    store = Store.open(Path(config.kiosk.store), clock=FileClock(clock))
    store.append(f.SessionOpened(session="old.1", language="nl"), *before)
    store.close()
    async with emulated_wall(wall) as emulated:
        if holds:
            lay(emulated, 3)
        if ajar:
            emulated.hand.lever(3)
        async with agent_at(config, emulated, clock) as stage:
            await stage.sees("attract")
            yield stage


@pytest.mark.parametrize(
    ("before", "holds", "eyes", "after"),
    [
        ((intent("collect"),), True, True, f.NotTaken(handover=482, compartment=3, session="old.1")),
        ((intent("collect"), OPENED), True, True, f.NotTaken(handover=482, compartment=3, session="old.1")),
        (
            (intent("collect"), OPENED),
            False,
            True,
            f.Disputed(handover=482, compartment=3, why="crash-closed-absent"),
        ),
        (
            (intent("collect"), OPENED),
            False,
            False,
            f.Disputed(handover=482, compartment=3, why="crash-closed-no-sensor"),
        ),
        ((intent("load"),), False, True, f.SeenEmpty(compartment=3)),
        ((intent("load"),), True, True, f.Disputed(handover=482, compartment=3, why="loading-unfinished")),
        ((intent("load"),), False, False, f.Disputed(handover=482, compartment=3, why="loading-unfinished")),
        ((intent("return", 900),), False, True, f.SeenEmpty(compartment=3)),
        ((intent("return", None),), True, True, f.UnexpectedContent(compartment=3)),
        (
            (intent("take_back"), OPENED),
            False,
            True,
            f.Disputed(handover=482, compartment=3, why="crash-closed-absent"),
        ),
    ],
)
async def test_promise_02_after_a_restart_each_intent_ends_by_evidence(tmp_path, before, holds, eyes, after):
    """Promises 1, 2 and 8, the runner's part: never silently free, and never pulsed again by itself."""
    async with coming_back(tmp_path, *before, holds=holds, eyes=eyes) as stage:
        await stage.until(lambda: after in stage.told(type(after)))
        assert stage.wall.pulses(3) == 0
        assert not stage.agent.book.truth.evidence.intents
        assert stage.told(f.SessionClosed) == [f.SessionClosed(session="old.1", how="restart")]
        assert not stage.told(f.Collected)


async def test_what_was_never_pulsed_is_not_in_doubt_at_a_wall_without_eyes(tmp_path):
    unsent = f.PulseNotSent(intent=INTENT, compartment=3)
    async with coming_back(tmp_path, intent("collect"), unsent, holds=True, eyes=False) as stage:
        await stage.until(lambda: 3 in stage.agent.runner.doors.known)
        assert not stage.told(f.Disputed)
        await stage.types_pin(pin_text())
        await stage.opens(3)


async def test_an_open_from_the_desk_that_was_never_sent_leaves_no_doubt(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")

        async def gone(compartment: int) -> None:
            raise LineDown("the line is gone")

        stage.agent.runner.machines.locks.pulse = gone  # type: ignore[method-assign]  # the line goes at this very moment
        stage.agent.on_command(open_now(stage))
        assert (await stage.tells(f.CommandAnswered)).outcome == "not-opened"
        assert stage.told(f.PulseNotSent)
        assert not stage.told(f.OpenNotDetected)
        assert not stage.agent.store.evidence().intents


async def test_a_door_found_open_after_a_restart_is_waited_for_and_then_told(tmp_path):
    async with coming_back(tmp_path, intent("collect"), OPENED, holds=False, ajar=True) as stage:
        assert not stage.told(f.Disputed)
        stage.hand.shut(3)
        assert (await stage.tells(f.Disputed)).why == "crash-closed-absent"


async def test_a_door_found_open_after_a_restart_and_left_so_is_an_alarm(tmp_path):
    async with coming_back(tmp_path, intent("collect"), OPENED, holds=False, ajar=True) as stage:
        stage.turn(301)
        assert (await stage.tells(f.Disputed)).why == "crash-open"
        assert stage.told(f.DoorLeftOpen)


async def test_the_first_start_says_what_is_fitted_and_a_second_says_it_only_when_it_changed(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        first = stage.agent
        assert [len(one.compartments) for one in stage.told(f.Configured)] == [9]
        assert stage.told(f.Started)[0].clean
        config, wall = first.config, stage.wall
        first.stop()
        await stage.until(first._ended.is_set)
        store = Path(config.kiosk.store)
    async with emulated_wall(wall.wall) as again, agent_at(config, again, tmp_path / "clock") as stage:
        await stage.sees("attract")
        assert Path(stage.agent.config.kiosk.store) == store
        assert len(stage.told(f.Configured)) == 1
        assert len(stage.told(f.Started)) == 2


async def test_promise_02_the_same_code_opens_the_same_door_after_a_restart_and_only_that(tmp_path):
    async with coming_back(tmp_path, intent("collect"), holds=True) as stage:
        await stage.tells(f.NotTaken)
        await stage.types_pin(pin_text())
        await stage.opens(3)
        assert sum(stage.wall.pulses(number) for number in range(1, 10)) == 1


async def test_a_wall_that_is_not_enrolled_says_so_and_serves_once_it_is(tmp_path):
    wall = nine_doors(tmp_path)
    clock = tmp_path / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, tmp_path)
    async with emulated_wall(wall) as emulated, agent_at(config, emulated, clock) as stage:
        await stage.sees("not-enrolled")
        stage.act("start")
        assert stage.screen == "not-enrolled"
        enrolled(config, None)
        store = stage.agent.store
        held = replace(wishes(waiting(482, 3)), log=store.log)
        assert store.keep_wishes(held)
        stage.turn(3)
        await stage.until(lambda: stage.agent.uplink is not None)
        stage.agent.on_wishes(held)
        await stage.sees("attract")


async def test_a_full_disk_starts_no_session_and_the_screen_says_so(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.agent.store.min_free_bytes = 2**62
        stage.turn(11)
        await stage.sees("fault")
        stage.act("start")
        assert stage.state.session is None
        stage.agent.store.min_free_bytes = 1
        stage.turn(11)
        await stage.sees("attract")


async def test_a_disk_that_refuses_from_the_start_keeps_everything_shut_until_it_takes_facts_again(tmp_path):
    wall, clock = nine_doors(tmp_path), tmp_path / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, tmp_path)
    enrolled(config, wishes(waiting(482, 3)))
    async with emulated_wall(wall) as emulated:
        lay(emulated, 3)
        agent = Agent(config, FileClock(clock))
        room_again = refusing(agent.store)
        async with running(agent, emulated, clock) as stage:
            await stage.sees("fault")
            stage.act("start")
            assert (stage.state.session, stage.kinds) == (None, [])
            room_again()
            stage.turn(11)
            await stage.sees("attract")
            assert stage.kinds[:2] == ["Started", "Configured"]
            await stage.types_pin(pin_text())
            await stage.opens(3)


async def until_open(config: KioskConfig) -> None:
    """Somebody answers at the screen's address."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection(*config.kiosk.screen_address())
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


async def test_a_store_that_can_be_opened_after_all_is_worked_with(tmp_path):
    wall, clock = nine_doors(tmp_path), tmp_path / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, tmp_path)
    enrolled(config, wishes(waiting(482, 3)))
    store, aside = Path(config.kiosk.store), tmp_path / "aside"
    store.rename(aside)
    store.mkdir()
    async with emulated_wall(wall) as emulated:
        waits = asyncio.create_task(until_made(lambda: Agent(config, FileClock(clock)), config, FileClock(clock)))
        await until_open(config)
        store.rmdir()
        aside.rename(store)
        clock.write_text(str(NOW.timestamp() - time.time() + 11))
        agent = await asyncio.wait_for(waits, PATIENCE)
        assert agent is not None
        async with running(agent, emulated, clock) as stage:
            await stage.sees("attract")


async def test_an_agent_with_nothing_plugged_in_still_shows_its_screen(tmp_path):
    wall = nine_doors(tmp_path)
    clock = tmp_path / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, tmp_path)
    enrolled(config, wishes(waiting(482, 3)))
    from onthaal.emulator.running import EmulatedWall

    async with agent_at(config, EmulatedWall(wall, None), clock) as stage:
        await stage.sees("attract")
        await stage.types_pin(pin_text())
        await stage.sees("fault")
        assert not stage.told(f.OpenIntended)


async def test_a_door_that_is_first_read_when_somebody_asked_for_it_is_no_leftover_of_before(tmp_path):
    """A slow board: the wall serves after two seconds, and what is asked of the door now is not what a start finds."""
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        stage.wall.fault("stuck_closed", compartment=3)
        await stage.types_pin(pin_text())
        await stage.tells(f.OpenIntended)
        doors = stage.agent.runner.doors
        doors.known.discard(3)
        doors._first(3)
        await stage.until(lambda: 3 in doors.known)
        assert not stage.told(f.NotTaken)
        assert stage.agent.book.truth.evidence.intents
