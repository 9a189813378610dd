"""Every fault that can be switched on does to the wire what its real cause would."""

import pytest

from onthaal.emulator.things import Impossible
from tests.emulator.conftest import WallOf, standing, wire

STATUS, UNLOCK_1, UNLOCK_2 = "02 00 30 03 35", "02 00 31 03 36", "02 01 31 03 37"
BOTH_CLOSED, FIRST_OPEN = "02 00 35 03 00 00 00 03 3D", "02 00 35 02 00 00 00 03 3C"


async def test_a_stuck_lock_takes_its_pulse_and_stays_shut_until_the_lever(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("stuck_closed", compartment=1)
        line.says(UNLOCK_1)
        await emulated.until(lambda: emulated.pulses(1) == 1)
        assert await line.asks(STATUS, answer=9) == BOTH_CLOSED
        with pytest.raises(Impossible, match="bolted"):
            emulated.hand.open(1)
        emulated.hand.lever(1)
        assert await line.asks(STATUS, answer=9) == FIRST_OPEN


async def test_a_door_that_does_not_latch_cannot_be_shut(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("stuck_open", compartment=1)
        line.says(UNLOCK_1)
        await emulated.until(lambda: emulated.is_open(1))
        with pytest.raises(Impossible, match="does_not_latch"):
            emulated.hand.shut(1)
        assert await line.asks(STATUS, answer=9) == FIRST_OPEN
        emulated.fault("stuck_open", compartment=1, on=False)
        emulated.hand.shut(1)
        assert await line.asks(STATUS, answer=9) == BOTH_CLOSED


async def test_a_door_with_a_weak_spring_waits_to_be_pulled(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("weak_spring", compartment=1)
        line.says(UNLOCK_1)
        await emulated.until(lambda: emulated.pulses(1) == 1)
        assert await line.asks(STATUS, answer=9) == BOTH_CLOSED
        emulated.hand.open(1)
        assert await line.asks(STATUS, answer=9) == FIRST_OPEN


@pytest.mark.parametrize(
    ("kind", "while_shut", "while_open"),
    [
        ("sensor_inverted", FIRST_OPEN, BOTH_CLOSED),
        ("sensor_cut", FIRST_OPEN, FIRST_OPEN),
        ("sensor_stuck_closed", BOTH_CLOSED, BOTH_CLOSED),
    ],
)
async def test_a_broken_contact_misleads_the_board_and_not_the_door(
    wall_of: WallOf, kind: str, while_shut: str, while_open: str
) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault(kind, compartment=1)
        assert await line.asks(STATUS, answer=9) == while_shut
        line.says(UNLOCK_1)
        await emulated.until(lambda: emulated.is_open(1))
        assert await line.asks(STATUS, answer=9) == while_open


async def test_crossed_wires_open_the_neighbour(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("crossed", compartment=1)
        line.says(UNLOCK_1)
        await emulated.until(lambda: emulated.is_open(2))
        assert not emulated.is_open(1)


async def test_an_unplugged_bus_hears_and_says_nothing(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("silent", line="main")
        line.says(STATUS)
        line.says(UNLOCK_1)
        assert await line.hears_nothing()
        assert emulated.pulses(1) == 0
        emulated.clear_faults()
        assert await line.asks(STATUS, answer=9) == BOTH_CLOSED


async def test_a_late_reply_comes_after_every_deadline_of_the_makers(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("late_reply", line="main")
        line.says(STATUS)
        assert await line.hears_nothing(seconds=0.3)
        assert await line.hears(9) == BOTH_CLOSED


async def test_garbage_never_leaves_a_sound_frame(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("garbage", line="main")
        for _ in range(20):
            assert BOTH_CLOSED not in await line.asks(STATUS, answer=10)
            await line.hears_nothing(seconds=0.01)


async def test_one_lost_answer_is_lost_once_and_the_pulse_was_given(wall_of: WallOf) -> None:
    async with standing(wall_of("board-8a", [(1, 1)])) as (emulated, line):
        emulated.fault("drop_next", line="main")
        line.says("8A 01 01 11 9B")
        await emulated.until(lambda: emulated.is_open(1))
        assert await line.hears_nothing()
        assert await line.asks("80 01 01 33 B3", answer=5) == "80 01 01 00 80"


async def test_a_second_board_with_the_same_address_answers_too(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("duplicate_address", line="main")
        assert await line.asks(STATUS, answer=18) == f"{BOTH_CLOSED} 02 00 35 00 00 00 00 03 3A"


async def test_two_boards_with_the_same_address_open_the_same_door_on_both(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (1, 1)])) as (emulated, line):
        emulated.fault("duplicate_address", line="main")
        line.says(UNLOCK_1)
        await emulated.until(lambda: emulated.is_open(1) and emulated.is_open(2))


async def test_a_brown_out_moves_nothing_and_takes_the_boards_away_for_a_second(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        emulated.fault("brown_out", line="main")
        line.says(UNLOCK_1)
        line.says(STATUS)
        assert await line.hears_nothing()
        assert not emulated.is_open(1)
        emulated.fault("brown_out", line="main", on=False)
        assert await _answers_again(line)


async def test_the_reader_may_tell_another_tag_than_the_one_before_it(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _), wire(emulated.links["tags"]) as line:
        emulated.hold_tag("30751FEB705C5904E3D50D70")
        emulated.fault("wrong_tag")
        assert "30 75 1F EB" not in await line.asks("BB 00 22 00 00 22 7E", answer=24)


async def test_the_readers_lines_can_be_unplugged_too(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _), wire(emulated.links["codes"]) as line:
        emulated.fault("silent", line="codes")
        emulated.hold_code("GZ1:ABC")
        assert await line.hears_nothing()


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("magic", {}),
        ("stuck_closed", {}),
        ("stuck_closed", {"compartment": 99}),
        ("silent", {"line": "nowhere"}),
        ("brown_out", {"line": "tags"}),
    ],
)
async def test_a_fault_that_cannot_be_is_refused(wall_of: WallOf, kind: str, where: dict[str, object]) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _):
        with pytest.raises(Impossible):
            emulated.fault(kind, **where)  # type: ignore[arg-type]
        assert not emulated.cabinet.truth.faults


async def _answers_again(line: object) -> bool:
    for _ in range(100):
        line.says(STATUS)  # type: ignore[attr-defined]
        if not await line.hears_nothing(seconds=0.1):  # type: ignore[attr-defined]
            return True
    return False
