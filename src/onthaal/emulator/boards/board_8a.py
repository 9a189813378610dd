"""The "8A/80" boards (485 lock board papers of 2021 and 2024): 9600 8N1, XOR of all before it.

Up to 24 channels a full state is three status bytes, on the 50-channel board seven. Which byte
holds channels 1-8 differs between makers: `status_order`.
"""

from onthaal.emulator.boards.frames import MORE, NOISE, Listener, packed, xor8
from onthaal.emulator.boards.wired import Board, Boards
from onthaal.emulator.wall import BusConfig

UNLOCK, STATE, BITMAP, HOLD, RELEASE = 0x8A, 0x80, 0x90, 0x9A, 0x9B
OPENING, ASKING = 0x11, 0x33
ALL_CHANNELS = 0x00
_LONGEST_PULSE = 9


def judge(held: bytearray) -> int:
    """Length of the request at the front, or why there is none."""
    if held[0] not in {UNLOCK, STATE, BITMAP, HOLD, RELEASE}:
        return NOISE
    # An unlock may carry its seconds in a sixth byte; the bitmap always has six.
    shortest = 6 if held[0] == BITMAP else 5
    longest = 6 if held[0] in {BITMAP, UNLOCK} else 5
    for length in range(shortest, longest + 1):
        if len(held) < length:
            return MORE
        if held[length - 1] == xor8(held[: length - 1]):
            return length
    return NOISE


class Board8a:
    """Answers an unlock with the contact as it stands after the pulse."""

    def __init__(self, boards: Boards, bus: BusConfig) -> None:
        """The boards of one line, and in which order their status bytes go."""
        self._boards = boards
        self._high_first = bus.status_order == "high-first"
        self._listener = Listener(judge)

    def hear(self, data: bytes) -> list[bytes]:
        """Take in bytes cut anywhere; act on the frames they complete; give the answers."""
        return [answer for frame in self._listener.frames(data) for answer in self._answers(frame)]

    def _answers(self, frame: bytes) -> list[bytes]:
        replies = [self._reply(board, frame) for board in self._boards.at(frame[1])]
        return [reply + bytes((xor8(reply),)) for reply in replies if reply]

    def _reply(self, board: Board, frame: bytes) -> bytes:
        header, channel = frame[0], frame[2]
        if header == BITMAP:
            self._unlock_by_bitmap(board, frame[2:5])
            return b""
        if header == STATE and frame[3] == ASKING:
            return self._state(board, channel)
        if header in {UNLOCK, HOLD} and frame[3] == OPENING and _pulse_is_allowed(frame):
            for each in range(1, self._boards.width + 1):
                if channel in {ALL_CHANNELS, each}:
                    board.pulse(each)
            return bytes((UNLOCK, board.address, channel, _shown(board, channel))) if header == UNLOCK else b""
        return b""

    def _state(self, board: Board, channel: int) -> bytes:
        if channel != ALL_CHANNELS:
            if channel > self._boards.width:
                return b""
            return bytes((STATE, board.address, channel, _shown(board, channel)))
        groups = packed(board.contacts()).ljust(7 if self._boards.width > 24 else 3, b"\x00")
        ordered = groups[::-1] if self._high_first else groups
        return bytes((STATE, board.address)) + ordered + bytes((ASKING,))

    def _unlock_by_bitmap(self, board: Board, groups: bytes) -> None:
        ordered = groups[::-1] if self._high_first else groups
        bitmap = int.from_bytes(ordered, "little")
        for channel in range(1, min(self._boards.width, 24) + 1):
            if bitmap >> (channel - 1) & 1:
                board.pulse(channel)


def _pulse_is_allowed(frame: bytes) -> bool:
    return len(frame) == 5 or 1 <= frame[4] <= _LONGEST_PULSE


def _shown(board: Board, channel: int) -> int:
    return 0x11 if channel != ALL_CHANNELS and board.contact(channel) else 0x00
