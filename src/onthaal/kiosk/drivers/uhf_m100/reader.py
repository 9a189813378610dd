"""A UHF tag reader, asked five times a second which tag lies before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from onthaal.kiosk.config import TagReaderTable
from onthaal.kiosk.drivers.line import Line
from onthaal.kiosk.drivers.uhf_m100.codec import SINGLE_POLL, TagNotice, TagParser
from onthaal.kiosk.ports import LineDown, Observation, TagSeen

log = structlog.get_logger(__name__)

ASKS_EVERY = 0.2
SILENT_AFTER = 15
"""Unanswered questions (three seconds) after which the reader is not there, and the line is opened anew."""
TOLD_AGAIN_AFTER = 1.0


class UhfM100Reader:
    """Implements ports.TagReader."""

    def __init__(self, table: TagReaderTable, tell: Callable[[Observation], None]) -> None:
        self.line = Line(table.url, table.baudrate, on_bytes=self._heard, on_lost=self._parser_reset)
        self._tell = tell
        self._parser = TagParser()
        self._armed = True
        self._unanswered = 0
        self._silent = False
        self._told: dict[str, float] = {}
        self._doubtful: str | None = None

    @property
    def up(self) -> bool:
        """Its line is open, and it answers: a line that was opened anew proves nothing."""
        return self.line.up and not self._silent

    async def run(self) -> None:
        try:
            while True:
                await self.line.keep_trying()
                await self._ask_until_silent()
                await self.line.close()
        finally:
            await self.line.close()

    def arm(self) -> None:
        self._armed = True
        self._told.clear()

    def disarm(self) -> None:
        self._armed = False

    async def _ask_until_silent(self) -> None:
        self._unanswered = 0
        while self.line.up and self._unanswered < SILENT_AFTER:
            if self._armed:
                self._unanswered += 1
                self._parser.reset()
                try:
                    self.line.write(SINGLE_POLL)
                except LineDown:
                    return
            await asyncio.sleep(ASKS_EVERY)
        if self.line.up and not self._silent:
            self._silent = True
            log.warning("tag_reader_silent", line=self.line.url)

    def _heard(self, data: bytes) -> None:
        for answer in self._parser.feed(data):
            self._unanswered, self._silent = 0, False
            if isinstance(answer, TagNotice) and self._armed:
                self._see(answer)

    def _see(self, notice: TagNotice) -> None:
        """A tag whose own check fails counts only when it is read the same twice running: noise does not repeat."""
        sure = notice.proven or self._doubtful == notice.tag
        self._doubtful = None if sure else notice.tag
        now = asyncio.get_running_loop().time()
        if sure and now - self._told.get(notice.tag, -TOLD_AGAIN_AFTER) >= TOLD_AGAIN_AFTER:
            self._told = {tag: at for tag, at in self._told.items() if now - at < TOLD_AGAIN_AFTER}
            self._told[notice.tag] = now
            self._tell(TagSeen(notice.tag, notice.rssi))

    def _parser_reset(self) -> None:
        self._parser.reset()
