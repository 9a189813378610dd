"""KERONG KR-CU48, protocol V2.1: `02 ADDR LOCKNUM CMD 03 SUM`, 19200 8N1, 48 locks.

ADDR `0A` is every board and LOCKNUM `30` every lock; neither is made here. An unlock has no answer.
"""

from __future__ import annotations

from onthaal.kiosk.config import REACH
from onthaal.kiosk.drivers.frames import BoardStatus, FixedFrameParser, Parser, within

STX, ETX = 0x02, 0x03
STATUS, UNLOCK, STATUS_REPLY = 0x50, 0x51, 0x65
_REACH = REACH["kerong-cu48"]


class KerongCu48:
    reply_bytes = 12
    echoes_unlock = False

    def ask_status(self, board: int) -> bytes:
        return _framed(within(board, _REACH.boards, "board"), 0, STATUS)

    def unlock(self, board: int, channel: int) -> bytes:
        lock = within(channel, _REACH.channels, "channel") - 1
        return _framed(within(board, _REACH.boards, "board"), lock, UNLOCK)

    def parser(self) -> Parser:
        return FixedFrameParser(self.reply_bytes, (STX, None, None, STATUS_REPLY), _status)


def _framed(address: int, lock: int, command: int) -> bytes:
    body = bytes((STX, address, lock, command, ETX))
    return body + bytes((sum(body) & 0xFF,))


def _status(frame: bytes) -> BoardStatus | None:
    """`02 ADDR LOCKNUM 65 D1-D6 03 SUM`: bit 0 of D1 is lock 1. LOCKNUM means nothing in an answer."""
    board, end, check = frame[1], frame[10], frame[11]
    if end != ETX or check != sum(frame[:-1]) & 0xFF or board not in _REACH.boards:
        return None
    return BoardStatus(board, 48, contacts=int.from_bytes(frame[4:10], "little"))
