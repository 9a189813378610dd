"""`onthaal kiosk run`: the agent of one wall. Starts and serves without the centre and without any one device."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog
import typer

import onthaal
from onthaal import clock as clocks
from onthaal.clock import Clock
from onthaal.core.facts import Body, Configured, Fitted, SessionClosed, Started
from onthaal.core.protocol import Command, State, Wishes
from onthaal.core.refusals import Fault
from onthaal.kiosk import config as files
from onthaal.kiosk import enrol, out_of_order
from onthaal.kiosk.browser import browser_of
from onthaal.kiosk.config import ConfigFault, KioskConfig
from onthaal.kiosk.drivers.wall import Hardware
from onthaal.kiosk.enrol import EnrolmentFault, Identity
from onthaal.kiosk.ports import Observations
from onthaal.kiosk.runner.book import Book
from onthaal.kiosk.runner.run import Machines, Runner
from onthaal.kiosk.running import AgentLock, AgentRunning
from onthaal.kiosk.screen.parts import Look
from onthaal.kiosk.screen.server import Screen, ScreenTaken, listening, server
from onthaal.kiosk.session.state import Setup
from onthaal.kiosk.store import Store, StoreFault
from onthaal.kiosk.uplink import Uplink
from onthaal.words import words

LOOKS_FOR_IDENTITY = 2.0
LOOKS_FOR_ROOM = 10.0
LOOKS_AROUND = 2.0
DOORS_KNOWN_WITHIN = 2.0
"""Seconds. A board that is away keeps nobody else's door shut."""
PRUNES = 3600.0
WORKING, FAULT, BAD_FILE = 0, 1, 2

log = structlog.get_logger(__name__)


def run(path: Path) -> int:
    """Run until SIGTERM or Ctrl-C. 0: stopped by itself. 1: it cannot run now. 2: the file cannot be used."""
    try:
        config = files.load(path)
    except ConfigFault as fault:
        typer.echo(str(fault), err=True)
        return BAD_FILE
    try:
        with contextlib.ExitStack() as locked:
            asyncio.run(_run(config, clocks.from_environment(), locked))
    except (AgentRunning, ScreenTaken) as fault:
        _say(fault)
        return FAULT
    except KeyboardInterrupt:
        pass
    return WORKING


async def _run(config: KioskConfig, clock: Clock, locked: contextlib.ExitStack) -> None:
    """The agent; where its store cannot be locked or opened, a screen that says so until it can.

    `locked` holds the lock from the first attempt that could take it.
    """
    lock = AgentLock(Path(config.kiosk.store))

    def made() -> Agent:
        if not lock.held:
            locked.enter_context(lock)
        return Agent(config, clock)

    try:
        agent: Agent | None = made()
    except StoreFault as fault:
        _say(fault)
        agent = await out_of_order.until_made(made, config, clock)
    if agent is not None:
        await agent.run()


def _say(fault: Fault) -> None:
    typer.echo(f"{words(fault.advice, 'en')} ({fault})", err=True)


def fitted(config: KioskConfig) -> tuple[Fitted, ...]:
    """The compartments as the file says they are."""
    return tuple(
        Fitted(
            number=one.number,
            size=one.size,
            bottom_mm=one.bottom_mm,
            top_mm=one.top_mm,
            presence=one.presence_bit is not None,
        )
        for one in sorted(config.compartments, key=lambda one: one.number)
    )


class Agent:
    """Everything of one wall, wired. `run` until a signal, or until `stop`."""

    def __init__(self, config: KioskConfig, clock: Clock) -> None:
        self.config, self.clock = config, clock
        self.store = Store.open(Path(config.kiosk.store), clock=clock)
        self.seen: Observations = asyncio.Queue()
        self.hardware = Hardware(config, self.seen, clock)
        self.book = Book(self.store, fitted(config))
        self.browser = browser_of(config, clock)
        self.runner = Runner(
            book=self.book,
            machines=Machines(
                locks=self.hardware.locks,
                code_reader=self.hardware.code_reader,
                tag_reader=self.hardware.tag_reader,
                browser=self.browser,
                buses={one.number: one.bus for one in config.compartments},
            ),
            setup=self._setup(None),
            clock=clock,
        )
        self.uplink: Uplink | None = None
        self.screen = Screen(self.runner.state, self._look())
        self.screen.answer = self.runner.handle
        self.runner.show = self.screen.show
        self.identity: Identity | None = None
        self._ended = asyncio.Event()

    def _setup(self, device: int | None) -> Setup:
        return Setup(
            boot=self.store.boot,
            languages=self.config.kiosk.languages,
            code_reader=self.config.code_reader is not None,
            tag_reader=self.config.tag_reader is not None,
            case_prefix=f"K{device or 0}",
            cases_from=self.store.last_number,
        )

    def _look(self) -> Look:
        wishes = self.store.wishes()
        return Look(
            help_phone=self.config.kiosk.help_phone,
            languages=self.config.kiosk.languages,
            fitted=self.book.fitted,
            municipality=wishes.municipality if wishes else "",
            wall=wishes.kiosk if wishes else "",
            opening_hours=wishes.opening_hours if wishes else None,
            code_reader=self.runner.standing.reads("code"),
            tag_reader=self.runner.standing.reads("tag"),
            provider=wishes.identify.name if wishes and wishes.identify else None,
            away=self.uplink is not None and self.uplink.away,
        )

    # what the uplink needs of it

    def on_wishes(self, wishes: Wishes) -> None:
        self.runner.wishes_changed()
        self.screen.look(self._look())
        self._serve()

    def on_command(self, command: Command) -> None:
        self.runner.command(command)

    def state(self) -> State:
        state = self.runner.report()
        own = self.uplink.troubles if self.uplink is not None else frozenset()
        return msgspec.structs.replace(state, troubles=tuple(sorted({*state.troubles, *own})))

    # running

    async def run(self) -> None:
        """The screen first, then everything else; ends when a signal comes."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)
        try:
            address = listening(*self.config.kiosk.screen_address())
        except ScreenTaken:
            self.store.close()
            raise
        web = server(self.screen)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(web.serve(sockets=[address]))
            working = [group.create_task(self._browse()), group.create_task(self._work())]
            ended = group.create_task(self._ended.wait())
            await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
            self.screen.close()
            web.should_exit = True
            self._end_session()
            self.runner.stop()
            for task in (*working, ended):
                task.cancel()
        self.store.close()

    async def _work(self) -> None:
        """Everything but the screen and its browser. Nothing is seen, opened or sent in a boot of which the log does
        not say that it began: a disk that refuses leaves only the screen, which says so."""
        while not self._could_say_started():
            self.runner.serve("store-full")
            await self.clock.sleep(LOOKS_FOR_ROOM)
        self.runner.serve("starting")
        async with asyncio.TaskGroup() as group:
            for work in (
                self.hardware.run(),
                self._observe(),
                self._start_serving(),
                self._belong(group),
                self._look_for_room(),
                self._look_around(),
                self._prune(),
            ):
                group.create_task(work)

    def stop(self) -> None:
        self._ended.set()

    def _could_say_started(self) -> bool:
        try:
            self._say_started()
        except StoreFault as fault:
            log.error("store.refuses", detail=str(fault), passing=fault.passing)  # noqa: TRY400 (the disk is named)
            return False
        return True

    def _say_started(self) -> None:
        """What the log must say before anything else happens in this boot."""
        evidence = self.store.evidence()
        clean = evidence.session is None and not evidence.intents
        bodies: list[Body] = [Started(software=onthaal.__version__, clean=clean)]
        if evidence.session is not None:
            bodies.append(SessionClosed(session=evidence.session, how="restart"))
        configured = Configured(compartments=self.book.fitted)
        if self._configured() != configured:
            bodies.append(configured)
        self.book.tell(*bodies)

    def _configured(self) -> Configured | None:
        """What was told last of the file's compartments, as far as the log still has it."""
        told = [fact.body for fact in self.store.facts_after(0) if isinstance(fact.body, Configured)]
        return told[-1] if told else None

    def _end_session(self) -> None:
        """A stop by hand closes the session; an open door stays on record as it is."""
        session = self.runner.state.session
        if session is not None:
            with contextlib.suppress(StoreFault):
                self.book.tell(SessionClosed(session=session, how="restart"))

    async def _observe(self) -> None:
        while True:
            self.runner.observe(await self.seen.get())

    async def _browse(self) -> None:
        """The wall's own browser, where the file names one: it comes and goes, the rest of the wall serves on."""
        if self.browser is not None:
            self.browser.changed = self.runner.offer_changed
            await self.browser.run()

    async def _start_serving(self) -> None:
        """Sessions begin once the doors are known, or when it is clear that some will not say."""
        until = self.clock.monotonic() + DOORS_KNOWN_WITHIN
        everyone = {one.number for one in self.book.fitted}
        while not everyone <= self.runner.doors.known and self.clock.monotonic() < until:
            await self.clock.sleep(0.05)
        self._known = True
        self._serve()

    _known = False

    def _serve(self) -> None:
        if not self._known:
            return
        if not self.store.has_room():
            self.runner.serve("store-full")
        elif self.identity is None or self.store.wishes() is None:
            self.runner.serve("not-enrolled")
        else:
            self.runner.serve("ok")

    async def _belong(self, group: asyncio.TaskGroup) -> None:
        """Wait for an enrolment, then keep the link. It needs no restart."""
        while (identity := self._identity()) is None:
            await self.clock.sleep(LOOKS_FOR_IDENTITY)
        self.identity = identity
        self.uplink = Uplink(self.config, identity, self.store, self, self.clock)
        self.uplink.changed = self.runner.offer_changed
        self.runner.centre_time = self.uplink.centre_time
        self.runner.belongs(identity.pepper, self._setup(identity.device), self.uplink)
        self.runner.offer_changed()
        self._serve()
        self.book.told = self.uplink.wake
        group.create_task(self.uplink.run())

    def _identity(self) -> Identity | None:
        try:
            return enrol.identity(self.config)
        except EnrolmentFault as fault:
            log.error("identity.spoilt", detail=str(fault))  # noqa: TRY400 (no traceback: the file is named)
            return None

    async def _look_for_room(self) -> None:
        await self._every(LOOKS_FOR_ROOM, self._serve_checked)

    async def _serve_checked(self) -> None:
        with contextlib.suppress(OSError):
            self._serve()

    async def _look_around(self) -> None:
        """What screens show of the link and of the readers, when it changes."""
        shown = self._look()

        async def once() -> None:
            nonlocal shown
            self.runner.look_around()
            if (look := self._look()) != shown:
                shown = look
                self.screen.look(look)

        await self._every(LOOKS_AROUND, once)

    async def _prune(self) -> None:
        async def once() -> None:
            if self.uplink is None or not self.uplink.knows_time:
                return  # a clock that jumped ahead makes every fact look old
            try:
                self.store.prune(min(self.clock.now(), self.uplink.centre_time()))
            except Fault as fault:
                log.warning("store.not_pruned", detail=str(fault))

        await self._every(PRUNES, once)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self.clock.sleep(seconds)
            await work()
