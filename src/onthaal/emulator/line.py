"""One serial line: a pty under a lasting name, with the time and the trouble of a real wire."""

import asyncio
import fcntl
import os
import random
import struct
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from onthaal.emulator.cabinet import Cabinet

# Well past the 200-300 ms that the boards' makers allow for an answer.
LATE_SECONDS = 0.6
# A supply that sank takes a controller about this long to start again.
AWAY_SECONDS = 1.0
# A serial port keeps nothing for a program that is not there. A program that is there may be
# busy for a moment, so bytes are only thrown away when nobody fetched them for this long.
UNREAD_SECONDS = 5.0
_BITS_PER_BYTE = 10


class LineInTheWay(Exception):
    """Something that is not a line of ours stands at the link's path."""


class Line:
    """The far end of a wire. `heard` is called with what the agent sent; `say` answers."""

    def __init__(self, name: str, link: Path, cabinet: Cabinet, *, baudrate: int) -> None:
        """Nothing is opened yet; see `plug_in`."""
        self.name, self.link = name, link
        self.heard: Callable[[bytes], None] = lambda _: None
        self._cabinet = cabinet
        self._byte_seconds = _BITS_PER_BYTE / baudrate if cabinet.wall.wire_time else 0.0
        self._ends: tuple[int, int] | None = None
        self._away_until = 0.0
        self._free_at = 0.0
        self._timers: set[asyncio.TimerHandle] = set()
        # Noise must be the same in every run of a test.
        self._noise = random.Random(name)  # noqa: S311

    def plug_in(self) -> None:
        """Open a fresh pty, put it under the link's name, and listen. Raises LineInTheWay."""
        far, near = os.openpty()
        # The near end stays open here too, so that the agent may come and go.
        tty.setraw(near)
        os.set_blocking(far, False)
        self._ends = (far, near)
        _point(self.link, os.ttyname(near))
        asyncio.get_running_loop().add_reader(far, self._readable)

    def pull_out(self) -> None:
        """Close the line and take its name away."""
        if self._ends is None:
            return
        far, near = self._ends
        asyncio.get_running_loop().remove_reader(far)
        for timer in self._timers:
            timer.cancel()
        if self.link.is_symlink() and str(self.link.readlink()) == os.ttyname(near):
            self.link.unlink()
        os.close(far)
        os.close(near)
        self._ends = None

    def say(self, data: bytes) -> None:
        """Put one frame on the wire towards the agent, or lose or spoil it as the faults want."""
        if not self._alive():
            return
        if self._has("drop_next"):
            self._cabinet.fault("drop_next", line=self.name, on=False)
            return
        if self._has("garbage"):
            data = self._spoiled(data)
        late = LATE_SECONDS if self._has("late_reply") else 0.0
        self._after(late + self._wire_delay(len(data)), lambda: self._write(data))

    def go_away(self) -> None:
        """The electronics start again: deaf and dumb for a moment."""
        self._away_until = asyncio.get_running_loop().time() + AWAY_SECONDS

    def _readable(self) -> None:
        assert self._ends is not None
        try:
            data = os.read(self._ends[0], 4096)
        except (BlockingIOError, InterruptedError):
            return
        if self._byte_seconds:
            self._after(self._wire_delay(len(data)), lambda: self._take(data))
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        if self._alive():
            self.heard(data)

    def _alive(self) -> bool:
        return not self._has("silent") and asyncio.get_running_loop().time() >= self._away_until

    def _has(self, kind: str) -> bool:
        return self._cabinet.has(kind, line=self.name)

    def _spoiled(self, data: bytes) -> bytes:
        """Noise before the frame and one flipped bit in it: no checksum survives that."""
        noise = self._noise.randbytes(self._noise.randint(1, 6))
        spoiled = bytearray(data)
        spoiled[self._noise.randrange(len(spoiled))] ^= 1 << self._noise.randrange(8)
        return noise + bytes(spoiled)

    def _wire_delay(self, count: int) -> float:
        if not self._byte_seconds:
            return 0.0
        now = asyncio.get_running_loop().time()
        self._free_at = max(now, self._free_at) + count * self._byte_seconds
        return self._free_at - now

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        if seconds <= 0:
            act()
            return

        def ring() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(seconds, ring)
        self._timers.add(timer)

    def _write(self, data: bytes) -> None:
        if self._ends is None:
            return
        try:
            os.write(self._ends[0], data)
        except BlockingIOError:
            return  # nobody reads and the wire is full: lost, as on a real one
        self._after(UNREAD_SECONDS, self._throw_away_unread)

    def _throw_away_unread(self) -> None:
        if self._ends is None or self._timers:
            return  # a younger write looks again later
        near = self._ends[1]
        (unread,) = struct.unpack("i", fcntl.ioctl(near, termios.FIONREAD, b"\0\0\0\0"))
        if unread:
            termios.tcflush(near, termios.TCIFLUSH)


def _point(link: Path, device: str) -> None:
    if link.exists() and not link.is_symlink():
        message = f"{link} stands in the way: it is no line of an emulator"
        raise LineInTheWay(message)
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(link.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(device)
    fresh.rename(link)
