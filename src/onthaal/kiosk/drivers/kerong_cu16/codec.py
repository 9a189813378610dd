"""KERONG KR-CU16: `02 ADDR CMD 03 SUM`, 19200 8N1, sixteen locks, presence bits.

ADDR holds board and lock in one byte: (board << 4) | (lock - 1). Board 15 is every board at once; commands 32 and
33 speak to many locks. None of them is made here.
"""

from __future__ import annotations

from onthaal.kiosk.config import REACH
from onthaal.kiosk.drivers.frames import BoardStatus, FixedFrameParser, Parser, within

STX, ETX = 0x02, 0x03
STATUS, UNLOCK, STATUS_REPLY = 0x30, 0x31, 0x35
_REACH = REACH["kerong-cu16"]


class KerongCu16:
    reply_bytes = 9
    echoes_unlock = True

    def ask_status(self, board: int) -> bytes:
        return _framed(within(board, _REACH.boards, "board") << 4, STATUS)

    def unlock(self, board: int, channel: int) -> bytes:
        lock = within(channel, _REACH.channels, "channel") - 1
        return _framed(within(board, _REACH.boards, "board") << 4 | lock, UNLOCK)

    def parser(self) -> Parser:
        return FixedFrameParser(self.reply_bytes, (STX, None, STATUS_REPLY), _status)


def _framed(address: int, command: int) -> bytes:
    body = bytes((STX, address, command, ETX))
    return body + bytes((sum(body) & 0xFF,))


def _status(frame: bytes) -> BoardStatus | None:
    """`02 ADDR 35 H1 H2 I1 I2 03 SUM`: hook bits of locks 1-8 and 9-16, then their infrared presence bits."""
    _, address, _, h1, h2, i1, i2, end, check = frame
    board = address >> 4
    if end != ETX or check != sum(frame[:-1]) & 0xFF or address & 0x0F or board not in _REACH.boards:
        return None
    return BoardStatus(board, 16, contacts=h1 | h2 << 8, present=i1 | i2 << 8)
