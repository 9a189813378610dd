"""KERONG KR-CU48, protocol V2.1 of 2020-03-23: 19200 8N1, STX ADDR LOCKNUM CMD ETX SUM."""

from onthaal.emulator.boards.frames import MORE, NOISE, Listener, packed, sum8
from onthaal.emulator.boards.wired import Board, Boards

STX, ETX = 0x02, 0x03
STATUS, UNLOCK, STATUS_REPLY = 0x50, 0x51, 0x65
ALL_BOARDS, LAST_LOCK, ALL_LOCKS = 0x0A, 0x2F, 0x30


def judge(held: bytearray) -> int:
    """Length of the request at the front, or why there is none."""
    if held[0] != STX:
        return NOISE
    if len(held) < 6:
        return MORE
    return 6 if held[4] == ETX and held[5] == sum8(held[:5]) else NOISE


class KerongCu48:
    """Unlocks without any answer, as the maker's paper says; status is twelve bytes."""

    def __init__(self, boards: Boards) -> None:
        """The boards of one line."""
        self._boards = boards
        self._listener = Listener(judge)

    def hear(self, data: bytes) -> list[bytes]:
        """Take in bytes cut anywhere; act on the frames they complete; give the answers."""
        return [answer for frame in self._listener.frames(data) for answer in self._answers(frame)]

    def _answers(self, frame: bytes) -> list[bytes]:
        address, lock, command = frame[1], frame[2], frame[3]
        addressed = self._boards.all() if address == ALL_BOARDS else self._boards.at(address)
        if command == STATUS:
            return [status_reply(board, lock) for board in addressed]
        if command == UNLOCK:
            for board in addressed:
                unlock(board, lock)
        return []


def unlock(board: Board, lock: int) -> None:
    """Pulse one lock (zero-based), or every lock one after another."""
    if lock == ALL_LOCKS:
        for channel in range(1, 49):
            board.pulse(channel)
    elif lock <= LAST_LOCK:
        board.pulse(lock + 1)


def status_reply(board: Board, lock: int) -> bytes:
    """The twelve bytes; the lock number is given back and means nothing."""
    reply = bytes((STX, board.address, lock, STATUS_REPLY)) + packed(board.contacts()) + bytes((ETX,))
    return reply + bytes((sum8(reply),))
