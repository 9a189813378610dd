"""A wire into the emulated wall, used by hand: bytes as the makers write them, no driver."""

import asyncio
import os
import termios
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onthaal.emulator.running import EmulatedWall, emulated_wall
from onthaal.emulator.wall import BusConfig, CompartmentConfig, ReaderConfig, WallConfig


class Wire:
    """The agent's end of a line."""

    def __init__(self, link: Path) -> None:
        self._end = os.open(link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        # At once: the default would throw away what waits to be read.
        tty.setraw(self._end, termios.TCSANOW)
        self._heard = bytearray()
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._end, self._readable)

    def says(self, hexadecimal: str) -> None:
        os.write(self._end, bytes.fromhex(hexadecimal))

    async def hears(self, count: int, *, seconds: float = 30.0) -> str:
        """The next `count` bytes in hexadecimal, as the makers' papers print them."""
        async with asyncio.timeout(seconds):
            while len(self._heard) < count:
                await self._news.wait()
                self._news.clear()
        taken = bytes(self._heard[:count])
        del self._heard[:count]
        return taken.hex(" ").upper()

    async def asks(self, hexadecimal: str, *, answer: int) -> str:
        self.says(hexadecimal)
        return await self.hears(answer)

    async def hears_nothing(self, *, seconds: float = 0.15) -> bool:
        """Silence can only be shown by listening for a while."""
        try:
            await self.hears(1, seconds=seconds)
        except TimeoutError:
            return True
        return False

    def hang_up(self) -> None:
        asyncio.get_running_loop().remove_reader(self._end)
        os.close(self._end)

    def _readable(self) -> None:
        self._heard += os.read(self._end, 4096)
        self._news.set()


@asynccontextmanager
async def wire(link: Path) -> AsyncIterator[Wire]:
    held = Wire(link)
    try:
        yield held
    finally:
        held.hang_up()


WallOf = Callable[..., WallConfig]


@pytest.fixture
def wall_of(tmp_path: Path) -> WallOf:
    """A wall with the given doors: `wall_of("kerong-cu48", [(board, channel), ...], closed_bit=1)`."""

    def build(
        dialect: str,
        doors: list[tuple[int, int]],
        *,
        closed_bit: int = 1,
        presence_bit: int | None = None,
        wire_time: bool = False,
        **bus: object,
    ) -> WallConfig:
        lines = tmp_path / "lines"
        compartments = tuple(
            CompartmentConfig(
                number=number,
                bus="main",
                board=board,
                channel=channel,
                closed_bit=closed_bit,  # type: ignore[arg-type]
                presence_bit=presence_bit,  # type: ignore[arg-type]
            )
            for number, (board, channel) in enumerate(doors, start=1)
        )
        return WallConfig(
            bus=(BusConfig(name="main", dialect=dialect, link=lines / "main", **bus),),  # type: ignore[arg-type]
            compartment=compartments,
            code_reader=ReaderConfig(link=lines / "codes"),
            tag_reader=ReaderConfig(link=lines / "tags", baudrate=115200),
            wire_time=wire_time,
        )

    return build


@asynccontextmanager
async def standing(wall: WallConfig, data: Path | None = None) -> AsyncIterator[tuple[EmulatedWall, Wire]]:
    """The wall, and the agent's end of its first line."""
    async with emulated_wall(wall, data) as emulated, wire(wall.bus[0].link) as line:
        yield emulated, line
