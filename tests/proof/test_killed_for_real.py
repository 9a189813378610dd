"""Promise 8 with a real `onthaal kiosk run`: SIGKILL in the middle, and the same command again.

Reached here: the process, its lock, its readers and its start; that every single write may be the last is tried in
`test_promise_08_killed_anywhere`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import httpx
import msgspec
import pytest

from onthaal.clock import FileClock
from onthaal.core import facts as f
from onthaal.core.facts import Body, Fact
from onthaal.core.lifecycles import Stage as At
from onthaal.demo.leash import leashed
from onthaal.emulator.running import EmulatedWall, emulated_wall, nine_doors
from onthaal.kiosk.agent import fitted
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.ledger import Accepted
from onthaal.kiosk.store import Store
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import NOW, PEPPER, a_handover, qr_text, waiting, wishes
from tests.kiosk.stage import config_of, enrolled, lay
from tests.proof.cuts import a_clock, pulses

MINE, OTHER, DOOR, OTHER_DOOR = 482, 483, 3, 4
EMPTY = 7
WITHIN = 60.0
COMMAND = Path(sys.executable).with_name("onthaal")


@dataclass
class Wall:
    """An emulated wall and the agent's process on it."""

    folder: Path
    config: KioskConfig
    emulated: EmulatedWall
    process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> Path:
        """What its agents wrote."""
        return self.folder / "said"

    def told(self, kind: type[Body]) -> list[Body]:
        """The facts of this kind on disk, read beside the running agent."""
        path = Path(self.config.kiosk.store)
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(10_000)  # an agent that comes back has it to itself while it looks what was written
        try:
            rows: list[Any] = connection.execute("SELECT told FROM fact ORDER BY number").fetchall()
        finally:
            connection.close()
        bodies = [msgspec.json.decode(told, type=Fact).body for (told,) in rows]
        return [body for body in bodies if isinstance(body, kind)]

    async def until(self, holds: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + WITHIN
        while not holds():
            assert self.process is not None
            assert self.process.poll() is None, f"the agent ended by itself: {self.said.read_text()}"
            assert time.monotonic() < deadline, what
            await asyncio.sleep(0.01)

    async def starts(self) -> None:
        """The agent runs and its screen welcomes people."""
        before = len(self.told(f.Started))
        self.process = self._spawned()
        async with httpx.AsyncClient() as http:
            deadline = time.monotonic() + WITHIN
            while 'data-screen="attract"' not in await self._page(http):
                assert self.process.poll() is None, f"the agent ended by itself: {self.said.read_text()}"
                assert time.monotonic() < deadline, "the screen does not come"
                await asyncio.sleep(0.05)
        assert len(self.told(f.Started)) == before + 1

    def _spawned(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"ONTHAAL_CLOCK_FILE": str(self.folder / "clock")}
        command = [str(COMMAND), "kiosk", "run", "--config", str(self.folder / "kiosk.toml")]
        with self.said.open("ab") as said:
            return subprocess.Popen(leashed(command, by=signal.SIGKILL), env=environment, stderr=said)

    async def _page(self, http: httpx.AsyncClient) -> str:
        try:
            return (await http.get(f"http://{self.config.kiosk.screen}/")).text
        except httpx.TransportError:
            return ""

    async def scans(self) -> None:
        """The QR is held before the reader until it was read, once every door was seen: people are welcomed after two
        seconds without that."""
        await self.until(lambda: len(self.told(f.SeenEmpty)) == EMPTY, "the doors are not seen")
        for _ in range(20):
            self.emulated.hold_code(qr_text(MINE))
            try:
                async with asyncio.timeout(3):
                    await self.until(lambda: self.told(f.OpenIntended), "no code is read")
            except TimeoutError:
                continue
            return
        raise AssertionError("the code is not read")

    def dies(self, by: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(by)
        self.process.wait(WITHIN)


@asynccontextmanager
async def a_wall(folder: Path) -> AsyncIterator[Wall]:
    folder.mkdir()
    wall = nine_doors(folder)
    config = config_of(wall, folder)
    (folder / "kiosk.toml").write_text(as_toml(config))
    a_clock(folder)
    enrolled(config, wishes(waiting(MINE, DOOR), waiting(OTHER, OTHER_DOOR), a_handover(900)))
    async with emulated_wall(wall) as emulated:
        lay(emulated, DOOR)
        lay(emulated, OTHER_DOOR)
        standing = Wall(folder, config, emulated)
        try:
            yield standing
        finally:
            if standing.process is not None and standing.process.poll() is None:
                standing.dies()


def as_toml(config: KioskConfig) -> str:
    """The kiosk's file again."""
    tables = msgspec.to_builtins(config)
    lines = []
    for name, title in (("kiosk", "[kiosk]"), ("code_reader", "[code_reader]"), ("tag_reader", "[tag_reader]")):
        lines += [title, *_lines(tables[name])]
    for name, title in (("buses", "[[bus]]"), ("compartments", "[[compartment]]")):
        for table in tables[name]:
            lines += [title, *_lines(table)]
    return "\n".join(lines)


def _lines(table: dict[str, object]) -> list[str]:
    return [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in table.items() if value is not None]


# where it is killed


async def at_the_intent(wall: Wall) -> None:
    """Killed the moment the intent can be read; the pulse may still be on its way."""
    await wall.scans()
    wall.dies()


async def at_the_open_door(wall: Wall) -> None:
    await wall.scans()
    await wall.emulated.until(lambda: wall.emulated.is_open(DOOR), seconds=WITHIN)
    wall.dies()
    takes(wall)


async def at_the_open_door_and_nothing_is_taken(wall: Wall) -> None:
    await wall.scans()
    await wall.until(lambda: wall.told(f.DoorOpened), "the door is not seen to open")
    wall.dies()
    wall.emulated.hand.shut(DOOR)


async def once_it_was_shut(wall: Wall) -> None:
    await wall.scans()
    await wall.until(lambda: wall.told(f.DoorOpened), "the door is not seen to open")
    takes(wall)
    wall.dies()


def takes(wall: Wall) -> None:
    wall.emulated.hand.take(DOOR)
    wall.emulated.hand.shut(DOOR)


POINTS: tuple[Callable[[Wall], Awaitable[None]], ...] = (
    at_the_intent,
    at_the_open_door,
    at_the_open_door_and_nothing_is_taken,
    once_it_was_shut,
)


@pytest.mark.timeout(240)
async def test_promise_8_a_killed_agent_comes_back_and_knows_or_doubts_where_it_lies(tmp_path: Path) -> None:
    """All points at once, each on a wall of its own."""
    await asyncio.gather(*(killed(point, tmp_path / point.__name__) for point in POINTS))


async def killed(point: Callable[[Wall], Awaitable[None]], folder: Path) -> None:
    async with a_wall(folder) as wall:
        await wall.starts()
        await point(wall)
        await wall.starts()
        await wall.until(lambda: settled(wall), f"{folder.name}: an intent stays without its outcome")
        assert pulses(wall.emulated) <= 1, "a lock was pulsed and nobody asked"
        wall.dies(signal.SIGTERM)
        it_is_known(wall)


def settled(wall: Wall) -> bool:
    """Every intent has its outcome. A door that a late pulse opened is shut by who stands there, the thing in hand."""
    if wall.emulated.is_open(DOOR):
        takes(wall)
    ended = wall.told(f.Collected), wall.told(f.NotTaken), wall.told(f.Disputed)
    return any(ended) or not wall.told(f.OpenIntended)


def it_is_known(wall: Wall) -> None:
    store = Store.open(Path(wall.config.kiosk.store), clock=FileClock(wall.folder / "clock"))
    truth = Truth.of(store, fitted(wall.config))
    store.close()
    known, inside = truth.handover(MINE), bool(wall.emulated.cabinet.things(DOOR))
    assert known is not None
    assert not truth.evidence.intents
    wanted = {At.WAITING, At.DISPUTED} if inside else {At.COLLECTED, At.DISPUTED}
    assert known.stage in wanted, wall.folder.name
    answer = truth.check_qr(qr_text(MINE), now=NOW, pepper=PEPPER)
    assert isinstance(answer, Accepted) == (known.stage is At.WAITING)
    assert isinstance(truth.check_qr(qr_text(OTHER), now=NOW, pepper=PEPPER), Accepted)
    assert wall.emulated.pulses(OTHER_DOOR) == 0
