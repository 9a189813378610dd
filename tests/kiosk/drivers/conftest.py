"""A wall that speaks the makers' bytes on ptys, and the drivers on its lines."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from onthaal.clock import SystemClock
from onthaal.emulator.running import EmulatedWall, emulated_wall
from onthaal.emulator.wall import BusConfig, CompartmentConfig, ReaderConfig, WallConfig
from onthaal.kiosk.config import KioskConfig, from_tables
from onthaal.kiosk.drivers.wall import Hardware
from onthaal.kiosk.ports import BusSeen, DoorSeen, Observation, Observations

KIOSK = {
    "centre": "https://onthaal.example.be",
    "store": "kiosk.db",
    "key": "kiosk.key",
    "screen": "127.0.0.1:8100",
    "languages": ["nl", "fr", "en"],
    "help_phone": "+32 9 000 00 00",
}


def wall_of(folder: Path, dialect: str, doors: list[tuple[int, int]], **bus: Any) -> WallConfig:
    """One bus "main" with the given (board, channel) doors, numbered from 1, and both readers."""
    eyes = 1 if dialect == "kerong-cu16" else None
    compartments = tuple(
        CompartmentConfig(number=number, bus="main", board=board, channel=channel, presence_bit=eyes)  # type: ignore[arg-type]
        for number, (board, channel) in enumerate(doors, start=1)
    )
    return WallConfig(
        bus=(BusConfig(name="main", dialect=dialect, link=folder / "main", **bus),),  # type: ignore[arg-type]
        compartment=compartments,
        code_reader=ReaderConfig(link=folder / "codes"),
        tag_reader=ReaderConfig(link=folder / "tags", baudrate=115200),
    )


def file_of(wall: WallConfig) -> KioskConfig:
    """The kiosk's file of that wall."""
    door_keys = ("number", "bus", "board", "channel", "closed_bit", "size", "bottom_mm", "top_mm")
    tables: dict[str, Any] = {
        "kiosk": KIOSK,
        "bus": [
            {
                "name": bus.name,
                "dialect": bus.dialect,
                "url": str(bus.link),
                "baudrate": bus.baudrate,
                "status_order": bus.status_order,
            }
            for bus in wall.bus
        ],
        "compartment": [
            {key: getattr(door, key) for key in door_keys}
            | ({} if door.presence_bit is None else {"presence_bit": door.presence_bit})
            for door in wall.compartment
        ],
    }
    if wall.code_reader:
        tables["code_reader"] = {"kind": "serial", "url": str(wall.code_reader.link), "baudrate": 9600}
    if wall.tag_reader:
        tables["tag_reader"] = {"kind": "uhf-m100", "url": str(wall.tag_reader.link), "baudrate": 115200}
    return from_tables(tables, folder=Path("/nowhere"))


class Watch:
    """The drivers at work, and everything they told so far."""

    def __init__(self, config: KioskConfig) -> None:
        self.queue: Observations = asyncio.Queue()
        self.hardware = Hardware(config, self.queue, SystemClock())
        self.locks = self.hardware.locks
        self.told: list[Observation] = []

    async def until(self, holds: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Take what is told until `holds()`; TimeoutError when it never does."""
        async with asyncio.timeout(seconds):
            while not holds():
                self.told.append(await self.queue.get())

    async def sees(self, observation: Callable[[Observation], bool], *, seconds: float = 60.0) -> None:
        """Wait for one that was not there yet when this was called."""
        start = len(self.told)
        await self.until(lambda: any(observation(one) for one in self.told[start:]), seconds=seconds)

    async def hears_no_more(self, *, seconds: float) -> list[Observation]:
        """What is still told while nothing happens for a while: silence can only be shown by listening."""
        with suppress(TimeoutError):
            await self.until(lambda: False, seconds=seconds)
        return self.told

    async def bus_is(self, state: str, *, seconds: float = 60.0) -> None:
        await self.until(lambda: self.locks.buses()["main"] == state and self.said_of_bus() == state, seconds=seconds)

    def said_of_bus(self) -> str | None:
        return next((one.state for one in reversed(self.told) if isinstance(one, BusSeen)), None)

    def doors_of(self, compartment: int) -> list[str]:
        return [one.door for one in self.told if isinstance(one, DoorSeen) and one.compartment == compartment]


@asynccontextmanager
async def watching(config: KioskConfig) -> AsyncIterator[Watch]:
    watch = Watch(config)
    running = asyncio.create_task(watch.hardware.run())
    try:
        yield watch
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def serving(wall: WallConfig) -> AsyncIterator[tuple[EmulatedWall, Watch]]:
    """The emulated wall and the drivers on it, every door read once."""
    async with emulated_wall(wall) as emulated, watching(file_of(wall)) as watch:
        await watch.until(lambda: "unknown" not in watch.locks.doors().values() and watch.said_of_bus() is not None)
        yield emulated, watch


async def soon(holds: Callable[[], object], *, seconds: float = 60.0) -> None:
    """For what nobody tells: look until `holds()`; TimeoutError when it never does."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (a condition with a deadline)
            await asyncio.sleep(0.005)


class ScriptedEnd:
    """The far end of a pty that says exactly what a test wants, and when."""

    def __init__(self, link: Path) -> None:
        self.far, self._near = os.openpty()
        tty.setraw(self._near)
        os.set_blocking(self.far, False)
        link.symlink_to(os.ttyname(self._near))
        self.answers: Callable[[bytes], bytes | None] = lambda _: None
        self.heard: list[tuple[float, bytes]] = []
        asyncio.get_running_loop().add_reader(self.far, self._readable)

    def says(self, data: bytes) -> None:
        os.write(self.far, data)

    def says_later(self, seconds: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(seconds, self.says, data)

    def hang_up(self) -> None:
        asyncio.get_running_loop().remove_reader(self.far)
        os.close(self.far)
        os.close(self._near)

    def _readable(self) -> None:
        question = os.read(self.far, 4096)
        self.heard.append((asyncio.get_running_loop().time(), question))
        if answer := self.answers(question):
            self.says(answer)


@asynccontextmanager
async def scripted(link: Path) -> AsyncIterator[ScriptedEnd]:
    end = ScriptedEnd(link)
    try:
        yield end
    finally:
        end.hang_up()
