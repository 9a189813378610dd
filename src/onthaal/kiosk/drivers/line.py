"""One serial line (or socket) that comes and goes: opened with bounded tries and a cool-down, never blocking a start.

All waiting here is the wire's own, in the event loop's seconds: a turned clock does not make a wire faster.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

import serialx
import structlog

from onthaal.kiosk.ports import LineDown

log = structlog.get_logger(__name__)

OPENS_WITHIN = 3.0
COOL_DOWNS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before the next try; the last is kept. A plug that is pushed back serves again within five seconds."""
FORBIDDEN_COOL_DOWN = 30.0
"""Permission does not come back by trying: said loudly once, looked at seldom."""
BITS_PER_BYTE = 10
"""8N1: a start bit, eight, a stop bit."""


class Line(asyncio.Protocol):
    """Bytes in and out of one device path or socket:// address."""

    def __init__(
        self,
        url: str,
        baudrate: int,
        *,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.url = url
        self._baudrate = baudrate
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._gone.set()
        self._failures = 0
        self._told: str | None = None
        self.missing: str | None = None
        """Why the last try to open failed, in the system's short name; None when it did not."""
        self.forbidden = False

    @property
    def up(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def seconds(self, count: int) -> float:
        """How long `count` bytes take on this line."""
        return count * BITS_PER_BYTE / self._baudrate

    async def open(self) -> None:
        """One try, after giving back what is held; LineDown when it is not there, taken, or not permitted."""
        await self.close()
        try:
            async with asyncio.timeout(OPENS_WITHIN):
                await (self._connect() if self.url.startswith("socket://") else self._open_serial())
        except (OSError, serialx.SerialException) as problem:
            await self.close()
            self._say_down(problem)
            raise LineDown(f"{self.url}: {self.missing}") from problem
        if self._told is not None or self._failures:
            log.info("line_up", line=self.url)
        self._failures, self._told, self.missing, self.forbidden = 0, None, None, False

    async def keep_trying(self) -> None:
        """Return once the line is up; between tries it cools down, longer each time."""
        while not self.up:
            try:
                await self.open()
            except LineDown:
                await asyncio.sleep(self._cool_down())

    async def close(self) -> None:
        """Give the line back and drop what was not sent yet. Never raises."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
            await self._gone.wait()

    def write(self, data: bytes) -> None:
        """Hand a frame to the system; LineDown when it did not take it whole (then it never leaves later either)."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise LineDown(f"{self.url}: not open")
        try:
            transport.write(data)
        except (OSError, serialx.SerialException) as problem:
            raise LineDown(f"{self.url}: {_reason(problem)}") from problem
        if transport.is_closing() or transport.get_write_buffer_size():
            transport.abort()
            raise LineDown(f"{self.url}: does not take what is written")

    async def lost(self) -> None:
        """Return when the line is down."""
        await self._gone.wait()

    def data_received(self, data: bytes) -> None:
        self._on_bytes(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._gone.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            log.warning("line_lost", line=self.url, reason=_reason(exc) if exc else "closed")
        self._gone.set()
        self._on_lost()

    async def _open_serial(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await serialx.create_serial_connection(loop, lambda: self, self.url, self._baudrate)

    async def _connect(self) -> None:
        host, _, port = urlsplit(self.url).netloc.rpartition(":")
        self._transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, host, int(port))
        wire: socket.socket = self._transport.get_extra_info("socket")
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Closing throws away what the peer did not take: an unlock must not arrive minutes later.
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _cool_down(self) -> float:
        if self.forbidden:
            return FORBIDDEN_COOL_DOWN
        self._failures += 1
        return COOL_DOWNS[min(self._failures, len(COOL_DOWNS)) - 1]

    def _say_down(self, problem: Exception) -> None:
        self.forbidden = isinstance(problem, PermissionError)
        self.missing = _reason(problem)
        if self.missing == self._told:
            return
        self._told = self.missing
        if self.forbidden:
            hint = "let the agent's user read and write it (group dialout)"
            log.error("line_forbidden", line=self.url, reason=self.missing, hint=hint)
        else:
            log.warning("line_missing", line=self.url, reason=self.missing)


def _reason(problem: Exception) -> str:
    """The system's own short name where there is one."""
    if isinstance(problem, TimeoutError):
        return "timed out"
    number = problem.errno if isinstance(problem, OSError) else None
    return errno.errorcode.get(number, str(number)) if number else type(problem).__name__
