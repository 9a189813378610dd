"""The runner: one state, one step at a time, its effects carried out in order.

Everything happens in the loop's thread between two awaits; only the hashing of PINs leaves it. A pulse is started in
the very moment its intent's append has returned.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec
import structlog

from onthaal.clock import Clock
from onthaal.core.facts import Body, CodeAccepted, CodeRefused, Pulsed, WallQrOnly
from onthaal.core.protocol import Command, OpenNow, State
from onthaal.core.refusals import Why
from onthaal.kiosk.ledger import Accepted, Denied
from onthaal.kiosk.ports import (
    Browser,
    BusSeen,
    CodeRead,
    CodeReader,
    DoorSeen,
    LineDown,
    LockBus,
    Observation,
    PresenceSeen,
    TagReader,
    TagSeen,
    UnreadableCode,
)
from onthaal.kiosk.runner import answers, guard
from onthaal.kiosk.runner.book import Book
from onthaal.kiosk.runner.doors import Doors
from onthaal.kiosk.runner.identity import Centre, Identity
from onthaal.kiosk.runner.remote import Remote
from onthaal.kiosk.runner.report import reported
from onthaal.kiosk.runner.standing import Standing
from onthaal.kiosk.runner.timers import Timers
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.moves import FIRST_REMINDER
from onthaal.kiosk.session.state import (
    Attract,
    Opening,
    Service,
    Session,
    Setup,
    begun,
    door_in_play,
    door_watched,
    fresh,
)
from onthaal.kiosk.session.stepping import step
from onthaal.kiosk.store import StoreFault

log = structlog.get_logger(__name__)


class Machines(msgspec.Struct, frozen=True, kw_only=True):
    """The wall's devices, behind their ports."""

    locks: LockBus
    code_reader: CodeReader | None = None
    tag_reader: TagReader | None = None
    browser: Browser | None = None
    buses: dict[int, str] = {}
    """Compartment → the name of its bus."""


class Runner:
    """See the module. `show` is called with every new state; `centre_time` may be set to a better clock."""

    def __init__(self, *, book: Book, machines: Machines, setup: Setup, clock: Clock) -> None:
        self.state: Session = begun(setup)
        self.show: Callable[[Session], None] = lambda state: None
        self.centre_time = clock.now
        self.pepper: bytes | None = None
        self.book, self.machines, self._clock = book, machines, clock
        self.standing = Standing(machines, clock)
        self._timers = Timers(clock, self._guarded)
        self.doors = Doors(book, machines.locks, self._timers, machines.buses)
        self.doors.news.opened = self._opened
        self.doors.news.shut = self._shut
        self.doors.news.wall_stopped = lambda: self.handle(told.WallStopped())
        self.remote = Remote(book, self.doors, self._timers, pulse=self._pulse)
        self.doors.news.left = self.remote.left
        self.remote.busy = lambda: door_in_play(self.state) is not None
        self.identity = Identity(book, machines.locks, self.handle)
        self.identity.browser = machines.browser
        self._waiting: deque[told.Event] = deque()
        self._stepping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._checking = asyncio.Lock()

    # events in

    def handle(self, event: told.Event) -> None:
        """One event, and whatever its effects answer at once; then the screen shows where that ended."""
        self._waiting.append(event)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._waiting:
                self._step(self._waiting.popleft())
        finally:
            self._stepping = False
        self._pace()
        self.show(self.state)

    def _step(self, event: told.Event) -> None:
        self.state, effects = step(self.state, event)
        for effect in effects:
            try:
                self._do(effect)
            except StoreFault as fault:
                self._disk_refuses(fault)
                return

    def _disk_refuses(self, fault: StoreFault) -> None:
        """Nothing opens that cannot be written down: the session ends here, and the screen says so."""
        log.error("store.refuses", detail=str(fault), passing=fault.passing)
        self._waiting.clear()
        self.identity.stop()
        for timer in ("identity", "approval", "longest", "idle", "detect"):
            self._timers.set(timer, None, lambda: None)
        self.state = msgspec.structs.replace(fresh(self.state), service="store-full")

    def observe(self, seen: Observation) -> None:
        """What a machine showed."""
        self._guarded(lambda: self._observed(seen))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StoreFault as fault:
            self._disk_refuses(fault)
            self.show(self.state)

    def _observed(self, seen: Observation) -> None:
        match seen:
            case DoorSeen():
                self.doors.moved(seen)
            case BusSeen():
                self.doors.bus(seen)
                if seen.silent:
                    self._timers.set("sight", FIRST_REMINDER, self._rang)
            case CodeRead(text=text):
                self.handle(told.Scanned(text=text))
            case UnreadableCode():
                self.handle(told.Scanned(text=None))
            case TagSeen(tag=tag):
                self.handle(told.TagHeld(tag=tag.upper(), ours=self.book.truth.knows_tag(tag)))
            case PresenceSeen():
                self._sensed(seen)

    def _sensed(self, seen: PresenceSeen) -> None:
        self.doors.sensed(seen)
        job = door_watched(self.state)
        if job is not None and job.compartment == seen.compartment:
            self.handle(told.PresenceChanged(intent=job.intent, present=seen.present))

    def _opened(self, intent: str) -> bool:
        if self.remote.opened(intent):
            return True
        self.handle(told.Opened(intent=intent))
        job = door_in_play(self.state)
        return job is not None and job.intent == intent

    def _shut(self, intent: str, compartment: int, present: bool | None) -> None:
        if self.remote.shut(intent, present):
            return
        job = door_watched(self.state)
        if job is not None and job.intent == intent:
            self.handle(told.Shut(intent=intent, present=present))
        else:
            self.doors.outcome_of_orphan(compartment, present)

    def _rang(self, rang: told.Rang | None = None) -> None:
        """A timer of the session, or that of a bus that fell silent: nobody waits for a door that cannot be read."""
        job = door_in_play(self.state)
        asks = rang is None or rang.timer in {"detect", "door"}
        if asks and job is not None and not job.by_word and self.doors.unseen(job.compartment):
            self.handle(told.DoorUnseen(intent=job.intent))
            if job.intent in self.doors.watch.opened.values():
                self.doors.orphaned(job.compartment, job.intent, told=False)
        elif rang is not None:
            self.handle(rang)

    # effects out

    def _do(self, effect: do.Effect) -> None:
        match effect:
            case do.Tell(bodies=bodies):
                self._tell(*bodies)
            case do.Open():
                self._open(effect)
            case do.PulseAgain():
                self._pulse_again(effect)
            case do.Wake(timer=timer, seconds=seconds, tag=tag):
                name = timer if tag is None else f"{timer}:{tag}"
                self._timers.set(name, seconds, lambda: self._rang(told.Rang(timer=timer, tag=tag)))
            case do.Drop(intent=intent, compartment=compartment):
                self.doors.given_up(intent)
                self.doors.left_unseen(compartment, intent)
            case do.CheckPin() | do.CheckStaffPin():
                self._in_thread(effect)
            case do.StartIdentification() | do.TypeDigits() | do.EndIdentification() | do.ShowPage() | do.ClosePage():
                self.identity.wants(effect)
            case _:
                self._answer(effect)

    def _tell(self, *bodies: Body) -> None:
        """Facts; and when they made the wall take no more PINs, that fact too."""
        before = len(self.book.truth.evidence.codes.shut_at)
        self.book.tell(*bodies)
        if any(isinstance(body, CodeRefused) and body.counts for body in bodies):
            codes = self.book.truth.evidence.codes
            if len(codes.shut_at) > before:
                self.book.tell(WallQrOnly(wrong_codes=len(codes.wrong_at)))

    def _open(self, effect: do.Open) -> None:
        """The last guard, then the intent on disk, then the pulse: nothing waits in between."""
        intent = effect.intent
        why = guard.refusal(self.book.truth, intent, doors=self.doors.doors())
        if why is not None:
            log.warning("pulse.refused", compartment=intent.compartment, purpose=intent.purpose)
            code = next((body for body in effect.first if isinstance(body, CodeAccepted)), None)
            self._waiting.append(told.OpenRefused(why=why, code=code))
            return
        self.book.tell(*effect.first, intent)
        self.doors.attended(intent.compartment)
        self.doors.asked(intent.compartment, intent.intent)
        self._pulse(intent.compartment, intent.intent)

    def _pulse_again(self, effect: do.PulseAgain) -> None:
        """Only while the door never read open, and while the session still waits for it."""
        if effect.intent not in self.doors.watch.pulsed.values():
            return
        self.book.tell(Pulsed(intent=effect.intent, pulse=effect.pulse))
        self._pulse(effect.compartment, effect.intent)

    def _pulse(self, compartment: int, intent: str) -> None:
        self.machines.locks.set_pace("session")
        self._spawn(self._pulsing(compartment, intent))

    async def _pulsing(self, compartment: int, intent: str) -> None:
        try:
            await self.machines.locks.pulse(compartment)
        except LineDown:
            log.warning("pulse.line_down", compartment=compartment)
            self._guarded(lambda: self._line_down(intent))

    def _line_down(self, intent: str) -> None:
        self.doors.given_up(intent)
        if not self.remote.line_down(intent):
            self.handle(told.PulseFailed(intent=intent))

    def _in_thread(self, effect: do.CheckPin | do.CheckStaffPin) -> None:
        self._spawn(self._checked(effect))

    async def _checked(self, effect: do.CheckPin | do.CheckStaffPin) -> None:
        """argon2 takes some 80 ms; the doors are watched meanwhile. One after the other: the next guess is checked
        when this one is on record, or a quick typist would outrun the back-off."""
        async with self._checking:
            await self._check(effect)

    async def _check(self, effect: do.CheckPin | do.CheckStaffPin) -> None:
        truth, now, pepper = self.book.truth, self._clock.now(), self.pepper
        if pepper is None:
            self.handle(told.Denied(session=effect.session, channel="pin", why=Why.NOT_ENROLLED))
            return
        if isinstance(effect, do.CheckPin):
            accepted = await asyncio.to_thread(
                truth.check_pin, effect.text, now=now, pepper=pepper, centre=self.centre_time()
            )
            accepted = self._still(accepted)
            self.handle(
                answers.of_code(self.book.truth, self.machines.locks, accepted, session=effect.session, channel="pin")
            )
            return
        badge = next((one for one in truth.wishes.staff if one.account == effect.badge), None) if truth.wishes else None
        if badge is None:
            self.handle(told.Denied(session=effect.session, channel="badge", why=Why.BADGE_UNKNOWN))
            return
        known = await asyncio.to_thread(truth.check_staff_pin, badge, effect.pin, now=now, pepper=pepper)
        self.handle(answers.of_staff_pin(known, session=effect.session))

    def _still(self, accepted: Accepted | Denied) -> Accepted | Denied:
        """A snapshot may have come while the hash was tried: what it withdrew does not open."""
        if isinstance(accepted, Denied):
            return accepted
        known = self.book.truth.handover(accepted.known.id)
        if known is None or all(grant.id != accepted.grant.id for grant in known.wished.grants):
            return Denied(why=Why.CODE_WRONG, real=Why.CODE_REVOKED, grant=accepted.grant.id)
        return Accepted(grant=accepted.grant, known=known)

    def _answer(self, effect: do.Effect) -> None:
        """What can be looked up at once is answered at once."""
        self._waiting.append(self._looked_up(effect))

    def _looked_up(self, effect: do.Effect) -> told.Event:  # noqa: C901, PLR0911 (one table: question → answer)
        truth, locks, now = self.book.truth, self.machines.locks, self.centre_time()
        pepper = self.pepper or b"\0" * 32
        match effect:
            case do.CheckQr(session=session, text=text):
                answer = truth.check_qr(text, now=now, pepper=pepper)
                return answers.of_code(truth, locks, answer, session=session, channel="qr")
            case do.CheckBadge(session=session, text=text):
                return answers.of_badge(truth.check_badge(text, pepper=pepper), session=session)
            case do.FindReturn(session=session, tag=tag):
                return answers.of_return_tag(truth, tag, session=session)
            case do.FindLabel(text=body, staff=staff):
                return answers.of_loading(truth, truth.for_label(body), by_tag=False, staff=staff)
            case do.FindLoadTag(tag=tag, staff=staff):
                return answers.of_loading(truth, truth.for_tag_loading(tag), by_tag=True, staff=staff)
            case do.FindPlace(thing=thing):
                return answers.of_place(truth, locks, thing)
            case do.Locate(compartment=compartment):
                return told.Located(spot=answers.spot(locks, compartment))
            case do.ListTakeouts():
                return answers.takeouts(truth)
            case do.ListChecks():
                return answers.checks(truth, tuple(one.number for one in self.book.fitted))
            case _:
                raise AssertionError(effect)

    # the rest of the wall

    def command(self, command: Command) -> None:
        """From the centre."""
        if not isinstance(command, OpenNow):
            self._guarded(lambda: self.identity.verdict(command, self.state, self.centre_time()))
            return
        present = self.machines.locks.presence().get(command.compartment)
        self._guarded(lambda: self.remote.command(command, now=self.centre_time(), present=present))

    def belongs(self, pepper: bytes, setup: Setup, centre: Centre | None = None) -> None:
        """The kiosk is enrolled: codes can be checked from now on, and the centre can be asked."""
        self.pepper = pepper
        self.identity.centre = centre
        self.state = msgspec.structs.replace(self.state, setup=setup)

    def wishes_changed(self) -> None:
        self.book.reread()
        self.offer_changed()
        self.show(self.state)

    def offer_changed(self) -> None:
        """The link to the centre, its wishes or the wall's browser may have changed."""
        self._guarded(lambda: self.identity.changed(self.state))

    def serve(self, service: Service) -> None:
        """Whether sessions may start from now on."""
        was = self.state.service
        if service != was:
            self.handle(told.ServiceChanged(service=service))
        if (was, service) == ("store-full", "ok") and self.state.session is None:
            self._guarded(self.doors.catch_up)

    def report(self) -> State:
        """How the wall is now, for the centre."""
        state = reported(self.book, self.machines, self.state, self._clock.now())
        return msgspec.structs.replace(state, troubles=self.standing.troubles())

    def look_around(self) -> None:
        """Now and then: which machines are away or in doubt, and since when. Nothing is asked of a reader that is."""
        self.standing.look(self.doors.broken())
        reads = {"code_reader": self.standing.reads("code"), "tag_reader": self.standing.reads("tag")}
        self.state = msgspec.structs.replace(self.state, setup=msgspec.structs.replace(self.state.setup, **reads))

    def stop(self) -> None:
        self.identity.stop()
        self._timers.stop()
        for task in self._tasks:
            task.cancel()

    def _pace(self) -> None:
        resting = isinstance(self.state.step, Attract) and not self.doors.watch.pulsed and not self.doors.watch.opened
        self.machines.locks.set_pace("idle" if resting else "session")
        if not isinstance(self.state.step, Opening):
            asked = door_in_play(self.state)
            for intent in [one for one in self.doors.watch.pulsed.values() if not one.startswith("remote.")]:
                if asked is not None and asked.intent == intent:
                    self.doors.taken_for_open(intent)
                else:
                    self.doors.given_up(intent)

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
