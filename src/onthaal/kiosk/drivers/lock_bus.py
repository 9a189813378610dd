"""The lock boards of one line: asked in turn, their contacts settled, their silence noticed. Alive whatever they do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from onthaal.clock import Clock
from onthaal.kiosk.config import BusTable, CompartmentTable
from onthaal.kiosk.drivers.conversation import Conversation, NoAnswer, TwoAnswers
from onthaal.kiosk.drivers.frames import BoardStatus, Dialect
from onthaal.kiosk.drivers.settle import SETTLES_AFTER, Settled
from onthaal.kiosk.ports import BusSeen, BusState, Door, DoorSeen, LineDown, Observation, Pace, PresenceSeen

log = structlog.get_logger(__name__)

EVERY: Mapping[Pace, float] = {"idle": 1.0, "session": 0.2}
AFTER_PULSE = 0.02
AFTER_PULSE_FOR = 1.0
SILENT_AFTER = 3
ASKS_SILENT_EVERY = 0.5
ASKS_SILENT_AMONG_OTHERS_EVERY = 3.0
"""Each question to a dead board costs its neighbours half a second."""
TROUBLE_COUNTS_FOR = 10.0
TROUBLES_DEGRADE = 2
"""One lost answer is the weather; two within ten seconds are a cable, a polarity or a second board."""
DOUBT_LASTS = 2.0
"""Seconds for which a board that contradicted itself is not believed."""


class _Watched:
    """One compartment's contact and sensor."""

    def __init__(self, table: CompartmentTable) -> None:
        self.table = table
        self.door: Settled[int] = Settled()
        self.presence: Settled[int] = Settled()

    def door_state(self) -> Door:
        if self.door.value is None:
            return "unknown"
        return "closed" if self.door.value == self.table.closed_bit else "open"

    def present(self) -> bool | None:
        return None if self.presence.value is None else self.presence.value == self.table.presence_bit


class _Board:
    """One board's standing on its bus. Times in the event loop's seconds."""

    def __init__(self, address: int, compartments: Sequence[CompartmentTable]) -> None:
        self.address = address
        self.watched = [_Watched(one) for one in compartments if one.board == address]
        self.missed = 0
        self.answered = False
        self.not_before = 0.0
        self.doubted_until = 0.0

    @property
    def silent(self) -> bool:
        return self.missed >= SILENT_AFTER

    @property
    def known(self) -> bool:
        """Whether anything can be said of it yet."""
        return self.answered or self.silent

    @property
    def wants_another_look(self) -> bool:
        """A contact that moved waits for its second reading; an answer that was lost is asked for twice more."""
        uncertain = not all(one.door.certain and one.presence.certain for one in self.watched)
        return uncertain or 0 < self.missed < SILENT_AFTER


class SerialLockBus:
    """Implements ports.LockBus for one [[bus]]. `tell` takes observations."""

    def __init__(
        self,
        bus: BusTable,
        compartments: Sequence[CompartmentTable],
        dialect: Dialect,
        *,
        tell: Callable[[Observation], None],
        clock: Clock,
    ) -> None:
        mine = [one for one in compartments if one.bus == bus.name]
        self.name = bus.name
        self.talk = Conversation(bus.url, bus.baudrate, dialect)
        self._boards = [_Board(address, mine) for address in sorted({one.board for one in mine})]
        self._home = {one.table.number: (board, one) for board in self._boards for one in board.watched}
        self._tell, self._clock = tell, clock
        self._pace: Pace = "idle"
        self._hurry = asyncio.Event()
        self._quick_until = 0.0
        self._state: BusState = "silent"
        self._told: tuple[BusState, frozenset[int]] | None = None
        self._troubles: deque[float] = deque(maxlen=TROUBLES_DEGRADE)
        self._counted = 0

    async def run(self) -> None:
        try:
            while True:
                await self._come_up()
                await self._watch()
                self._all_unknown()
        finally:
            await self.talk.close()

    async def pulse(self, compartment: int) -> None:
        board, one = self._home[compartment]
        await self.talk.pulse(one.table.board, one.table.channel)
        board.not_before = 0.0
        self._quick_until = _now() + AFTER_PULSE_FOR
        self._hurry.set()

    def doors(self) -> Mapping[int, Door]:
        return {number: one.door_state() for number, (_, one) in self._home.items()}

    def presence(self) -> Mapping[int, bool | None]:
        sensed = {number: one for number, (_, one) in self._home.items() if one.table.presence_bit is not None}
        return {number: one.present() for number, one in sensed.items()}

    def buses(self) -> Mapping[str, BusState]:
        return {self.name: self._state}

    def set_pace(self, pace: Pace) -> None:
        if pace != self._pace:
            self._pace = pace
            self._hurry.set()

    @property
    def missing(self) -> str | None:
        """Why the line cannot be opened, when it cannot."""
        return None if self.talk.line.up else self.talk.line.missing

    def silent_at(self, compartment: int) -> bool:
        """Whether the compartment's own board does not answer."""
        board, _ = self._home[compartment]
        return self._state == "silent" or not board.answered or board.silent

    async def _come_up(self) -> None:
        line = self.talk.line
        if not line.up:
            try:
                await line.open()
            except LineDown:
                self._say("silent")
                await line.keep_trying()

    async def _watch(self) -> None:
        """Ask in turn until the line is lost."""
        while self.talk.line.up:
            self._hurry.clear()
            for board in self._boards:
                if _now() < board.not_before:
                    continue
                try:
                    await self._look(board)
                except LineDown:
                    return
                self._judge()
            await self._rest()

    async def _look(self, board: _Board) -> None:
        try:
            status = await self.talk.ask(board.address)
        except NoAnswer:
            self._missed(board)
            return
        except TwoAnswers:
            log.warning("two_answers", bus=self.name, board=board.address, hint="check the boards' addresses")
            self._troubles.extend([_now()] * TROUBLES_DEGRADE)
            board.doubted_until = _now() + DOUBT_LASTS
            status = None
        if board.silent:
            log.info("board_answers", bus=self.name, board=board.address)
            self._troubles.clear()
        board.missed, board.answered = 0, True
        self._take(board, None if _now() < board.doubted_until else status)

    def _missed(self, board: _Board) -> None:
        self._troubles.append(_now())
        board.missed += 1
        if board.silent:
            alone = all(each.silent for each in self._boards)
            board.not_before = _now() + (ASKS_SILENT_EVERY if alone else ASKS_SILENT_AMONG_OTHERS_EVERY)
            self._take(board, None)
        if board.missed == SILENT_AFTER:
            log.warning("board_silent", bus=self.name, board=board.address)

    def _take(self, board: _Board, status: BoardStatus | None) -> None:
        now = _now()
        for one in board.watched:
            channel = one.table.channel
            if one.door.take(status.contact(channel) if status else None, now):
                self._tell_door(one, now)
            if one.table.presence_bit is not None and one.presence.take(
                status.presence(channel) if status else None, now
            ):
                self._tell(PresenceSeen(one.table.number, one.present(), self._clock.monotonic()))

    def _tell_door(self, one: _Watched, now: float) -> None:
        at = self._clock.monotonic()
        edge_at = at - (now - one.door.since)
        self._tell(DoorSeen(one.table.number, one.door_state(), one.door.value, at, edge_at))

    def _judge(self) -> None:
        """Say how the bus is, once every board could show it."""
        counted = self.talk.strays + self.talk.noise
        if counted > self._counted:
            self._counted = counted
            self._troubles.append(_now())
        if not all(board.known for board in self._boards):
            return
        if all(board.silent for board in self._boards):
            self._say("silent")
        elif any(board.silent for board in self._boards) or self._troubled():
            self._say("degraded")
        else:
            self._say("up")

    def _troubled(self) -> bool:
        while self._troubles and self._troubles[0] < _now() - TROUBLE_COUNTS_FOR:
            self._troubles.popleft()
        return len(self._troubles) >= TROUBLES_DEGRADE

    def _say(self, state: BusState) -> None:
        self._state = state
        away = frozenset(n for n, (board, _) in self._home.items() if state == "silent" or board.silent)
        if (state, away) != self._told:
            self._told = state, away
            log.info("bus", bus=self.name, state=state, away=sorted(away))
            self._tell(BusSeen(self.name, state, self._clock.monotonic(), away))

    def _all_unknown(self) -> None:
        self._say("silent")
        for board in self._boards:
            board.missed, board.answered, board.not_before = 0, False, 0.0
            self._take(board, None)

    async def _rest(self) -> None:
        """Until the next round; a pulse, a session or a lost line ends it early."""
        wait = EVERY[self._pace]
        if all(board.silent for board in self._boards):
            wait = ASKS_SILENT_EVERY
        elif any(board.wants_another_look for board in self._boards):
            wait = SETTLES_AFTER
        if _now() < self._quick_until:
            wait = AFTER_PULSE
        lost = asyncio.ensure_future(self.talk.line.lost())
        hurry = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait((lost, hurry), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            hurry.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
