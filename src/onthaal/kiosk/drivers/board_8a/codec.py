"""The "8A/80" boards: 9600 8N1, BCC is the XOR of all bytes before it.

`8A AA CC 11 BCC` pulses one lock, `80 AA 00 33 BCC` asks for all contacts. Channel 00 in the first, and the bitmap
command 90, would open many; neither is made here. The answer has three status bytes or, on the 50-channel board,
seven, and no length: seven sound bytes can be the beginning of eleven, so only the silence after it ends a frame.
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import Literal

from onthaal.kiosk.config import REACH
from onthaal.kiosk.drivers.frames import BoardStatus, Frame, Parser, UnlockEcho, within

UNLOCK, STATUS = 0x8A, 0x80
DO_UNLOCK, DO_STATUS = 0x11, 0x33
ECHO_BYTES = 5
SHORT, LONG = 7, 11
HELD_AT_MOST = 512
_REACH = REACH["board-8a"]

Order = Literal["little", "big"]


class Board8A:
    """`status_order`: whether the first (low-first) or last (high-first) status byte holds channels 1-8."""

    reply_bytes = LONG
    echoes_unlock = True

    def __init__(self, status_order: Literal["low-first", "high-first"]) -> None:
        self._order: Order = "little" if status_order == "low-first" else "big"

    def ask_status(self, board: int) -> bytes:
        return _framed(STATUS, within(board, _REACH.boards, "board"), 0, DO_STATUS)

    def unlock(self, board: int, channel: int) -> bytes:
        lock = within(channel, _REACH.channels, "channel")
        return _framed(UNLOCK, within(board, _REACH.boards, "board"), lock, DO_UNLOCK)

    def parser(self) -> Parser:
        return Board8AParser(self._order)


class Board8AParser:
    """Holds what came until the line is quiet, then reads it whole."""

    def __init__(self, order: Order) -> None:
        self._order: Order = order
        self._held = bytearray()
        self.skipped = 0

    def feed(self, data: bytes) -> list[Frame]:
        self._held += data
        del self._held[:-HELD_AT_MOST]
        return []

    def quiet(self) -> list[Frame]:
        """Frames of all that is held. Nothing sound: it stays, the silence may have fallen inside a frame."""
        found: list[Frame] = []
        at = skipped = 0
        while at < len(self._held):
            size, frame = self._frame_at(bytes(self._held[at:]))
            if frame is not None:
                found.append(frame)
            else:
                skipped += size
            at += size
        if found:
            self._held.clear()
            self.skipped += skipped
        return found

    def reset(self) -> None:
        self._held.clear()

    def _frame_at(self, rest: bytes) -> tuple[int, Frame | None]:
        """How far to move on, and the frame that stood here."""
        if _sound_echo(rest[:ECHO_BYTES]):
            return ECHO_BYTES, UnlockEcho(rest[1], rest[2])
        sizes = [size for size in (SHORT, LONG) if _sound_status(rest[:size], size)]
        if len(sizes) > 1:
            # Sound in both lengths: the one that ends with the line's last byte is meant; else nobody can tell.
            sizes = [size for size in sizes if size == len(rest)]
            if not sizes:
                return LONG, None
        if not sizes:
            return 1, None
        (size,) = sizes
        contacts = int.from_bytes(rest[2 : size - 2], self._order)
        return size, BoardStatus(rest[1], channels=(size - 4) * 8, contacts=contacts)


def _framed(*body: int) -> bytes:
    return bytes((*body, reduce(xor, body)))


def _sound_echo(frame: bytes) -> bool:
    """`8A AA CC ST BCC`, ST `00` or `11` (which means what depends on the wiring; it is not looked at)."""
    return (
        len(frame) == ECHO_BYTES
        and frame[0] == UNLOCK
        and frame[1] in _REACH.boards
        and frame[2] in _REACH.channels
        and frame[3] in (0x00, 0x11)
        and not reduce(xor, frame)
    )


def _sound_status(frame: bytes, size: int) -> bool:
    """`80 AA S… 33 BCC` of `size` bytes."""
    return (
        len(frame) == size
        and frame[0] == STATUS
        and frame[1] in _REACH.boards
        and frame[-2] == DO_STATUS
        and not reduce(xor, frame)
    )
