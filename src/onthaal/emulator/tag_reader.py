"""The UHF reader (MagicRF M100 family): 115200 8N1, `BB TYPE CMD LEN PARAM SUM 7E`."""

import asyncio
import binascii
from collections.abc import Callable

from onthaal.emulator.boards.frames import MORE, NOISE, Listener, sum8
from onthaal.emulator.wall import tag_bytes

HEADER, END = 0xBB, 0x7E
COMMAND, RESPONSE, NOTICE = 0x00, 0x01, 0x02
VERSION, POLL, POLL_MANY, STOP, FAILED = 0x03, 0x22, 0x27, 0x28, 0xFF
NO_TAG, NOT_A_COMMAND = 0x15, 0x17
_VERSION_TEXTS = {0x00: b"M100 26dBm V1.0", 0x01: b"V2.3.5", 0x02: b"MagicRF"}
_SIGNAL = 0xC9  # -55 dBm, as in the makers' example
_HAS_USER_MEMORY = 0x0400  # protocol control 3400 in the makers' example, not 3000
_LONGEST = 64
# One round of the antenna in the makers' multiple polling takes about this long.
ROUND_SECONDS = 0.04


def judge(held: bytearray) -> int:
    """Length of the command at the front, or why there is none. LEN decides, `7E` may be data."""
    if held[0] != HEADER or (len(held) > 1 and held[1] != COMMAND):
        return NOISE
    if len(held) < 5:
        return MORE
    length = 7 + int.from_bytes(held[3:5], "big")
    if length > _LONGEST:
        return NOISE
    if len(held) < length:
        return MORE
    return length if held[length - 1] == END and held[length - 2] == sum8(held[1 : length - 2]) else NOISE


def framed(kind: int, command: int, parameter: bytes) -> bytes:
    """One frame as it goes over the wire."""
    content = bytes((kind, command)) + len(parameter).to_bytes(2, "big") + parameter
    return bytes((HEADER,)) + content + bytes((sum8(content), END))


def sighting(tag: str | None) -> bytes:
    """What one round of the antenna says: the tag's notice, or error 15 when the field is empty."""
    if tag is None:
        return framed(RESPONSE, FAILED, bytes((NO_TAG,)))
    epc = tag_bytes(tag)
    told = (len(epc) // 2 << 11 | _HAS_USER_MEMORY).to_bytes(2, "big") + epc
    crc = binascii.crc_hqx(told, 0xFFFF) ^ 0xFFFF
    return framed(NOTICE, POLL, bytes((_SIGNAL,)) + told + crc.to_bytes(2, "big"))


class UhfM100:
    """Answers what it is asked; while polling many it speaks by itself."""

    def __init__(self, *, field: Callable[[], str | None], say: Callable[[bytes], None]) -> None:
        """`field` tells the tag before the antenna (hexadecimal); `say` puts bytes on the line."""
        self._field, self._say = field, say
        self._listener = Listener(judge)
        self._rounds_left = 0
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, data: bytes) -> None:
        """Take in bytes cut anywhere and act on the commands they complete."""
        for frame in self._listener.frames(data):
            self._obey(frame[2], frame[5:-2])

    def rest(self) -> None:
        """Stop polling."""
        self._rounds_left = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _obey(self, command: int, parameter: bytes) -> None:
        if command == POLL and not parameter:
            self._say(sighting(self._field()))
        elif command == POLL_MANY and len(parameter) == 3 and parameter[0] == POLL:
            self.rest()
            self._rounds_left = int.from_bytes(parameter[1:], "big")
            self._round()
        elif command == STOP and not parameter:
            self.rest()
            self._say(framed(RESPONSE, STOP, b"\x00"))
        elif command == VERSION and parameter and parameter[0] in _VERSION_TEXTS:
            self._say(framed(RESPONSE, VERSION, parameter[:1] + _VERSION_TEXTS[parameter[0]]))
        else:
            self._say(framed(RESPONSE, FAILED, bytes((NOT_A_COMMAND,))))

    def _round(self) -> None:
        self._timer = None
        if self._rounds_left == 0:
            return
        self._rounds_left -= 1
        self._say(sighting(self._field()))
        self._timer = asyncio.get_running_loop().call_later(ROUND_SECONDS, self._round)
