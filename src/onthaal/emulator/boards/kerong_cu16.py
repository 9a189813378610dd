"""KERONG KR-CU16, the older dialect: 19200 8N1, STX ADDR CMD ETX SUM, ADDR = board << 4 | lock - 1."""

from onthaal.emulator.boards.frames import MORE, NOISE, Listener, packed, sum8
from onthaal.emulator.boards.wired import Board, Boards

STX, ETX = 0x02, 0x03
STATUS, UNLOCK, STATUS_ALL, UNLOCK_ALL = 0x30, 0x31, 0x32, 0x33
STATUS_REPLY, STATUS_ALL_REPLY = 0x35, 0x36
EVERY_BOARD = 0xF


def judge(held: bytearray) -> int:
    """Length of the request at the front, or why there is none."""
    if held[0] != STX:
        return NOISE
    if len(held) < 5:
        return MORE
    return 5 if held[3] == ETX and held[4] == sum8(held[:4]) else NOISE


class KerongCu16:
    """Sixteen locks with infrared eyes; an unlock has no answer that can be relied on: none."""

    def __init__(self, boards: Boards) -> None:
        """The boards of one line."""
        self._boards = boards
        self._listener = Listener(judge)

    def hear(self, data: bytes) -> list[bytes]:
        """Take in bytes cut anywhere; act on the frames they complete; give the answers."""
        return [answer for frame in self._listener.frames(data) for answer in self._answers(frame)]

    def _answers(self, frame: bytes) -> list[bytes]:
        address, lock, command = frame[1] >> 4, frame[1] & 0x0F, frame[2]
        addressed = self._boards.all() if address == EVERY_BOARD else self._boards.at(address)
        if command == STATUS and lock == 0 and address != EVERY_BOARD:
            return [status_reply(board, STATUS_REPLY) for board in addressed]
        if command == STATUS_ALL and frame[1] == EVERY_BOARD << 4:
            return [status_reply(board, STATUS_ALL_REPLY) for board in addressed]
        for board in addressed:
            if command == UNLOCK:
                board.pulse(lock + 1)
            if command == UNLOCK_ALL:
                for channel in range(1, 17):
                    board.pulse(channel)
        return []


def status_reply(board: Board, command: int) -> bytes:
    """Nine bytes: two of hooks, two of infrared eyes."""
    bits = packed(board.contacts()) + packed(board.presences())
    reply = bytes((STX, board.address << 4, command)) + bits + bytes((ETX,))
    return reply + bytes((sum8(reply),))
