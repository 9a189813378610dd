"""A visit on a recorded disk, the power cut at every write of it, and the agent that comes back each time.

The disk's recording holds, in one order, every write and sync of the store, every unlock frame at the moment it is
handed to the line, every append that returned, and every change of the wall itself. A cut is a point of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec

from onthaal.clock import FileClock
from onthaal.core import facts as f
from onthaal.core.facts import Fact
from onthaal.emulator.cabinet import Truth as Physical
from onthaal.emulator.running import EmulatedWall, emulated_wall, nine_doors
from onthaal.emulator.wall import WallConfig
from onthaal.kiosk.agent import Agent
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.store import Store
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import NOW
from tests.kiosk.powercut import SYSTEM, Disk, Mark, Prefix, recording
from tests.kiosk.stage import Stage, agent_at, config_of, enrolled, lay, without_eyes

AT_ONCE = 6
"""Agents that come back at the same time: they mostly wait for their wire."""
UNLOCK_CU16 = 0x31
NOWHERE = "http://127.0.0.1:9"


class Appended(msgspec.Struct, frozen=True):
    """An append returned: these facts were promised."""

    number: int


class Unlocked(msgspec.Struct, frozen=True):
    """An unlock frame was handed to the line."""

    compartment: int


class World(msgspec.Struct, frozen=True):
    """The wall changed: so it is now."""

    truth: bytes

    @property
    def physical(self) -> Physical:
        return msgspec.json.decode(self.truth, type=Physical)

    @property
    def open(self) -> frozenset[int]:
        return frozenset(n for n, one in self.physical.compartments.items() if one.door == "open")

    def behind(self, compartment: int) -> set[str]:
        return {thing.text for thing in self.physical.things.values() if thing.place == compartment}


def seen(wall: EmulatedWall) -> World:
    return World(msgspec.json.encode(wall.cabinet.truth))


class Cut(msgspec.Struct, frozen=True):
    """What a power cut left: the disk, the wall then, and the wall once the person there has gone."""

    files: dict[str, bytes]
    store: str
    number: int
    """The last fact on the disk."""
    world: World
    later: World
    """As the hands that were at the open door leave it."""


class Return(msgspec.Struct, frozen=True):
    """How an agent stands once it came back after a cut and settled."""

    cut: Cut
    meanwhile: bool
    """The hands finished while the power was away; otherwise when it was back."""
    log: str
    facts: tuple[Fact, ...]
    truth: Truth
    world: World
    pulses: int
    """Sent since it came back."""
    doors: dict[int, str]

    def __str__(self) -> str:
        told = [type(fact.body).__name__ for fact in self.facts]
        return f"cut after fact {self.cut.number} ({told[self.cut.number - 1]}), then {told[self.cut.number :]}"


class Film(msgspec.Struct, frozen=True):
    """A whole visit, recorded."""

    disk: Any
    begins: int
    """The step at which the visit began; before it stands what was prepared."""
    log: str
    facts: tuple[Fact, ...]
    """Of the whole, uncut visit."""
    wall: WallConfig

    def unlocked(self) -> Iterator[tuple[int, int]]:
        """Step and compartment of every unlock frame."""
        for at, step in enumerate(self.disk.steps):
            if isinstance(step, Mark) and isinstance(step.what, Unlocked):
                yield at, step.what.compartment


# making one

Hands = Callable[[Stage], Awaitable[None]]


def headless(wall: WallConfig, folder: Path) -> KioskConfig:
    """The kiosk's file of that wall; the screen takes any free port, the centre is nowhere."""
    config = config_of(wall, folder)
    kiosk = msgspec.structs.replace(config.kiosk, screen="127.0.0.1:0", centre=NOWHERE)
    return msgspec.structs.replace(config, kiosk=kiosk)


def a_clock(folder: Path) -> Path:
    clock = folder / "clock"
    clock.write_text(str(NOW.timestamp() - time.time()))
    return clock


@contextmanager
def on_disk(disk: Disk) -> Iterator[None]:
    """Every SQLite file that is opened meanwhile is recorded."""
    apsw.set_default_vfs(disk.vfs)
    try:
        yield
    finally:
        apsw.set_default_vfs(SYSTEM)


def prepared(path: Path, clock: Path, *before: f.Body, agree: Callable[[Store], None]) -> None:
    """A store whose log begins with these facts; `agree` lets it talk with the centre."""
    store = Store.open(path, clock=FileClock(clock))
    store.append(*before)
    agree(store)
    store.close()


def filmed(
    folder: Path, hands: Hands, *, things: dict[int, str | None], eyes: bool, prepare: Callable[[Path, Path], None]
) -> Film:
    """Record a visit. `things`: compartment → tag of what lies there before; `prepare` fills the store."""
    wall = nine_doors(folder) if eyes else without_eyes(nine_doors(folder))
    config = headless(wall, folder)
    enrolled(config, None)
    path = Path(config.kiosk.store)
    clock = a_clock(folder)
    with recording(path) as disk, on_disk(disk):
        prepare(path, clock)
        return asyncio.run(_visited(config, wall, disk, hands, things))


async def _visited(
    config: KioskConfig, wall: WallConfig, disk: Disk, hands: Hands, things: dict[int, str | None]
) -> Film:
    clock = Path(config.kiosk.store).parent / "clock"
    async with emulated_wall(wall) as emulated:
        for number, tag in things.items():
            lay(emulated, number, tag=tag)
        begins = len(disk.steps)
        disk.mark(seen(emulated))
        emulated.cabinet.watch(lambda: disk.mark(seen(emulated)))
        async with agent_at(config, emulated, clock) as stage:
            tapped(stage.agent, disk)
            await hands(stage)
            log, told = stage.agent.store.log, tuple(stage.agent.store.facts_after(0))
    return Film(disk=disk, begins=begins, log=log, facts=told, wall=wall)


def tapped(agent: Agent, disk: Disk) -> None:
    """Note each append that returns, and each unlock frame in the moment it is written to the line."""
    append = agent.store.append

    def appended(*bodies: f.Body) -> tuple[Fact, ...]:
        fresh = append(*bodies)
        disk.mark(Appended(fresh[-1].number))
        return fresh

    agent.store.append = appended  # type: ignore[method-assign]
    for bus in agent.hardware.locks.lines:
        line = bus.talk.line
        write = line.write

        def written(data: bytes, write: Callable[[bytes], None] = write) -> None:
            if data[0] == 0x02 and data[2] == UNLOCK_CU16:
                disk.mark(Unlocked((data[1] & 0x0F) + 1))
            write(data)

        line.write = written  # type: ignore[method-assign]


# cutting it


def cuts(film: Film, folder: Path) -> list[Cut]:
    """Every point of the visit at which disk or wall differ, each once: whatever was not synced kept, lost, or both.

    Fails when a disk does not open, or lacks what an append had promised.
    """
    opened: dict[int, tuple[int, str]] = {}
    found: dict[tuple[int, bytes], Cut] = {}
    for prefix in film.disk.prefixes(draws=1):
        if prefix.at <= film.begins:
            continue
        world = _world(prefix)
        image = hash(tuple(sorted(prefix.files.items())))
        if image not in opened:
            opened[image] = (_number(prefix, folder), prefix.store)
        number, _ = opened[image]
        promised = [mark.number for mark in prefix.marks if isinstance(mark, Appended)]
        assert number >= max(promised, default=0), f"promise 8: fact {max(promised)} is gone at {prefix.at}"
        key = (number, world.truth)
        if key not in found:
            later = _later(film, prefix.at, world)
            found[key] = Cut(files=prefix.files, store=prefix.store, number=number, world=world, later=later)
    return list(found.values())


def _world(prefix: Prefix) -> World:
    return next(mark for mark in reversed(prefix.marks) if isinstance(mark, World))


def _later(film: Film, at: int, world: World) -> World:
    """The next moment of the visit at which every door is shut again."""
    if not world.open:
        return world
    after = (step.what for step in film.disk.steps[at:] if isinstance(step, Mark) and isinstance(step.what, World))
    return next(one for one in after if not one.open)


def _number(prefix: Prefix, folder: Path) -> int:
    store = Store.open(prefix.pour(folder), clock=FileClock(folder / "clock"))
    number = store.last_number
    store.close()
    return number


def intents_on_disk(film: Film, at: int, folder: Path) -> list[f.OpenIntended | f.Pulsed]:
    """What the disk surely held just before step `at`: nothing that no sync had followed."""
    store = Store.open(film.disk.surely(at).pour(folder), clock=FileClock(folder / "clock"))
    told = [fact.body for fact in store.facts_after(0) if isinstance(fact.body, f.OpenIntended | f.Pulsed)]
    store.close()
    return told


# coming back


async def all_back(film: Film, found: list[Cut], folder: Path) -> list[Return]:
    """The agent started on every disk; where a door stood open, once with it shut meanwhile, once shut later."""
    room = asyncio.Semaphore(AT_ONCE)
    ways = [(cut, meanwhile) for cut in found for meanwhile in ((True, False) if cut.world.open else (True,))]
    jobs = [
        _back(film, cut, folder / f"back-{number}", room, meanwhile=meanwhile)
        for number, (cut, meanwhile) in enumerate(ways)
    ]
    return list(await asyncio.gather(*jobs))


async def _back(film: Film, cut: Cut, folder: Path, room: asyncio.Semaphore, *, meanwhile: bool) -> Return:
    async with room, coming_back(film, cut, folder, world=cut.later if meanwhile else cut.world) as stage:
        before = pulses(stage.wall)
        if meanwhile:
            await shut_by_then(stage)
        else:
            await stage.until(lambda: stage.agent.runner.doors.known)
            await stage.until(lambda: len(stage.agent.runner.doors.known) == len(stage.agent.book.fitted))
            becomes(stage.wall, cut.later)
            await shut_by_then(stage)
        return Return(
            cut=cut,
            meanwhile=meanwhile,
            log=stage.agent.store.log,
            facts=tuple(stage.agent.store.facts_after(0)),
            truth=stage.agent.book.truth,
            world=seen(stage.wall),
            pulses=pulses(stage.wall) - before,
            doors=dict(stage.agent.hardware.locks.doors()),
        )


@asynccontextmanager
async def coming_back(film: Film, cut: Cut, folder: Path, *, world: World) -> AsyncIterator[Stage]:
    folder.mkdir()
    eyed = any(door.presence_bit is not None for door in film.wall.compartment)
    wall = nine_doors(folder) if eyed else without_eyes(nine_doors(folder))
    config = headless(wall, folder)
    for name, content in cut.files.items():
        (folder / name).write_bytes(content)
    enrolled(config, None)
    async with emulated_wall(wall) as emulated:
        becomes(emulated, world)
        async with agent_at(config, emulated, a_clock(folder)) as stage:
            yield stage


def becomes(wall: EmulatedWall, world: World) -> None:
    """The wall as it was at that moment: doors, bolts, things."""
    wall.cabinet.truth = world.physical
    wall.cabinet.changed()


async def shut_by_then(stage: Stage) -> None:
    """Every door known and shut, every intent with its outcome, every shut door told."""
    agent = stage.agent

    def settled() -> bool:
        doors = agent.hardware.locks.doors().values()
        evidence = agent.book.truth.evidence
        known = len(agent.runner.doors.known) == len(agent.book.fitted)
        quiet = not evidence.intents and not agent.runner.doors.watch.opened
        stale = any(one.door == "open" for one in evidence.compartments.values())
        return known and quiet and not stale and set(doors) == {"closed"} and stage.screen == "attract"

    await stage.until(settled, within=20)


def pulses(wall: EmulatedWall) -> int:
    return sum(wall.pulses(door.number) for door in wall.wall.compartment)
