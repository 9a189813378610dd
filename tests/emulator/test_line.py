"""The wire itself: agents come and go, noise comes in, and time passes as on a real one."""

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onthaal.emulator import line as line_of_the_wall
from onthaal.emulator.boards.board_8a import Board8a
from onthaal.emulator.boards.kerong_cu16 import KerongCu16
from onthaal.emulator.boards.kerong_cu48 import KerongCu48
from onthaal.emulator.boards.wired import Boards, Dialect
from onthaal.emulator.cabinet import Cabinet
from onthaal.emulator.faults import KINDS
from onthaal.emulator.line import LineInTheWay
from onthaal.emulator.running import emulated_wall, nine_doors
from onthaal.emulator.wall import BusConfig, CompartmentConfig, WallConfig, WallUnusable, checked
from onthaal.words import catalogue
from tests.emulator.conftest import WallOf, standing, wire

STATUS, CLOSED = "02 00 30 03 35", "02 00 35 01 00 00 00 03 3B"


async def test_an_agent_may_go_and_another_come(wall_of: WallOf) -> None:
    async with emulated_wall(wall_of("kerong-cu16", [(0, 1)])) as emulated:
        for _ in range(3):
            async with wire(emulated.links["main"]) as line:
                assert await line.asks(STATUS, answer=9) == CLOSED


async def test_a_request_cut_into_single_bytes_is_answered_once(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (_, line):
        for byte in STATUS.split():
            line.says(byte)
            await asyncio.sleep(0)
        assert await line.hears(9) == CLOSED
        assert await line.hears_nothing()


@pytest.mark.parametrize(
    ("dialect", "spoiled"),
    [
        ("kerong-cu16", "02 00 31 03 37"),
        ("kerong-cu16", "02 0F 31 03 49"),
        ("kerong-cu48", "02 00 00 51 03 57"),
        ("board-8a", "8A 01 01 11 9C"),
        ("board-8a", "8A 02 01 11 98"),
        ("kerong-cu16", "02 10 31 03 46"),
    ],
)
async def test_a_wrong_sum_or_another_boards_address_opens_nothing(wall_of: WallOf, dialect: str, spoiled: str) -> None:
    board = 1 if dialect == "board-8a" else 0
    async with standing(wall_of(dialect, [(board, 1), (board, 16)])) as (emulated, line):
        line.says(spoiled)
        assert await line.hears_nothing()
        assert emulated.pulses(1) == emulated.pulses(2) == 0


async def test_a_sound_request_behind_noise_is_still_heard(wall_of: WallOf) -> None:
    async with standing(wall_of("kerong-cu16", [(0, 1)])) as (_, line):
        line.says("FF 02 02 00 30 " + STATUS)
        assert await line.hears(9) == CLOSED


async def test_every_answer_takes_its_time_on_a_slow_wire(wall_of: WallOf) -> None:
    """Five bytes there and nine back at 300 baud: 14 × 10 bits take 467 ms."""
    async with standing(wall_of("kerong-cu16", [(0, 1)], wire_time=True, baudrate=300)) as (_, line):
        before = asyncio.get_running_loop().time()
        assert await line.asks(STATUS, answer=9) == CLOSED
        assert 0.46 <= asyncio.get_running_loop().time() - before < 4


async def test_what_nobody_fetched_is_lost_as_on_a_serial_port(
    wall_of: WallOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_of_the_wall, "UNREAD_SECONDS", 0.2)
    async with emulated_wall(wall_of("kerong-cu16", [(0, 1)])) as emulated:
        emulated.hold_code("GZ1:OLD")
        await asyncio.sleep(0.6)  # nobody is there to wait for: the time itself is the subject
        async with wire(emulated.links["codes"]) as line:
            assert await line.hears_nothing()
            emulated.hold_code("GZ1:NEW")
            assert bytes.fromhex(await line.hears(8)) == b"GZ1:NEW\r"


async def test_a_file_in_the_place_of_a_line_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "main"
    precious.write_text("mine")
    with pytest.raises(LineInTheWay):
        async with emulated_wall(nine_doors(tmp_path)):
            pass
    assert precious.read_text() == "mine"


def test_a_damaged_record_stops_the_start_and_says_where(tmp_path: Path) -> None:
    (tmp_path / "cabinet.json").write_text("{")
    with pytest.raises(WallUnusable, match=re.escape("cabinet.json")):
        Cabinet(nine_doors(tmp_path), tmp_path)


def test_what_lay_behind_a_door_that_is_gone_lies_outside(tmp_path: Path) -> None:
    wall = nine_doors(tmp_path)
    cabinet = Cabinet(wall, tmp_path)
    cabinet.hand.lever(9)
    thing = cabinet.hand.make("Vlaggenmast")
    cabinet.hand.put(9, thing.id)
    smaller = WallConfig(bus=wall.bus, compartment=wall.compartment[:8])
    assert [lying.text for lying in Cabinet(smaller, tmp_path).things("outside")] == ["Vlaggenmast"]


DIALECTS = ("kerong-cu48", "kerong-cu16", "board-8a")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(noise=st.lists(st.binary(max_size=12), max_size=12), dialect=st.sampled_from(DIALECTS))
def test_a_board_lives_through_any_bytes_and_hears_the_next_request(
    tmp_path: Path, noise: list[bytes], dialect: str
) -> None:
    bus = BusConfig(name="main", dialect=dialect, link=tmp_path / "main")  # type: ignore[arg-type]
    door = CompartmentConfig(number=1, bus="main", board=1, channel=1)
    boards = Boards(Cabinet(checked(WallConfig(bus=(bus,), compartment=(door,))), None), bus, supply_sank=lambda: None)
    board: dict[str, Dialect] = {
        "kerong-cu48": KerongCu48(boards),
        "kerong-cu16": KerongCu16(boards),
        "board-8a": Board8a(boards, bus),
    }
    status = {"kerong-cu48": "02 01 00 50 03 56", "kerong-cu16": "02 10 30 03 45", "board-8a": "80 01 01 33 B3"}
    for piece in noise:
        board[dialect].hear(piece)
    # A frame that began in the noise may swallow the first requests; it cannot be longer than six bytes.
    answers = [board[dialect].hear(bytes.fromhex(status[dialect])) for _ in range(3)]
    assert answers[-1]


def test_every_fault_and_every_impossible_thing_has_words() -> None:
    source = Path(line_of_the_wall.__file__).parent
    reasons = {
        reason
        for file in source.rglob("*.py")
        for call in re.findall(r"raise Impossible\((.*)", file.read_text("utf-8"))
        for reason in re.findall(r'"(\w+)"', call)
    }
    assert {"bolted", "which_thing", "nothing_inside"} <= reasons
    for key in [f"impossible.{reason}" for reason in reasons] + [f"fault.{kind}" for kind in KINDS]:
        assert all(catalogue()[f"emulator.{key}"][lang].strip() for lang in ("nl", "fr", "en"))
