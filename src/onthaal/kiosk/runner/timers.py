"""Named timers on the one clock: setting one again replaces it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from onthaal.clock import Clock


class Timers:
    """`set` and forget; `ring` is called in the loop."""

    def __init__(self, clock: Clock, guard: Callable[[Callable[[], None]], None] = lambda ring: ring()) -> None:
        """`guard` does the ringing: it knows what to do when the disk refuses meanwhile."""
        self._clock, self._guard = clock, guard
        self._running: dict[str, asyncio.Task[None]] = {}

    def set(self, name: str, seconds: float | None, ring: Callable[[], None]) -> None:
        """Ring after so many seconds instead of whenever it would have; None: never."""
        before = self._running.pop(name, None)
        if before is not None and before is not asyncio.current_task():
            before.cancel()
        if seconds is not None:
            self._running[name] = asyncio.create_task(self._wait(name, self._clock.monotonic() + seconds, ring))

    async def _wait(self, name: str, until: float, ring: Callable[[], None]) -> None:
        await self._clock.sleep(until - self._clock.monotonic())
        if self._running.get(name) is asyncio.current_task():
            del self._running[name]
        self._guard(ring)

    def stop(self) -> None:
        for task in self._running.values():
            task.cancel()
        self._running.clear()
