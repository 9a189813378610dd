"""Promise 6: no encoder reachable from a session can produce a broadcast or open-all frame. Every argument is tried."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from onthaal.kiosk import ports
from onthaal.kiosk.config import BusTable
from onthaal.kiosk.drivers import LOCK_BOARDS
from onthaal.kiosk.drivers.frames import Dialect
from onthaal.kiosk.drivers.lock_bus import SerialLockBus
from onthaal.kiosk.drivers.wall import Locks

ANY = range(-300, 600)


def dialect(name: str) -> Dialect:
    return LOCK_BOARDS[name](BusTable(name="main", dialect=name, url="/dev/null", baudrate=9600))  # type: ignore[arg-type]


def unlocks(board: Dialect) -> Iterator[tuple[int, int, bytes]]:
    for address in ANY:
        for channel in ANY:
            try:
                yield address, channel, board.unlock(address, channel)
            except ValueError:
                continue


def opens_one_cu16(frame: bytes) -> bool:
    """Command 31 only (33 is every lock), and not to board 15 (every board)."""
    return len(frame) == 5 and frame[0] == 0x02 and frame[2] == 0x31 and frame[1] >> 4 != 0x0F and frame[3] == 0x03


def opens_one_cu48(frame: bytes) -> bool:
    """Not to address 0A (every board) and not lock 30 (every lock)."""
    return len(frame) == 5 + 1 and frame[3] == 0x51 and frame[1] <= 0x09 and frame[2] <= 0x2F


def opens_one_8a(frame: bytes) -> bool:
    """Not channel 00 (every lock), not the bitmap command 90, nothing held on (9A)."""
    return len(frame) == 5 and frame[0] == 0x8A and frame[3] == 0x11 and frame[2] != 0x00 and 1 <= frame[1] <= 32


@pytest.mark.parametrize(
    ("name", "opens_one", "doors"),
    [
        ("kerong-cu16", opens_one_cu16, 15 * 16),
        ("kerong-cu48", opens_one_cu48, 10 * 48),
        ("board-8a", opens_one_8a, 32 * 50),
    ],
)
def test_promise_06_whatever_is_asked_an_unlock_opens_one_door_of_one_board(name, opens_one, doors) -> None:
    frames = {(address, channel): frame for address, channel, frame in unlocks(dialect(name))}
    assert len(frames) == doors
    assert len(set(frames.values())) == doors
    assert [frame.hex() for frame in frames.values() if not opens_one(frame)] == []


@pytest.mark.parametrize("name", LOCK_BOARDS)
def test_promise_06_a_question_never_unlocks_and_names_one_board(name: str) -> None:
    asked = {}
    for address in ANY:
        try:
            asked[address] = dialect(name).ask_status(address)
        except ValueError:
            continue
    commands = {frame[2] if name == "kerong-cu16" else frame[3] for frame in asked.values()}
    assert commands == {{"kerong-cu16": 0x30, "kerong-cu48": 0x50, "board-8a": 0x33}[name]}
    assert len(set(asked.values())) == len(asked)
    every_board = {"kerong-cu16": 0xF0, "kerong-cu48": 0x0A, "board-8a": 0x00}[name]
    assert every_board not in {frame[1] for frame in asked.values()}


@pytest.mark.parametrize("port", [ports.LockBus, Locks, SerialLockBus])
def test_promise_06_a_lock_bus_has_one_way_to_open_and_it_takes_one_compartment(port: type) -> None:
    ways = {name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")}
    assert ways <= {"run", "pulse", "doors", "presence", "buses", "set_pace", "bus_of", "silent_at"}
    assert list(inspect.signature(port.pulse).parameters) == ["self", "compartment"]  # type: ignore[attr-defined]
