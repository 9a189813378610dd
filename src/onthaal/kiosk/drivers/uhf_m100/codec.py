"""The M100 family's frames: `BB TYPE CMD LENhi LENlo PARAM SUM 7E`, 115200 8N1.

SUM is the low byte of the sum of TYPE to PARAM. A parameter may hold `7E`, so the length is trusted, not the end.
"""

from __future__ import annotations

import msgspec

HEAD, END = 0xBB, 0x7E
RESPONSE, NOTICE = 0x01, 0x02
POLL, FAILED = 0x22, 0xFF
SINGLE_POLL = bytes.fromhex("BB 00 22 00 00 22 7E")
NO_TAG = 0x15
LONGEST_PARAMETER = 96
"""The longest identifier (62 bytes) with its surroundings; a longer length is noise and must not hold the line."""
AROUND = 7
NOTICE_AROUND = 5
"""RSSI, two bytes of protocol control, two of CRC."""


class TagNotice(msgspec.Struct, frozen=True):
    """One tag: its EPC in capital hexadecimal, dBm, and whether the tag's own CRC-16 agrees."""

    tag: str
    rssi: int
    proven: bool


class NoTag(msgspec.Struct, frozen=True):
    """The reader looked and saw none."""


Answer = TagNotice | NoTag


class TagParser:
    """Bytes in, answers out; other sound frames are passed over."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        self._held += data
        answers: list[Answer] = []
        while (head := self._held.find(HEAD)) >= 0:
            del self._held[:head]
            size = self._size()
            if size is not None and len(self._held) < size:
                return answers
            if size is None or not _sound(frame := bytes(self._held[:size])):
                del self._held[0]
                continue
            del self._held[:size]
            answers += _answer(frame)
        self._held.clear()
        return answers

    def reset(self) -> None:
        """Forget what is held: a new question begins."""
        self._held.clear()

    def _size(self) -> int | None:
        """Bytes of the frame that begins here; None when none can."""
        if len(self._held) >= 2 and self._held[1] not in (RESPONSE, NOTICE):
            return None
        if len(self._held) < NOTICE_AROUND:
            return AROUND
        length = int.from_bytes(self._held[3:5], "big")
        return AROUND + length if length <= LONGEST_PARAMETER else None


def _sound(frame: bytes) -> bool:
    return frame[-1] == END and sum(frame[1:-2]) & 0xFF == frame[-2]


def _answer(frame: bytes) -> list[Answer]:
    kind, command, parameter = frame[1], frame[2], frame[5:-2]
    if (kind, command) == (NOTICE, POLL) and len(parameter) > NOTICE_AROUND:
        rssi = int.from_bytes(parameter[:1], "big", signed=True)
        proven = crc16(parameter[1:-2]) == int.from_bytes(parameter[-2:], "big")
        return [TagNotice(parameter[3:-2].hex().upper(), rssi, proven)]
    if (kind, command) == (RESPONSE, FAILED) and parameter == bytes((NO_TAG,)):
        return [NoTag()]
    return []


def crc16(data: bytes) -> int:
    """The tag's own check over protocol control and EPC: polynomial 1021, preset FFFF, inverted (ISO 18000-63)."""
    check = 0xFFFF
    for byte in data:
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ 0x1021 if check & 0x8000 else check << 1) & 0xFFFF
    return check ^ 0xFFFF
