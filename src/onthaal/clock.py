"""The one clock. Everything that asks the time asks it here, so that a test can turn it.

Processes under test share a *clock file* (`ONTHAAL_CLOCK_FILE`): it holds a number of seconds that is
added to the real time. Production refuses to start with one (see the centre's checks).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

CLOCK_FILE = "ONTHAAL_CLOCK_FILE"


class Clock(Protocol):
    """What a part that needs time is given."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment of this boot; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 (the one home of now)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FileClock:
    """The machine's clock, moved by the number of seconds that stands in a file.

    The move is added to the monotonic clock too, so that idle timers follow when a test turns it;
    a sleeper looks at the file a few times a second.
    """

    LOOKS_EVERY = 0.1
    LONGEST = 64

    def __init__(self, path: Path) -> None:
        self._path = path

    def moved_by(self) -> float:
        """Seconds; nothing written yet means zero."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return 0.0
        try:
            return float(os.read(file, self.LONGEST) or 0)  # read as it is: an agent looks a hundred times a second
        finally:
            os.close(file)

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.moved_by())

    def monotonic(self) -> float:
        return time.monotonic() + self.moved_by()

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            await asyncio.sleep(min(left, self.LOOKS_EVERY))


class HandTurnedClock:
    """A clock that stands still until a test turns it: for tests inside one process."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        rings: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._monotonic + seconds, rings))
        await rings

    def turn(self, **by: float) -> None:
        """Move on, `turn(minutes=5)`, and wake whoever's time has come."""
        step = timedelta(**by)
        self._now += step
        self._monotonic += step.total_seconds()
        due = [sleeper for sleeper in self._sleepers if sleeper[0] <= self._monotonic]
        self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[0] > self._monotonic]
        for _, rings in sorted(due, key=lambda sleeper: sleeper[0]):
            if not rings.done():
                rings.set_result(None)


def from_environment() -> Clock:
    """The clock of this process: the machine's, or the shared clock file's when one is named."""
    path = os.environ.get(CLOCK_FILE)
    return FileClock(Path(path)) if path else SystemClock()


def now() -> datetime:
    """The time of this process's clock, aware, in UTC."""
    return from_environment().now()


def going_on(since: datetime) -> Callable[[], datetime]:
    """The time, were it `since` at this moment: for work that takes a while, and was told when it begins."""
    ahead = since - now()
    return lambda: now() + ahead
