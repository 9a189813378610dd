"""One wall, its centre, and whatever people and machines do there, in any order.

Three accounts of the same wall walk side by side: what is physically so (the emulated cabinet), what the kiosk holds
to be so, and what the centre's ledger says. Whenever a lock is pulsed, the law is read against what lies behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from onthaal.clock import FileClock
from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.lifecycles import Stage as At
from onthaal.core.protocol import OpenNow, Wishes
from onthaal.emulator.running import EmulatedWall, nine_doors
from onthaal.kiosk.agent import Agent
from onthaal.kiosk.session.state import AtDoor, Attract, Opening
from tests.kiosk.cast import STAFF_PIN
from tests.kiosk.stage import Stage, enrolled
from tests.proof.cuts import a_clock, headless
from tests.proof.law import DOORS, Law
from tests.proof.line import Link, Mishap
from tests.proof.town import Town, qr_of

Hands = Literal["as asked", "nothing", "leaves it open"]
Dies = Literal["never", "pulsed", "taken", "shut"]
PATIENCE = 15.0


class Died(Exception):
    """The power went."""


class Walk(Law):
    """Verbs are synchronous: between two of them nothing moves, neither wall nor agent."""

    def __init__(self, town: Town, folder: Path, *, things: int = 4) -> None:
        self.town, self.folder = town, folder
        self.loop = asyncio.new_event_loop()
        self.handovers = [town.plans() for _ in range(things)]
        self.old: list[Wishes] = []
        self.broken: list[str] = []
        self._nonces = 0
        wall = nine_doors(folder)
        self.config = headless(wall, folder)
        self.clock = a_clock(folder)
        enrolled(self.config, town.wishes())
        self.wall = EmulatedWall(wall, None)
        self._sent = dict.fromkeys(DOORS, 0)
        for handover in self.handovers:
            self.wall.hand.make(self._name(handover), thing=self._name(handover))
        self._run(self._plugged_in())
        self._starts()

    def ends(self) -> None:
        self._dies()
        self._run(self._pulled_out())
        self.loop.close()

    async def _plugged_in(self) -> None:
        self.wall.plug_in()
        self.wall.cabinet.watch(self._pulsed)

    async def _pulled_out(self) -> None:
        self.wall.pull_out()
        await asyncio.sleep(0)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            done = self.loop.run_until_complete(work)
        except AssertionError:
            if hasattr(self, "_running") and self._running.done():
                self._running.result()  # the agent ended by itself: that is what is wrong
            raise
        assert not self.broken, "; ".join(self.broken)
        return done

    # the agent

    def _starts(self) -> None:
        self.agent = Agent(self.config, FileClock(self.clock))
        self.stage = Stage(self.agent, self.wall, self.clock)
        self._running = self.loop.create_task(self.agent.run())
        self._run(self.stage.sees("attract", "fault", within=PATIENCE))

    def _dies(self) -> None:
        """As a killed process: no goodbye, and what waited to be done is not done."""

        self.agent._end_session = lambda: None  # type: ignore[method-assign]
        self.agent.stop()
        self._run(asyncio.wait_for(self._running, PATIENCE))

    def restarts(self) -> None:
        self._dies()
        self._starts()
        self._run(self._settles())

    def _visit(self, story: Coroutine[Any, Any, None]) -> None:
        """A person's visit; when the power goes in it, the agent comes back."""

        async def told() -> bool:
            try:
                await story
            except Died:
                return True
            await self._goes_away()
            return False

        if self._run(told()):
            self.restarts()

    async def _goes_away(self) -> None:
        """Whoever stood there is gone; an open door is waited for until the wall gives up."""
        for _ in range(4):
            step = self.stage.state.step
            if isinstance(step, Attract):
                return
            if isinstance(step, AtDoor):
                await self._the_wall_gives_up()
            elif isinstance(step, Opening):
                await self.stage.until(lambda: not isinstance(self.stage.state.step, Opening), within=PATIENCE)
            self.stage.act("stop")
            await asyncio.sleep(0)
        await self.stage.sees("attract", "fault", within=PATIENCE)

    async def _the_wall_gives_up(self) -> None:
        """Nobody shuts the door: reminded twice, and after five minutes the session is over."""
        while isinstance(self.stage.state.step, AtDoor):
            before: object = self.stage.state.step
            self.stage.turn(301)
            await self.stage.until(partial(self._stands_elsewhere, before), within=PATIENCE)

    def _stands_elsewhere(self, before: object) -> bool:
        return self.stage.state.step != before

    async def _settles(self) -> None:
        """What is shut has been told shut."""
        doors = self.agent.runner.doors

        def quiet() -> bool:
            shut = [n for n in DOORS if not self.wall.is_open(n)]
            evidence = self.agent.book.truth.evidence
            known = self.agent.hardware.locks.doors()
            seen = all(known.get(n) == "closed" and n in doors.known for n in shut)
            return seen and all(evidence.compartment(n).door != "open" and n not in doors.watch.opened for n in shut)

        await self.stage.until(quiet, within=PATIENCE)

    # people

    def collects(self, handover: int, hands: Hands, dies: Dies) -> None:
        async def story() -> None:
            mark = self.agent.store.last_number
            await self._scans(qr_of(handover))
            door = await self._opened(mark, dies)
            if door is not None:
                await self._at_the_door(door, hands, dies, lambda: self._takes_all(door))

        self._visit(story())

    def loads(self, handover: int, hands: Hands, dies: Dies, *, undo: bool) -> None:
        if isinstance(self.wall.cabinet.thing(self._name(handover)).place, int):
            return

        async def story() -> None:
            if not await self._staff("load"):
                return
            mark = self.agent.store.last_number
            await self._scans(written(Kind.LABEL, label))
            door = await self._opened(mark, dies)
            if door is None:
                return
            await self._at_the_door(door, hands, dies, lambda: self.wall.hand.put(door, self._name(handover)))
            self.stage.act("confirm" if hands == "as asked" else "deny")
            if undo and hands == "as asked":
                mark = self.agent.store.last_number
                self.stage.act("undo")
                if await self._opened(mark, dies) == door:
                    await self._at_the_door(door, "as asked", dies, lambda: self._takes_all(door))

        label = self.town.label(handover)
        self._visit(story())

    def takes_out(self, hands: Hands, dies: Dies) -> None:
        self._visit(self._from_list("takeout", hands, dies))

    def checks(self, hands: Hands, dies: Dies) -> None:
        self._visit(self._from_list("check", hands, dies))

    async def _from_list(self, line: str, hands: Hands, dies: Dies) -> None:
        if not await self._staff(line):
            return
        entries = self.stage.step.entries
        if not entries:
            return
        mark = self.agent.store.last_number
        self.stage.act("choose", str(entries[0].compartment))
        if self.stage.screen == "check-release":
            self.stage.act("confirm")
            return
        door = await self._opened(mark, dies)
        if door is not None:
            await self._at_the_door(door, hands, dies, lambda: self._takes_all(door))
            self.stage.act("confirm")

    async def _staff(self, line: str) -> bool:
        """Cleo is known and has chosen; False when the wall lets nobody in."""
        if self.stage.screen != "attract":
            return False
        await self._scans(self.town.badge)
        await self.stage.sees("staff-pin")
        await self.stage.types(STAFF_PIN)
        if self.stage.screen != "staff-menu":
            return False
        self.stage.act("go", line)
        return True

    async def _scans(self, text: str) -> None:
        """Held before the reader until something comes of it: what it read a moment ago it does not read again."""
        before, number = self.stage.step, self.agent.store.last_number

        def answered() -> bool:
            fresh = (fact.body for fact in self.agent.store.facts_after(number))
            told = any(isinstance(body, f.SessionOpened | f.CodeRefused | f.OpenIntended) for body in fresh)
            return told or self.stage.step != before

        for _ in range(3):
            self.wall.hold_code(text)
            with contextlib.suppress(AssertionError):
                await self.stage.until(answered, within=2.5)
                return

    async def _opened(self, mark: int, dies: Dies) -> int | None:
        """The door that opened since; None when it was refused, or did not."""
        asked = ("checking", "opening", "attract", "load-scan", "takeout-list", "check-list")

        def outcome() -> object:
            fresh = [fact.body for fact in self.agent.store.facts_after(mark)]
            opened = any(isinstance(body, f.DoorOpened) and body.intent for body in fresh)
            no = any(isinstance(body, f.CodeRefused | f.OpenNotDetected) for body in fresh)
            refused = self.stage.screen not in asked and not isinstance(self.stage.state.step, Opening)
            return opened or no or refused or getattr(self.stage.step, "note", None)

        with contextlib.suppress(AssertionError):
            if dies == "pulsed":
                await self.stage.until(lambda: self._intended(mark) or outcome(), within=4)
                if self._intended(mark):
                    raise Died
            await self.stage.until(outcome, within=PATIENCE)
        fresh = [fact.body for fact in self.agent.store.facts_after(mark)]
        return next((body.compartment for body in fresh if isinstance(body, f.DoorOpened) and body.intent), None)

    def _intended(self, mark: int) -> bool:
        return any(isinstance(fact.body, f.OpenIntended) for fact in self.agent.store.facts_after(mark))

    async def _at_the_door(self, door: int, hands: Hands, dies: Dies, does: Callable[[], object]) -> None:
        if hands != "nothing":
            does()
        if dies == "taken":
            raise Died
        if hands == "leaves it open":
            return
        self.wall.hand.shut(door)
        if dies == "shut":
            raise Died
        await self.stage.until(lambda: not isinstance(self.stage.state.step, AtDoor), within=PATIENCE)

    def _takes_all(self, door: int) -> None:
        for thing in self.wall.cabinet.things(door):
            self.wall.hand.take(door, thing.id)

    def somebody_shuts_the_doors(self) -> None:
        for door in DOORS:
            if self.wall.is_open(door):
                self.wall.hand.shut(door)
        self._run(self._settles())

    def somebody_forces(self, door: int, *, takes: bool) -> None:
        if self.wall.is_open(door):
            return

        async def story() -> None:
            mark = self.agent.store.last_number
            self.wall.hand.lever(door)
            if takes:
                self._takes_all(door)
            await self.stage.until(lambda: self.agent.store.last_number > mark, within=PATIENCE)
            self.wall.hand.shut(door)
            await self._settles()

        self._run(story())

    # machines

    def the_bus_falls_silent(self) -> None:
        async def story() -> None:
            self.wall.fault("silent", line="main")
            silent = self.agent.hardware.locks.buses
            await self.stage.until(lambda: silent()["main"] == "silent", within=PATIENCE)
            self.wall.fault("silent", line="main", on=False)
            await self.stage.until(lambda: silent()["main"] != "silent", within=PATIENCE)
            await self._settles()

        self._run(story())

    # the centre

    def opens_from_afar(self, door: int, handover: int | None) -> None:
        self._nonces += 1
        command = OpenNow(
            nonce=f"n{self._nonces}",
            boot=self.agent.store.boot,
            issued_at=self.agent.runner.centre_time() - timedelta(seconds=1),
            compartment=door,
            person="an",
            reason="asked",
            handover=handover,
        )

        async def story() -> None:
            mark = self.agent.store.last_number
            self.agent.runner.command(command)

            def answered() -> bool:
                return any(isinstance(fact.body, f.CommandAnswered) for fact in self.agent.store.facts_after(mark))

            await self.stage.until(answered, within=PATIENCE)
            if self.wall.is_open(door):
                self._takes_all(door)
                self.wall.hand.shut(door)
            await self._settles()

        self._run(story())

    def recalls(self, handover: int) -> None:
        if self.town.book(handover).stage in {At.LOADED, At.WAITING}:
            self.town.recalls(handover)

    def notifies(self, handover: int) -> None:
        self.town.told_the_addressee(handover)

    def talks(self, mishaps: list[Mishap]) -> None:
        """Facts up and wishes down, whatever the line does; then both say the same."""
        link = Link(self.town, self.agent.store)
        link.settle(mishaps)
        self._applies()
        self.old.append(self.town.wishes())
        self.both_agree()

    def gets_an_old_snapshot(self, which: int) -> None:
        if self.old:
            self.agent.store.keep_wishes(self.old[which % len(self.old)])
            self._applies()

    def _applies(self) -> None:
        async def applied() -> None:
            held = self.agent.store.wishes()
            assert held is not None
            self.agent.on_wishes(held)

        self._run(applied())
