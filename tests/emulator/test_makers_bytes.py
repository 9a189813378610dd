"""The boards speak as their makers' papers and field captures print it, byte for byte."""

import pytest

from onthaal.emulator.things import Impossible
from tests.emulator.conftest import WallOf, standing, wire


async def test_cu48_tells_its_status_as_in_kerongs_own_example(wall_of: WallOf) -> None:
    """KERONG V2.1: locks 1, 2, 3, 47 and 48 locked, all others not."""
    wall = wall_of("kerong-cu48", [(0, 1), (0, 2), (0, 3), (0, 47), (0, 48), (0, 4)])
    async with standing(wall) as (emulated, line):
        emulated.hand.lever(6)
        assert await line.asks("02 00 00 50 03 55", answer=12) == "02 00 00 65 07 00 00 00 00 C0 03 31"


async def test_cu48_unlocks_one_lock_and_says_nothing(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu48", [(0, 1), (0, 2)])) as (emulated, line):
        line.says("02 00 00 51 03 56")
        await emulated.until(lambda: emulated.is_open(1))
        assert not emulated.is_open(2)
        assert await line.hears_nothing()


@pytest.mark.parametrize(
    ("frame", "opened"), [("02 00 30 51 03 86", {1, 2}), ("02 0A 30 51 03 90", {1, 2, 3})], ids=["board", "all boards"]
)
async def test_cu48_opens_everything_when_a_driver_says_so(wall_of: WallOf, frame: str, opened: set[int]) -> None:
    async with standing(wall_of("kerong-cu48", [(0, 1), (0, 48), (1, 1)])) as (emulated, line):
        line.says(frame)
        await emulated.until(lambda: {n for n in (1, 2, 3) if emulated.is_open(n)} == opened)


async def test_every_cu48_of_the_line_answers_in_turn_when_all_are_asked(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu48", [(0, 1), (1, 1)])) as (_, line):
        assert await line.asks("02 0A 00 50 03 5F", answer=24) == (
            "02 00 00 65 01 00 00 00 00 00 03 6B 02 01 00 65 01 00 00 00 00 00 03 6C"
        )


async def test_a_cu48_with_its_switches_the_other_way_round_reads_zero_for_locked(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu48", [(0, 1)], closed_bit=0)) as (emulated, line):
        assert await line.asks("02 00 00 50 03 55", answer=12) == "02 00 00 65 00 00 00 00 00 00 03 6A"
        emulated.hand.lever(1)
        assert await line.asks("02 00 00 50 03 55", answer=12) == "02 00 00 65 01 00 00 00 00 00 03 6B"


async def test_cu16_tells_hooks_and_what_its_infrared_eyes_see(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 16)], presence_bit=1)) as (emulated, line):
        assert await line.asks("02 00 30 03 35", answer=9) == "02 00 35 01 80 00 00 03 BB"
        line.says("02 0F 31 03 45")
        await emulated.until(lambda: emulated.is_open(2))
        thing = emulated.hand.make("Sleutel")
        emulated.hand.put(2, thing.id)
        assert await line.asks("02 00 30 03 35", answer=9) == "02 00 35 01 00 00 80 03 BB"


async def test_cu16_unlocks_the_first_lock(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 2)])) as (emulated, line):
        line.says("02 00 31 03 36")
        await emulated.until(lambda: emulated.is_open(1))
        assert not emulated.is_open(2)
        assert await line.hears_nothing()


async def test_every_cu16_answers_the_common_address(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (1, 2)])) as (_, line):
        assert await line.asks("02 F0 32 03 27", answer=18) == "02 00 36 01 00 00 00 03 3C 02 10 36 02 00 00 00 03 4D"


async def test_cu16_opens_a_whole_board_when_a_driver_says_so(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1), (0, 9), (1, 1)])) as (emulated, line):
        line.says("02 00 33 03 38")
        await emulated.until(lambda: emulated.is_open(1) and emulated.is_open(2))
        assert not emulated.is_open(3)


async def test_board_8a_with_all_doors_open_answers_as_captured_on_a_real_one(wall_of: WallOf) -> None:
    """Captured on a real 8-channel board: nothing closed its contact."""
    async with standing(wall_of("board-8a", [(1, 1)], channels=8)) as (emulated, line):
        emulated.hand.lever(1)
        assert await line.asks("80 01 00 33 B2", answer=7) == "80 01 00 00 00 33 B2"


async def test_board_8a_with_lock_two_closed_sends_the_highest_group_first(wall_of: WallOf) -> None:
    """The Android note: lock 2 is `80 01 00 00 02 33 B0`."""
    async with standing(wall_of("board-8a", [(1, 2)], status_order="high-first")) as (_, line):
        assert await line.asks("80 01 00 33 B2", answer=7) == "80 01 00 00 02 33 B0"


async def test_board_8a_of_the_other_maker_sends_the_lowest_group_first(wall_of: WallOf) -> None:
    async with standing(wall_of("board-8a", [(1, 2)], status_order="low-first")) as (_, line):
        assert await line.asks("80 01 00 33 B2", answer=7) == "80 01 02 00 00 33 B0"


async def test_board_8a_answers_an_unlock_with_the_contact_after_it(wall_of: WallOf) -> None:
    async with standing(wall_of("board-8a", [(1, 1), (1, 2)])) as (emulated, line):
        assert await line.asks("80 01 01 33 B3", answer=5) == "80 01 01 11 91"
        assert await line.asks("8A 01 01 11 9B", answer=5) == "8A 01 01 00 8A"
        assert emulated.is_open(1)
        assert not emulated.is_open(2)


async def test_board_8a_takes_the_seconds_of_a_longer_pulse(wall_of: WallOf) -> None:
    async with standing(wall_of("board-8a", [(1, 1)])) as (emulated, line):
        assert await line.asks("8A 01 01 11 05 9E", answer=5) == "8A 01 01 00 8A"
        assert emulated.pulses(1) == 1


@pytest.mark.parametrize("frame", ["8A 01 00 11 9A", "90 01 03 00 00 92"], ids=["channel zero", "bitmap"])
async def test_board_8a_opens_everything_when_a_driver_says_so(wall_of: WallOf, frame: str) -> None:
    async with standing(wall_of("board-8a", [(1, 1), (1, 2)])) as (emulated, line):
        line.says(frame)
        await emulated.until(lambda: emulated.is_open(1) and emulated.is_open(2))


async def test_board_8a_of_fifty_channels_sends_seven_status_bytes(wall_of: WallOf) -> None:
    async with standing(wall_of("board-8a", [(1, 50)], channels=50)) as (_, line):
        assert await line.asks("80 01 00 33 B2", answer=11) == "80 01 00 00 00 00 00 00 02 33 B0"


async def test_the_tag_reader_tells_a_tag_as_in_the_makers_example(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _), wire(emulated.links["tags"]) as line:
        assert await line.asks("BB 00 22 00 00 22 7E", answer=8) == "BB 01 FF 00 01 15 16 7E"
        emulated.hold_tag("30751FEB705C5904E3D50D70")
        assert await line.asks("BB 00 22 00 00 22 7E", answer=24) == (
            "BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E"
        )


async def test_the_tag_reader_polls_by_itself_until_it_is_stopped(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _), wire(emulated.links["tags"]) as line:
        empty = "BB 01 FF 00 01 15 16 7E"
        assert await line.asks("BB 00 27 00 03 22 27 10 83 7E", answer=16) == f"{empty} {empty}"
        line.says("BB 00 28 00 00 28 7E")
        while (frame := await line.hears(8)) == empty:
            pass
        assert frame == "BB 01 28 00 01 00 2A 7E"
        assert await line.hears_nothing()


async def test_the_tag_reader_tells_its_version_with_the_right_sum(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _), wire(emulated.links["tags"]) as line:
        reply = await line.asks("BB 00 03 00 01 00 04 7E", answer=23)
        assert reply == "BB 01 03 00 10 00 4D 31 30 30 20 32 36 64 42 6D 20 56 31 2E 30 92 7E"


async def test_a_code_held_before_the_reader_goes_over_the_line_with_a_cr(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (emulated, _), wire(emulated.links["codes"]) as line:
        emulated.hold_code("GZ1:ABC")
        assert bytes.fromhex(await line.hears(8)) == b"GZ1:ABC\r"
        with pytest.raises(Impossible):
            emulated.hold_code("two\rlines")
