"""The link to the centre: tells facts, fetches wishes, shows the state, listens for news and commands.

Four loops, each with its own back-off (1 s doubling to 60 s, with jitter); whichever succeeds first after a silence
wakes the others. Nothing here ever drops a fact, and nothing that the centre answers can spoil the store.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Literal, Protocol, TypeVar

import httpx
import msgspec
import structlog

from onthaal.clock import Clock
from onthaal.core.facts import Fact
from onthaal.core.protocol import (
    Command,
    DigitsChecked,
    Heard,
    IdentificationStarted,
    OfSession,
    StartIdentification,
    State,
    Told,
    TypedDigits,
    Wishes,
)
from onthaal.core.refusals import Fault, Refusal
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.enrol import Identity
from onthaal.kiosk.soundness import unsound
from onthaal.kiosk.store import Store
from onthaal.kiosk.wire import Answer, Centre, Event, LinkDown

IDENTIFICATIONS = "/device/v1/identifications"
ANSWERS_WITHIN = 10.0
"""Seconds that a person at the screen waits for one of these answers."""
FACTS, WISHES, STATE, STREAM = "/device/v1/facts", "/device/v1/wishes", "/device/v1/state", "/device/v1/stream"
BATCH = 200
"""Facts in one telling: some ten days of a quiet wall."""
NONCES = 256
"""Commands remembered, so that one that comes again after a reconnect is not obeyed twice."""

log = structlog.get_logger(__name__)
_random = secrets.SystemRandom()


class Agent(Protocol):
    """What the uplink needs of the agent. All of it is called in the loop's thread and must return at once."""

    def on_wishes(self, wishes: Wishes) -> None:
        """A newer snapshot was kept."""

    def on_command(self, command: Command) -> None:
        """A command came; each nonce comes once. Its age is the agent's to judge (`Uplink.centre_time`)."""

    def state(self) -> State:
        """How the wall is now."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds."""

    first: float = 1.0
    longest: float = 60.0
    poll: float = 15.0
    """Between two looks for wishes while the stream is away."""
    steady: float = 300.0
    """The same while it is there, and between two tries to tell when there is nothing new."""
    heartbeat: float = 20.0
    """Between two states when nothing changes."""
    gathering: float = 1.0
    """From a fact to the state that tells of it: what happens at a wall comes in bursts, and one state tells of all."""
    silence: float = 60.0
    """Without a byte on the stream: it is taken for dead."""


class NotHeard(Fault):
    """The centre answered, and nothing came of it."""

    passing = True
    advice = "fault.link-down"


class StreamAway(Fault):
    """The stream is not there; the link itself may be."""

    passing = True
    advice = "fault.link-down"


class Uplink:
    """See the module. `run` until cancelled; `wake` after every append."""

    def __init__(self, config: KioskConfig, identity: Identity, store: Store, agent: Agent, clock: Clock) -> None:
        self._config, self._identity, self._store, self._agent, self._clock = config, identity, store, agent, clock
        self.pace = Pace()
        self.changed: Callable[[], None] = lambda: None
        """Called when `hears` may have changed."""
        self.link: Literal["up", "down"] = "down"
        self._down_since = clock.monotonic()
        self.troubles: frozenset[str] = frozenset()
        """What a technician should know and the state should show: `heard-beyond`, `other-log`, `gap`,
        `wishes-malformed`, `refused`."""
        self._centre: Centre | None = None
        self._telling, self._fetching = asyncio.Event(), asyncio.Event()
        self._showing, self._back = asyncio.Event(), asyncio.Event()
        self._gathering: asyncio.TimerHandle | None = None
        self._streaming = False
        self._last_event: str | None = None
        self._nonces: deque[str] = deque(maxlen=NONCES)
        self._anew = False
        """A new log was begun in this run."""

    def wake(self) -> None:
        """There are new facts: told at once, and soon shown."""
        self._telling.set()
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(self.pace.gathering, self._showing.set)

    def centre_time(self) -> datetime:
        """The centre's time as far as it is known: what a command's age is measured by, and a code's period."""
        return self._centre.time() if self._centre else self._clock.now()

    @property
    def hears(self) -> bool:
        """The centre is reached, and what it says arrives at once."""
        return self.link == "up" and self._streaming

    @property
    def knows_time(self) -> bool:
        """Whether the centre said in this run what time it is."""
        return self._centre is not None and self._centre.told_time

    @property
    def away(self) -> bool:
        """Nothing came through for longer than the longest rest between two tries: no mere hiccup."""
        return self.link == "down" and self._clock.monotonic() - self._down_since > self.pace.longest

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=httpx.Timeout(20.0, connect=10.0)) as http:
            centre = self._centre = Centre(self._config.kiosk.centre, self._identity, http, self._clock)
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._over_and_over(lambda: self._tell(centre), self._telling))
                loops.create_task(self._over_and_over(lambda: self._fetch(centre), self._fetching))
                loops.create_task(self._over_and_over(lambda: self._show(centre), self._showing))
                loops.create_task(self._over_and_over(lambda: self._listen(centre), asyncio.Event()))

    # the loops

    async def _over_and_over(self, work: Callable[[], Awaitable[float]], bell: asyncio.Event) -> None:
        """`work` says how long it may rest; its bell ends that rest. After a failure the rest grows, and only the
        link's return ends it."""
        failures = 0
        while True:
            bell.clear()
            try:
                rest = await work()
            except (Fault, Refusal) as problem:
                failures += 1
                rest, woken_by = self._failed(problem, failures), self._back
            else:
                failures, woken_by = 0, bell
            await self._rest(rest, woken_by)

    def _failed(self, problem: Fault | Refusal, failures: int) -> float:
        """Seconds until the next try."""
        if isinstance(problem, Refusal):
            self._trouble("refused", problem.why.value)
        if isinstance(problem, LinkDown) and self.link == "up":
            self.link, self._down_since = "down", self._clock.monotonic()
            log.warning("uplink.down", detail=str(problem))
            self.changed()
        longest = min(self.pace.longest, self.pace.first * (1 << min(failures - 1, 16)))
        return longest * _random.uniform(0.5, 1.0)

    async def _rest(self, seconds: float, bell: asyncio.Event) -> None:
        rung = asyncio.ensure_future(bell.wait())
        slept = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({rung, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            rung.cancel()
            slept.cancel()

    def _came_through(self) -> None:
        if self.link == "up":
            return
        self.link = "up"
        log.info("uplink.up")
        self.changed()
        back, self._back = self._back, asyncio.Event()
        back.set()

    def _trouble(self, name: str, detail: object = None) -> None:
        if name not in self.troubles:
            log.error("uplink.trouble", name=name, detail=detail)
            self.troubles |= {name}
            self._showing.set()

    def _over(self, *names: str) -> None:
        if self.troubles & set(names):
            self.troubles -= set(names)
            self._showing.set()

    # facts

    async def _tell(self, centre: Centre) -> float:
        """Tell the next facts, if any. The number heard moves on as the centre says, also backwards."""
        before = self._store.heard_up_to
        batch = tuple(self._store.facts_after(before, BATCH))
        if not batch:
            return self.pace.steady
        told = Told(log=self._store.log, boot=self._store.boot, facts=batch, pruned=self._store.pruned())
        answer = await centre.ask("POST", FACTS, body=msgspec.json.encode(told))
        heard = _decoded(answer, Heard)
        self._came_through()
        self._hear(heard, batch)
        held = self._store.wishes()
        if held is None or heard.version > held.version:
            self._fetching.set()
        if self._store.heard_up_to == before and self._store.log == told.log:
            raise NotHeard(f"the centre stays at {before}")
        return 0.0

    def _hear(self, heard: Heard, batch: tuple[Fact, ...]) -> None:
        if heard.log != self._store.log:
            self._trouble("other-log", heard.log)
            raise NotHeard("the centre speaks of another log")
        if heard.heard_up_to > self._store.last_number or _put_back(heard, batch):
            self._begin_anew(heard)
            return
        if heard.heard_up_to < 0 or (
            heard.heard_up_to < batch[0].number - 1 and not self._keeps(heard.heard_up_to + 1)
        ):
            # Told where the facts kept here begin, the centre goes on from there. One that stays behind is older.
            self._trouble("gap", heard.heard_up_to)
            raise NotHeard(f"facts after {heard.heard_up_to} are no longer kept")
        self._store.heard(heard.heard_up_to)
        self._over("other-log", "heard-beyond", "gap", "refused")

    def _begin_anew(self, heard: Heard) -> None:
        """The centre heard facts of this log that are not on this disk: it was put back to an earlier state. Under the
        old numbers later facts would be taken for told twice. Once a run: a centre that says so of every log is wrong.
        """
        self._trouble("heard-beyond", heard.heard_up_to)
        if self._anew:
            raise NotHeard(f"the centre heard up to {heard.heard_up_to} of {self._store.last_number}")
        was = self._store.log
        self._store.begin_anew(heard.same_up_to)
        self._anew = True
        log.error("uplink.log-begun-anew", was=was, log=self._store.log, same_up_to=heard.same_up_to)
        self._showing.set()

    def _keeps(self, number: int) -> bool:
        return any(fact.number == number for fact in self._store.facts_after(number - 1, 1))

    # wishes

    async def _fetch(self, centre: Centre) -> float:
        """Keep a newer snapshot, if there is one. A malformed one changes nothing."""
        held = self._store.wishes()
        headers = {"If-None-Match": held.etag} if held else {}
        answer = await centre.ask("GET", WISHES, headers=headers)
        self._came_through()
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self._keep(_decoded(answer, Wishes, self._malformed))
        return self.pace.steady if self._streaming else self.pace.poll

    def _keep(self, wishes: Wishes) -> None:
        wrong = unsound(wishes)
        if wrong is not None:
            self._malformed(wrong)
            raise NotHeard(wrong)
        self._over("wishes-malformed", "refused")
        if self._store.keep_wishes(wishes):
            log.info("uplink.wishes", epoch=wishes.epoch, version=wishes.version)
            self._agent.on_wishes(wishes)
            self._telling.set()
            self._showing.set()

    def _malformed(self, detail: str) -> None:
        self._trouble("wishes-malformed", detail)

    # state

    async def _show(self, centre: Centre) -> float:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        at = self._clock.monotonic()
        await centre.ask("PUT", STATE, body=msgspec.json.encode(self._agent.state()))
        self._came_through()
        return max(self.pace.first, self.pace.heartbeat - (self._clock.monotonic() - at))

    # news

    async def _listen(self, centre: Centre) -> float:
        """Follow the stream until it ends. Its being away only means that wishes are polled."""
        try:
            async with centre.events(self._stream_url(), last=self._last_event, silence=self.pace.silence) as events:
                self._streaming = True
                self._came_through()
                self.changed()
                self._fetching.set()
                async for event in events:
                    self._news(event)
        except LinkDown as away:
            raise StreamAway(str(away)) from away
        finally:
            self._streaming = False
            self.changed()
            self._fetching.set()
        return self.pace.first

    def _stream_url(self) -> str:
        held = self._store.wishes()
        url = (held.stream_url if held else None) or ""
        return url if url.endswith(STREAM) else url.rstrip("/") + STREAM

    def _news(self, event: Event) -> None:
        if event.id is not None:
            self._last_event = event.id
        if event.name == "wishes" and not self._holds(event.id):
            self._fetching.set()
        elif event.name == "command":
            self._obey(event.data)

    def _holds(self, moment: str | None) -> bool:
        """Whether the wishes of that moment (`epoch.version`) were fetched already: mostly the answer to facts was
        first to say that there are newer ones."""
        held = self._store.wishes()
        return held is not None and moment == f"{held.epoch}.{held.version}"

    def _obey(self, data: str) -> None:
        try:
            command = msgspec.json.decode(data.encode(), type=Command)
        except msgspec.DecodeError:
            log.warning("uplink.command-malformed")
            return
        if command.issued_at.tzinfo is None or command.nonce in self._nonces:
            return
        self._nonces.append(command.nonce)
        self._agent.on_command(command)

    # somebody at the screen says who they are: one try, within seconds

    async def start_identification(self, asked: StartIdentification) -> IdentificationStarted:
        """Begin. Refusal or a Fault when the centre does not."""
        return _decoded(await self._now(IDENTIFICATIONS, asked), IdentificationStarted)

    async def type_digits(self, identification: int, typed: TypedDigits) -> bool:
        """Whether they are right. Refusal or a Fault when nobody can say."""
        return _decoded(await self._now(f"{IDENTIFICATIONS}/{identification}/digits", typed), DigitsChecked).right

    async def end_identification(self, identification: int, ended: OfSession) -> None:
        """Nothing that comes later counts."""
        await self._now(f"{IDENTIFICATIONS}/{identification}/over", ended)

    async def _now(self, path: str, body: msgspec.Struct) -> Answer:
        if self._centre is None:
            raise LinkDown("not begun")
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return await self._centre.ask("POST", path, body=msgspec.json.encode(body))
        except TimeoutError as late:
            raise LinkDown("no answer in time") from late


_T = TypeVar("_T")


def _put_back(heard: Heard, batch: tuple[Fact, ...]) -> bool:
    """Whether the centre heard other facts under numbers that were told it just now."""
    return heard.same_up_to is not None and heard.same_up_to < min(heard.heard_up_to, batch[-1].number)


def _decoded(answer: Answer, kind: type[_T], complain: Callable[[str], None] = lambda detail: None) -> _T:
    """The answer as the message it should be; NotHeard for anything else."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.DecodeError as malformed:
        complain(str(malformed))
        raise NotHeard(f"not a {kind.__name__}: {malformed}") from malformed
