"""A wall's lock boards on real ptys: what the drivers tell while things go well and while they do not."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from onthaal.clock import SystemClock
from onthaal.kiosk.ports import BusSeen, DoorSeen, LineDown, PresenceSeen
from tests.kiosk.drivers.conftest import file_of, serving, wall_of, watching

BOARDS = [
    ("kerong-cu16", [(0, 1), (0, 16), (3, 2)], {}),
    ("kerong-cu48", [(0, 1), (0, 48), (9, 2)], {}),
    ("board-8a", [(1, 1), (1, 24), (32, 2)], {"baudrate": 9600, "status_order": "low-first"}),
    ("board-8a", [(1, 1), (1, 24), (32, 2)], {"baudrate": 9600, "status_order": "high-first"}),
    ("board-8a", [(1, 1), (1, 50), (32, 2)], {"baudrate": 9600, "status_order": "high-first", "channels": 50}),
]


def quick(tmp_path: Path, doors: int = 2):
    return wall_of(tmp_path, "kerong-cu16", [(0, channel) for channel in range(1, doors + 1)])


@pytest.mark.parametrize(("dialect", "doors", "bus"), BOARDS)
async def test_the_door_that_is_pulsed_opens_and_is_seen_to_and_no_other(tmp_path, dialect, doors, bus) -> None:
    async with serving(wall_of(tmp_path, dialect, doors, **bus)) as (wall, watch):
        assert set(watch.locks.doors().values()) == {"closed"}

        def door_is(number: int, state: str) -> bool:
            return watch.locks.doors()[number] == state

        for number in (1, 2, 3):
            await watch.locks.pulse(number)
            await watch.until(partial(door_is, number, "open"))
            assert [wall.pulses(each) for each in (1, 2, 3)] == [1] * number + [0] * (3 - number)
            wall.hand.shut(number)
            await watch.until(partial(door_is, number, "closed"))
        assert watch.doors_of(2) == ["closed", "open", "closed"]
        assert watch.locks.buses() == {"main": "up"}


async def test_what_lies_in_a_compartment_is_seen_by_its_eye(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        await watch.until(lambda: watch.locks.presence() == {1: False, 2: False})
        await watch.locks.pulse(1)
        await watch.until(lambda: watch.locks.doors()[1] == "open")
        wall.hand.put(1, wall.hand.make("a key").id)
        await watch.sees(lambda one: isinstance(one, PresenceSeen) and (one.compartment, one.present) == (1, True))
        assert watch.locks.presence() == {1: True, 2: False}


async def test_an_inverted_contact_is_read_as_the_file_says(tmp_path) -> None:
    wall = wall_of(tmp_path, "kerong-cu48", [(0, 1), (0, 2)])
    async with serving(wall) as (emulated, watch):
        emulated.fault("sensor_inverted", compartment=2)
        await watch.until(lambda: watch.locks.doors() == {1: "closed", 2: "open"})


async def test_a_silent_bus_makes_its_doors_unknown_and_comes_back_by_itself(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.fault("silent", line="main")
        await watch.bus_is("silent")
        await watch.until(lambda: set(watch.locks.doors().values()) == {"unknown"})
        wall.clear_faults()
        await watch.bus_is("up")
        await watch.until(lambda: set(watch.locks.doors().values()) == {"closed"})
        assert watch.doors_of(1) == ["closed", "unknown", "closed"]


async def test_one_lost_answer_is_no_trouble(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.fault("drop_next", line="main")
        await watch.locks.pulse(1)
        await watch.until(lambda: watch.locks.doors()[1] == "open")
        assert watch.doors_of(2) == ["closed"]
        assert watch.locks.buses() == {"main": "up"}


async def test_garbage_on_the_line_is_never_read_as_a_door_that_opened(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.fault("garbage", line="main")
        await watch.until(lambda: watch.said_of_bus() in ("degraded", "silent"))
        await watch.until(lambda: set(watch.locks.doors().values()) == {"unknown"})
        wall.clear_faults()
        await watch.until(lambda: set(watch.locks.doors().values()) == {"closed"})
        assert "open" not in watch.doors_of(1) + watch.doors_of(2)


async def test_late_answers_are_never_taken_for_fresh_ones(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.fault("late_reply", line="main")
        await watch.until(lambda: watch.said_of_bus() in ("degraded", "silent"))
        await watch.until(lambda: set(watch.locks.doors().values()) == {"unknown"})
        wall.hand.lever(1)
        await watch.hears_no_more(seconds=2.5)
        assert "open" not in watch.doors_of(1)
        wall.clear_faults()
        await watch.until(lambda: watch.locks.doors() == {1: "open", 2: "closed"})


async def test_two_boards_with_one_address_are_noticed_and_not_believed(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.fault("duplicate_address", line="main")
        await watch.bus_is("degraded")
        await watch.until(lambda: set(watch.locks.doors().values()) == {"unknown"})
        wall.clear_faults()
        await watch.until(lambda: set(watch.locks.doors().values()) == {"closed"})
        assert "open" not in watch.doors_of(1) + watch.doors_of(2)


async def test_a_supply_that_sinks_on_a_pulse_opens_nothing_and_is_survived(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.fault("brown_out", line="main")
        await watch.locks.pulse(1)
        await watch.sees(lambda one: isinstance(one, BusSeen))
        assert "open" not in watch.doors_of(1)
        assert wall.pulses(1) == 0
        wall.clear_faults()
        await watch.locks.pulse(2)
        await watch.until(lambda: watch.locks.doors() == {1: "closed", 2: "open"})


async def test_a_bus_that_is_unplugged_and_plugged_in_again_serves_again(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        wall.pull_out()
        await watch.bus_is("silent")
        assert set(watch.locks.doors().values()) == {"unknown"}
        with pytest.raises(LineDown):
            await watch.locks.pulse(1)
        wall.plug_in()
        await watch.bus_is("up")
        await watch.locks.pulse(1)
        await watch.until(lambda: watch.locks.doors() == {1: "open", 2: "closed"})


async def test_a_wall_whose_machines_are_all_away_starts_and_serves_once_they_come(tmp_path) -> None:
    wall = quick(tmp_path)
    async with watching(file_of(wall)) as watch:
        await watch.bus_is("silent")
        assert watch.locks.doors() == {1: "unknown", 2: "unknown"}
        from onthaal.emulator.running import emulated_wall

        async with emulated_wall(wall):
            await watch.bus_is("up")
            await watch.until(lambda: watch.locks.doors() == {1: "closed", 2: "closed"})


async def test_one_dead_board_leaves_its_neighbours_in_service(tmp_path) -> None:
    standing = wall_of(tmp_path, "kerong-cu16", [(0, 1)])
    config = file_of(wall_of(tmp_path, "kerong-cu16", [(0, 1), (5, 1)]))
    from onthaal.emulator.running import emulated_wall

    async with emulated_wall(standing), watching(config) as watch:
        await watch.bus_is("degraded")
        await watch.until(lambda: watch.locks.doors() == {1: "closed", 2: "unknown"})
        assert [one.silent for one in watch.told if isinstance(one, BusSeen)][-1] == {2}, "who is told which doors"
        await watch.locks.pulse(1)
        await watch.until(lambda: watch.locks.doors()[1] == "open", seconds=10)


async def test_an_edge_carries_when_it_was_first_read_and_when_it_counted(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        before = SystemClock().monotonic()
        await watch.locks.pulse(1)
        await watch.until(lambda: watch.locks.doors()[1] == "open")
        edge = next(one for one in watch.told if isinstance(one, DoorSeen) and one.door == "open")
        assert edge.raw == 0
        assert before < edge.edge_at <= edge.at - 0.05
        assert edge.at <= SystemClock().monotonic()
        assert wall.is_open(1)


async def test_a_pulse_that_nobody_waits_for_any_more_was_not_sent(tmp_path) -> None:
    async with serving(quick(tmp_path)) as (wall, watch):
        given_up = asyncio.ensure_future(watch.locks.pulse(1))
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        await watch.locks.pulse(2)
        await watch.until(lambda: watch.locks.doors()[2] == "open")
        assert wall.pulses(1) == 0
