"""A code reader on a serial line: whatever it scans goes on the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from onthaal.kiosk.config import CodeReaderTable
from onthaal.kiosk.drivers.line import Line
from onthaal.kiosk.drivers.serial_code.codec import IDLE, LineParser, Scan
from onthaal.kiosk.ports import Observation


class SerialCodeReader:
    """Implements ports.CodeReader."""

    def __init__(self, table: CodeReaderTable, tell: Callable[[Observation], None]) -> None:
        self.line = Line(table.url, table.baudrate, on_bytes=self._heard, on_lost=self._lost)
        self._tell = tell
        self._parser = LineParser()
        self._idle: asyncio.TimerHandle | None = None
        self._armed = True

    @property
    def up(self) -> bool:
        return self.line.up

    async def run(self) -> None:
        try:
            while True:
                await self.line.keep_trying()
                await self.line.lost()
        finally:
            self._stop_timer()
            await self.line.close()

    def arm(self) -> None:
        self._armed = True

    def disarm(self) -> None:
        self._armed = False

    def _heard(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._stop_timer()
        self._pass_on(self._parser.feed(data, loop.time()))
        self._idle = loop.call_later(IDLE, self._fell_idle)

    def _fell_idle(self) -> None:
        self._idle = None
        self._pass_on(self._parser.idle(asyncio.get_running_loop().time()))

    def _lost(self) -> None:
        self._stop_timer()
        self._parser.drop()

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _pass_on(self, scans: list[Scan]) -> None:
        if self._armed:
            for scan in scans:
                self._tell(scan)
