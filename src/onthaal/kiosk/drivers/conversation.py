"""One question at a time on one bus, and the right answer to it or none.

An answer carries no number, so a late one could pass for the next. Against that: after a question without answer
the line is given back and opened again, then listened to until it stayed quiet; and the next answer of that board
counts only when no second one comes for as long as the late one may still be under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from onthaal.kiosk.drivers.frames import BoardStatus, Dialect, Frame
from onthaal.kiosk.drivers.line import Line
from onthaal.kiosk.ports import LineDown

ANSWERS_WITHIN = 0.25
"""Seconds beyond the time on the wire (200-300 ms between makers)."""
QUIET_ENDS_FRAME = 0.02
"""Silence that ends a frame without length; USB adapters hold bytes back for up to 16 ms."""
BABBLE_WAITS = 0.1
"""A line that is never quiet is spoken on all the same after this: waiting would let noise lock people out."""
LISTENS_AT_MOST = 1.0
LATE_COMES_WITHIN = 0.7
"""How long a doubted answer waits for a second one: a timeout and the listening after it, with some margin."""
ECHO_TAKES = 0.05
"""A board that answers an unlock does so within this; its bytes must not meet our next question."""
PULSE_WITHIN = 1.0
"""An unlock that could not go out in this time never goes out: nobody waits for that door any more."""


class NoAnswer(Exception):
    """The board did not answer, or nothing sound that is certainly its answer came."""


class TwoAnswers(Exception):
    """Two answers to one question: two boards with one address, or a late one. Neither can be believed."""


class Conversation:
    """Talks to the boards of one bus. `strays` counts sound answers nobody waited for, `noise` bytes of no frame."""

    def __init__(self, url: str, baudrate: int, dialect: Dialect, *, answers_within: float = ANSWERS_WITHIN) -> None:
        self._answers_within = answers_within
        self.line = Line(url, baudrate, on_bytes=self._heard, on_lost=self._lost)
        self.strays = 0
        self.noise = 0
        self._dialect, self._parser = dialect, dialect.parser()
        self._turn = asyncio.Lock()
        self._gap = self.line.seconds(7) / 2 + 0.001
        self._free_at = self._heard_at = 0.0
        self._asked: bytes = b""
        self._bytes = bytearray()
        self._awaited: int | None = None
        self._answers: list[BoardStatus] = []
        self._stirred = asyncio.Event()
        self._quiet: asyncio.TimerHandle | None = None
        self._doubted: set[int] = set()
        self._believed: dict[int, BoardStatus] = {}
        self._contradicted: set[int] = set()
        self._pulsed_at: dict[int, float] = {}

    async def ask(self, board: int) -> BoardStatus:
        """One question, no retry. NoAnswer, TwoAnswers, or LineDown."""
        question = self._dialect.ask_status(board)
        if board in self._contradicted:
            self._contradicted.discard(board)
            raise TwoAnswers
        async with self._my_turn():
            answer = await self._question(board, question)
        if answer is None:
            self._doubted.add(board)
            await self._begin_again()
            raise NoAnswer
        if board in self._doubted:
            await self._wait_for_late(board)
        self._believed[board] = answer
        return answer

    async def pulse(self, board: int, channel: int) -> None:
        """Send one unlock; returns when it is out. LineDown: nothing was sent and nothing will be."""
        frame = self._dialect.unlock(board, channel)
        try:
            async with asyncio.timeout(PULSE_WITHIN), self._my_turn():
                self.line.write(frame)
                self._pulsed_at[board] = _now()
                out = self.line.seconds(len(frame))
                self._busy_for(out + self._gap + (ECHO_TAKES if self._dialect.echoes_unlock else 0))
        except TimeoutError as late:
            raise LineDown(f"{self.line.url}: not free within {PULSE_WITHIN} s") from late
        await asyncio.sleep(out)

    async def close(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        await self.line.close()

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        """The line to oneself, after the quiet gap. Waiters are served in order: an unlock before the next poll."""
        async with self._turn:
            patience = _now() + BABBLE_WAITS
            while (wait := min(self._free_at, patience) - _now()) > 0:  # noqa: ASYNC110 (each byte heard moves it on)
                await asyncio.sleep(wait)
            yield

    async def _question(self, board: int, question: bytes) -> BoardStatus | None:
        self._parser.reset()
        self._bytes.clear()
        self._answers.clear()
        self._stirred.clear()
        skipped = self._parser.skipped
        self._asked, self._awaited = question, board
        try:
            self.line.write(question)
            wire = self.line.seconds(len(question) + self._dialect.reply_bytes)
            self._busy_for(self.line.seconds(len(question)) + self._gap)
            if not await self._first_answer(self._answers_within + wire):
                self.noise += len(self._bytes) - self._own_echo()
                return None
            # The gap belongs to the question: a second voice shows itself in it.
            await asyncio.sleep(max(0.0, self._free_at - _now()))
        finally:
            self._awaited = None
        self.noise += max(0, self._parser.skipped - skipped - self._own_echo())
        if len(self._answers) > 1:
            self.strays += len(self._answers) - 1
        if any(answer != self._answers[0] for answer in self._answers):
            raise TwoAnswers
        return self._answers[0]

    async def _first_answer(self, within: float) -> bool:
        try:
            async with asyncio.timeout(within):
                await self._stirred.wait()
        except TimeoutError:
            return False
        if not self._answers:
            raise LineDown(f"{self.line.url}: lost while waiting")
        return True

    async def _wait_for_late(self, board: int) -> None:
        """A board that was late once: its answer counts when no other follows it."""
        strays = self.strays
        await asyncio.sleep(LATE_COMES_WITHIN)
        if self.strays != strays:
            raise TwoAnswers
        self._doubted.discard(board)

    async def _begin_again(self) -> None:
        """Drop what is under way: reopen, then listen until nothing came for a whole timeout."""
        async with self._turn:
            await self.line.open()
            self._busy_for(self._gap)
        until = _now() + LISTENS_AT_MOST
        self._heard_at = _now()
        while (wait := min(self._heard_at + self._answers_within, until) - _now()) > 0:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(wait)

    def _heard(self, data: bytes) -> None:
        self._heard_at = _now()
        self._busy_for(self._gap)
        self._bytes += data[: 1024 - len(self._bytes)]
        self._sort(self._parser.feed(data))
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(QUIET_ENDS_FRAME, self._fell_quiet)

    def _fell_quiet(self) -> None:
        self._quiet = None
        self._sort(self._parser.quiet())

    def _sort(self, frames: list[Frame]) -> None:
        for frame in frames:
            if not isinstance(frame, BoardStatus):
                continue
            if frame.board == self._awaited:
                self._answers.append(frame)
                self._stirred.set()
            else:
                self._stray(frame)

    def _stray(self, frame: BoardStatus) -> None:
        """No board speaks unasked: it is late, or a second one with this address. Differing, neither is believed."""
        if _now() - self._pulsed_at.get(frame.board, -ECHO_TAKES) < ECHO_TAKES:
            return  # its word on the unlock; the question that follows is what counts
        self.strays += 1
        if frame.board not in self._doubted and self._believed.get(frame.board, frame) != frame:
            self._contradicted.add(frame.board)

    def _lost(self) -> None:
        self._stirred.set()

    def _busy_for(self, seconds: float) -> None:
        self._free_at = max(self._free_at, _now() + seconds)

    def _own_echo(self) -> int:
        """Two-wire adapters may hear themselves: our own question at the head of what came is no noise."""
        return len(self._asked) if self._bytes.startswith(self._asked) else 0


def _now() -> float:
    return asyncio.get_running_loop().time()
