"""The installer's tool: read every door, pulse one if asked, watch the readers. Needs no centre and no key."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

import msgspec
import structlog
import typer
from rich.console import Console
from rich.table import Table

from onthaal.clock import Clock, from_environment
from onthaal.core import facts
from onthaal.kiosk.config import ConfigFault, KioskConfig, load
from onthaal.kiosk.drivers.lock_bus import SerialLockBus
from onthaal.kiosk.drivers.wall import Hardware
from onthaal.kiosk.ports import (
    BusSeen,
    BusState,
    CodeRead,
    Door,
    DoorSeen,
    LineDown,
    Observation,
    Observations,
    TagSeen,
)
from onthaal.kiosk.running import AgentLock, AgentRunning
from onthaal.kiosk.store import Store, StoreFault
from onthaal.kiosk.truth import Truth
from onthaal.words import words

log = structlog.get_logger(__name__)

FIRST_LOOK = 4.0
"""Seconds in which every bus either answered or was found silent: three questions, with what surrounds them."""

FaultName = Literal[
    "door-did-not-open",
    "bus-silent",
    "compartment-unknown",
    "compartment-loaded",
    "agent-running",
    "line-unavailable",
    "store-unusable",
]


class Report(msgspec.Struct, kw_only=True):
    """What the last line of output says. `doors` is the state at the end."""

    doors: dict[str, Door]
    buses: dict[str, BusState]
    opened: int | None = None
    codes: list[str] = []
    tags: list[str] = []
    fault: FaultName | None = None

    @classmethod
    def of_nothing(cls, config: KioskConfig, fault: FaultName) -> Report:
        """No line was opened."""
        numbers = sorted(one.number for one in config.compartments)
        return cls(
            doors={str(number): "unknown" for number in numbers},
            buses={bus.name: "silent" for bus in config.buses},
            fault=fault,
        )


def doctor(config_path: Path, open_: int | None, seconds: float, json_: bool) -> int:  # noqa: FBT001 (the command's own option)
    """Examine the wall of that file, print, and give the exit code: 0 what was asked happened, 1 not, 2 a bad file."""
    with _logging_to_stderr():
        try:
            config = load(config_path)
            report = examine(config, open_=open_, seconds=seconds, clock=from_environment())
        except ConfigFault as fault:
            typer.echo(str(fault) if fault.table == str(config_path) else f"{config_path}: {fault}", err=True)
            return 2
    if not json_:
        _show(report, config)
    typer.echo(msgspec.json.encode(report).decode())
    return 0 if report.fault is None else 1


def examine(config: KioskConfig, *, open_: int | None, seconds: float, clock: Clock) -> Report:
    """The whole examination; `open_`: the compartment to pulse once. Blocks for about `seconds`."""
    store = Path(config.kiosk.store)
    try:
        with AgentLock(store):
            return asyncio.run(_examination(config, open_, seconds, clock))
    except AgentRunning:
        return Report.of_nothing(config, "agent-running")
    except StoreFault as problem:
        what = f"cannot be locked ({problem}); run this as the agent's user"
        raise ConfigFault("[kiosk]", "store", what) from problem


async def _examination(config: KioskConfig, open_: int | None, seconds: float, clock: Clock) -> Report:
    seen: Observations = asyncio.Queue()
    hardware = Hardware(config, seen, clock)
    watch = _Watch(hardware, seen)
    running = asyncio.create_task(hardware.run())
    try:
        await watch.until(watch.read_all, _now() + FIRST_LOOK)
        hardware.locks.set_pace("session")
        end = _now() + seconds
        fault = watch.fault_of_buses() if open_ is None else await _open_one(config, open_, watch, end, clock)
        await watch.until(lambda: False, end)
        return watch.report(open_ if fault is None else None, fault)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _open_one(config: KioskConfig, number: int, watch: _Watch, end: float, clock: Clock) -> FaultName | None:
    """Pulse that compartment once if it may be, and watch its door until `end`."""
    if config.compartment(number) is None:
        return "compartment-unknown"
    if (fault := watch.fault_at(number)) is not None:
        return fault
    try:
        with closing(Store.open(Path(config.kiosk.store), clock=clock)) as store:
            if Truth.of(store, config.fitted()).pulse_allowed(number, "doctor", None) is not None:
                return "compartment-loaded"
            return await _pulse(store, number, watch, end)
    except StoreFault as problem:
        log.warning("store_unusable", reason=str(problem))
        return "store-unusable"


async def _pulse(store: Store, number: int, watch: _Watch, end: float) -> FaultName | None:
    """Intent on disk, one pulse, and what became of it on disk."""
    intent = f"doctor-{secrets.token_hex(8)}"
    store.append(facts.OpenIntended(intent=intent, session=intent, compartment=number, purpose="doctor"))
    watch.forget_edges()
    try:
        await watch.hardware.locks.pulse(number)
    except LineDown:
        store.append(facts.PulseNotSent(intent=intent, compartment=number))
        return "line-unavailable"
    if not await watch.until(lambda: "open" in watch.edges(number), end):
        store.append(facts.OpenNotDetected(intent=intent, compartment=number))
        return "door-did-not-open"
    store.append(facts.DoorOpened(intent=intent, compartment=number))
    if await watch.until(lambda: watch.edges(number)[-1] == "closed", end):
        present = watch.hardware.locks.presence().get(number)
        store.append(facts.DoorShut(intent=intent, compartment=number, present=present))
    return None


class _Watch:
    """What the machines told so far."""

    def __init__(self, hardware: Hardware, seen: Observations) -> None:
        self.hardware = hardware
        self._seen = seen
        self._answered: set[str] = set()
        self._judged: set[str] = set()
        self._edges: list[tuple[int, Door]] = []
        self._codes: list[str] = []
        self._tags: list[str] = []

    async def until(self, holds: Callable[[], bool], end: float) -> bool:
        """Take in what is told until `holds()`; False when it did not by `end` (seconds of the event loop)."""
        try:
            async with asyncio.timeout_at(end):
                while not holds():
                    self._take(await self._seen.get())
        except TimeoutError:
            return False
        return True

    def read_all(self) -> bool:
        """Whether every bus showed how it is and every door that can be read was."""
        locks = self.hardware.locks
        if not self._judged.issuperset(locks.buses()):
            return False
        return all(door != "unknown" or locks.bus_of(n).silent_at(n) for n, door in locks.doors().items())

    def edges(self, compartment: int) -> list[Door]:
        """How that door moved since `forget_edges`, in order."""
        return [door for number, door in self._edges if number == compartment]

    def forget_edges(self) -> None:
        self._edges.clear()

    def fault_of_buses(self) -> FaultName | None:
        """Whether every bus answered at least once."""
        faults = {self._fault_of(bus) for bus in self.hardware.locks.lines if bus.name not in self._answered}
        return "line-unavailable" if "line-unavailable" in faults else "bus-silent" if faults else None

    def fault_at(self, compartment: int) -> FaultName | None:
        """Whether the compartment's own board can be spoken with now."""
        bus = self.hardware.locks.bus_of(compartment)
        return self._fault_of(bus) if bus.silent_at(compartment) else None

    def report(self, opened: int | None, fault: FaultName | None) -> Report:
        locks = self.hardware.locks
        return Report(
            doors={str(number): door for number, door in sorted(locks.doors().items())},
            buses=dict(locks.buses()),
            opened=opened,
            codes=self._codes,
            tags=self._tags,
            fault=fault,
        )

    def _fault_of(self, bus: SerialLockBus) -> FaultName:
        return "line-unavailable" if bus.missing else "bus-silent"

    def _take(self, seen: Observation) -> None:
        match seen:
            case DoorSeen(compartment=number, door=door):
                self._edges.append((number, door))
            case BusSeen(bus=bus, state=state):
                self._judged.add(bus)
                if state != "silent":
                    self._answered.add(bus)
            case CodeRead(text=text):
                self._codes.append(text)
            case TagSeen(tag=tag) if tag not in self._tags:
                self._tags.append(tag)


def _show(report: Report, config: KioskConfig) -> None:
    """For a person on a ladder, in the first language of the file."""
    lang = config.kiosk.languages[0]
    console = Console()
    doors = Table(*(words(f"doctor.{one}", lang) for one in ("door", "bus", "board", "channel", "state")))
    doors.title = words("doctor.doors", lang)
    for one in sorted(config.compartments, key=lambda one: one.number):
        state = words(f"doctor.{report.doors[str(one.number)]}", lang)
        doors.add_row(str(one.number), one.bus, str(one.board), str(one.channel), state)
    console.print(doors)
    lines = Table(words("doctor.line", lang), words("doctor.state", lang), title=words("doctor.lines", lang))
    for bus, how in report.buses.items():
        lines.add_row(bus, words(f"doctor.{how}", lang))
    if config.code_reader:
        lines.add_row(words("doctor.code-reader", lang), words("doctor.read", lang, count=len(report.codes)))
    if config.tag_reader:
        lines.add_row(words("doctor.tag-reader", lang), words("doctor.read", lang, count=len(report.tags)))
    console.print(lines)
    if report.opened is not None:
        typer.echo(words("doctor.opened", lang, door=report.opened))
    if report.fault is not None:
        typer.echo(f"{report.fault}: {words(f'doctor.fault.{report.fault}', lang)}")


@contextmanager
def _logging_to_stderr() -> Iterator[None]:
    """Standard output is the report's; warnings of the drivers go beside it."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


def _now() -> float:
    return asyncio.get_running_loop().time()
