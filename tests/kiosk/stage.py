"""A whole agent in this loop: the emulated wall on ptys, a real store, and a person before the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from onthaal.clock import FileClock
from onthaal.core.codes import Kind, written
from onthaal.core.facts import Body
from onthaal.core.protocol import WishedHandover, Wishes
from onthaal.emulator.running import EmulatedWall, emulated_wall, nine_doors
from onthaal.emulator.things import Thing
from onthaal.emulator.wall import WallConfig
from onthaal.kiosk.agent import Agent
from onthaal.kiosk.config import KioskConfig, from_tables
from onthaal.kiosk.ledger import Known
from onthaal.kiosk.screen.parts import Look
from onthaal.kiosk.screen.view import page
from onthaal.kiosk.session.events import Act
from onthaal.kiosk.session.state import Session
from onthaal.kiosk.store import Store
from onthaal.proofs.devices import DeviceKey
from tests.free_ports import free_port
from tests.kiosk.cast import BADGE_BODY, NOW, PEPPER, STAFF_PIN, wishes

_T = TypeVar("_T", bound=Body)
PATIENCE = 60.0
"""Seconds. What comes at all comes in a few; a machine may be busy with other things."""


def config_of(wall: WallConfig, folder: Path) -> KioskConfig:
    """The kiosk's file of that wall; the centre is nowhere."""
    keys = ("number", "bus", "board", "channel", "closed_bit", "size", "bottom_mm", "top_mm")
    doors = [
        {key: getattr(door, key) for key in keys}
        | ({} if door.presence_bit is None else {"presence_bit": door.presence_bit})
        for door in wall.compartment
    ]
    buses = [
        {"name": one.name, "dialect": one.dialect, "url": str(one.link), "baudrate": one.baudrate} for one in wall.bus
    ]
    tables: dict[str, Any] = {
        "kiosk": {
            "centre": f"http://127.0.0.1:{free_port()}",
            "store": "kiosk.db",
            "key": "kiosk.key",
            "screen": f"127.0.0.1:{free_port()}",
            "languages": ["nl", "fr", "en"],
            "help_phone": "+32 9 000 00 00",
        },
        "bus": buses,
        "compartment": doors,
    }
    if wall.code_reader:
        tables["code_reader"] = {"kind": "serial", "url": str(wall.code_reader.link), "baudrate": 9600}
    if wall.tag_reader:
        tables["tag_reader"] = {"kind": "uhf-m100", "url": str(wall.tag_reader.link), "baudrate": 115200}
    return from_tables(tables, folder=folder)


def without_eyes(wall: WallConfig) -> WallConfig:
    """The same wall on a board that cannot see what lies in it."""
    doors = tuple(msgspec.structs.replace(door, presence_bit=None) for door in wall.compartment)
    return msgspec.structs.replace(wall, compartment=doors)


class Stage:
    """One wall, its agent, and what a person does there."""

    def __init__(self, agent: Agent, wall: EmulatedWall, clock: Path) -> None:
        self.agent, self.wall, self.hand = agent, wall, wall.hand
        self._clock = clock
        self._drawn: tuple[Session, Look, str] | None = None

    @property
    def screen(self) -> str:
        """The name of the screen that is shown. Asked a hundred times a second: drawn once of each state and look."""
        state, look = self.agent.runner.state, self.agent._look()
        if self._drawn is None or self._drawn[0] is not state or self._drawn[1] != look:
            self._drawn = state, look, page(state, look).name
        return self._drawn[2]

    @property
    def state(self) -> Session:
        return self.agent.runner.state

    @property
    def step(self) -> Any:
        """Where the session stands; the test says what it expects there."""
        return self.state.step

    def known(self, handover: int) -> Known:
        known = self.agent.book.truth.handover(handover)
        assert known is not None
        return known

    def told(self, kind: type[_T]) -> list[_T]:
        """The facts of this kind, in order, as they stand on disk."""
        return [fact.body for fact in self.agent.store.facts_after(0) if isinstance(fact.body, kind)]

    @property
    def kinds(self) -> list[str]:
        return [type(fact.body).__name__ for fact in self.agent.store.facts_after(0)]

    async def until(self, holds: Callable[[], object], *, within: float = PATIENCE) -> None:
        """Wait for what nobody tells; says what the screen shows when it does not come."""
        deadline = time.monotonic() + within
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"screen {self.screen}; log {self.kinds[-12:]}")
            await asyncio.sleep(0.01)

    async def sees(self, *screens: str, within: float = PATIENCE) -> None:
        await self.until(lambda: self.screen in screens, within=within)

    async def tells(self, kind: type[_T], *, within: float = PATIENCE) -> _T:
        await self.until(lambda: self.told(kind), within=within)
        return self.told(kind)[-1]

    def act(self, act: str, value: str = "") -> None:
        self.agent.runner.handle(Act(act=act, value=value))

    async def knows_its_doors(self) -> None:
        """Every door was read: people are welcomed after two seconds without that, and no door opens unseen."""
        await self.until(lambda: len(self.agent.runner.doors.known) == len(self.agent.book.fitted))

    async def starts(self) -> None:
        """Touch the welcome."""
        await self.sees("attract")
        self.act("start")
        await self.sees("home")

    async def types(self, code: str) -> None:
        for digit in code.replace(" ", ""):
            self.act("key", digit)
        self.act("enter")
        await self.until(lambda: self.screen != "checking")

    async def types_pin(self, code: str) -> None:
        """From the welcome: *collect*, then the code."""
        await self.starts()
        self.act("go", "collect")
        await self.types(code)

    async def opens(self, compartment: int) -> None:
        """The latch lets go and the door springs open."""
        await self.wall.until(lambda: self.wall.is_open(compartment), seconds=PATIENCE)

    def put(self, compartment: int, *, tag: str | None = None, text: str = "thing") -> Thing:
        made = self.hand.make(text, tag=tag)
        self.hand.put(compartment, made.id)
        return made

    async def staff(self) -> None:
        """Cleo holds her badge and types her PIN."""
        await self.sees("attract", "home")
        self.wall.hold_code(written(Kind.BADGE, BADGE_BODY))
        await self.sees("staff-pin")
        await self.types(STAFF_PIN)
        await self.sees("staff-menu")

    def turn(self, seconds: float) -> None:
        """Move the clock on."""
        moved = float(self._clock.read_text())
        self._clock.write_text(str(moved + seconds))


def enrolled(config: KioskConfig, wished: Wishes | None) -> None:
    """The files and the snapshot that an enrolled kiosk has."""
    key = Path(config.kiosk.key)
    key.write_bytes(DeviceKey.draw().pem())
    Path(f"{key}.pepper").write_text(PEPPER.hex())
    Path(f"{key}.device").write_bytes(b'{"device":7,"epoch":1}')
    if wished is not None:
        store = Store.open(Path(config.kiosk.store), clock=FileClock(Path("/nowhere")))
        assert store.keep_wishes(msgspec.structs.replace(wished, log=store.log)) or store.wishes()
        store.close()


@asynccontextmanager
async def agent_at(config: KioskConfig, wall: EmulatedWall, clock: Path) -> AsyncIterator[Stage]:
    """The agent of that file, until the story ends."""
    async with running(Agent(config, FileClock(clock)), wall, clock) as stage:
        yield stage


@asynccontextmanager
async def running(agent: Agent, wall: EmulatedWall, clock: Path) -> AsyncIterator[Stage]:
    """This agent, until the story ends."""
    runs = asyncio.create_task(agent.run())
    try:
        yield Stage(agent, wall, clock)
    finally:
        agent.stop()
        await asyncio.wait_for(runs, PATIENCE)


@asynccontextmanager
async def on_stage(
    folder: Path,
    *handovers: WishedHandover,
    wall: WallConfig | None = None,
    holds: tuple[int, ...] = (),
    **wished: Any,
) -> AsyncIterator[Stage]:
    """A wall of nine doors with these handovers wished; something lies in each compartment of `holds`."""
    wall = wall or nine_doors(folder)
    clock = folder / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    config = config_of(wall, folder)
    enrolled(config, wishes(*handovers, **wished))
    async with emulated_wall(wall) as emulated:
        for number in holds:
            lay(emulated, number)
        async with agent_at(config, emulated, clock) as stage:
            await stage.knows_its_doors()
            yield stage


def refusing(store: Store) -> Callable[[], None]:
    """This disk takes no fact from now on; call what comes back, and it does again."""
    store._sql.execute("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'no room'); END")

    def takes_again() -> None:
        store._sql.execute("DROP TRIGGER full")

    return takes_again


def lay(wall: EmulatedWall, number: int, *, tag: str | None = None) -> None:
    """Something lies there before the story begins."""
    made = wall.hand.make(f"what lies in {number}", tag=tag)
    wall.cabinet.truth.things[made.id].place = number
    wall.cabinet.changed()
