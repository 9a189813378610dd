"""Who asks the centre and the wall's own browser on behalf of a session, and judges what the centre says of it.

Each request has one try and a time limit; an answer that comes when its session is over ends at the centre, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from onthaal.core.protocol import (
    COMMAND_LIVES_SECONDS,
    Approved,
    IdentificationStarted,
    NotApproved,
    OfSession,
    StartIdentification,
    TypedDigits,
    Way,
)
from onthaal.core.refusals import Fault, Refusal, Why
from onthaal.kiosk.ports import Browser
from onthaal.kiosk.runner import answers
from onthaal.kiosk.runner.answers import Doors
from onthaal.kiosk.runner.book import Book
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.identity import Offer, Waiting
from onthaal.kiosk.session.state import Session

log = structlog.get_logger(__name__)
_T = TypeVar("_T")
Wanted = do.StartIdentification | do.TypeDigits | do.EndIdentification | do.ShowPage | do.ClosePage


class Centre(Protocol):
    """The centre's three answers. All raise Refusal or a Fault, within seconds."""

    @property
    def hears(self) -> bool:
        """It is reached, and what it says arrives at once."""

    async def start_identification(self, asked: StartIdentification) -> IdentificationStarted:
        """Begin."""

    async def type_digits(self, identification: int, typed: TypedDigits) -> bool:
        """Whether they are right."""

    async def end_identification(self, identification: int, ended: OfSession) -> None:
        """Nothing that comes later counts."""


class Identity:
    """`handle` takes the answers as events. Everything happens in the loop's thread between two awaits."""

    def __init__(self, book: Book, doors: Doors, handle: Callable[[told.Event], None]) -> None:
        self.centre: Centre | None = None
        self.browser: Browser | None = None
        self._book, self._doors, self._handle = book, doors, handle
        self._tasks: set[asyncio.Task[None]] = set()
        self._page: asyncio.Task[None] | None = None
        self._of: do.ShowPage | None = None

    # what is offered

    def offer(self) -> Offer | None:
        """How people can say who they are here, as it is now."""
        wishes = self._book.truth.wishes
        if wishes is None or wishes.identify is None:
            return None
        shows = self.browser is not None and self.browser.up
        ways: tuple[Way, ...] = tuple(way for way in wishes.identify.ways if way != "page" or shows)
        return Offer(name=wishes.identify.name, ways=ways, up=self.centre is not None and self.centre.hears)

    def changed(self, state: Session) -> None:
        """The link, the wishes or the browser may have changed."""
        offer = self.offer()
        if offer != state.offer:
            self._handle(told.OfferChanged(offer=offer))

    # what the session wants

    def wants(self, effect: Wanted) -> None:
        match effect:
            case do.StartIdentification():
                self._spawn(self._start(effect))
            case do.TypeDigits():
                self._spawn(self._typed(effect))
            case do.EndIdentification(session=session, identification=identification):
                self._spawn(self._end(session, identification))
            case do.ShowPage():
                self._show(effect)
            case do.ClosePage():
                self._close()

    async def _start(self, effect: do.StartIdentification) -> None:
        asked = StartIdentification(
            boot=self._book.store.boot, session=effect.session, way=effect.way, language=effect.language
        )
        why, begun = await self._asked(lambda centre: centre.start_identification(asked))
        if begun is None:
            self._handle(told.IdentityNotBegun(session=effect.session, attempt=effect.attempt, why=why))
            return
        self._handle(
            told.IdentityBegun(
                session=effect.session,
                attempt=effect.attempt,
                number=begun.id,
                url=begun.url,
                confirmation=begun.confirmation,
            )
        )

    async def _typed(self, effect: do.TypeDigits) -> None:
        typed = TypedDigits(boot=self._book.store.boot, session=effect.session, digits=effect.digits)
        why, right = await self._asked(lambda centre: centre.type_digits(effect.identification, typed))
        if right is None and why is Why.IDENTITY_TOO_LATE:
            no = told.IdentityNotApproved(session=effect.session, number=effect.identification, why=why)
            self._handle(no)
            return
        self._handle(told.DigitsChecked(session=effect.session, number=effect.identification, right=right))

    async def _end(self, session: str, identification: int) -> None:
        """Nothing follows from its failing: this wall forgot it already, and the centre's own limit ends it."""
        ended = OfSession(boot=self._book.store.boot, session=session)
        await self._asked(lambda centre: centre.end_identification(identification, ended))

    async def _asked(self, ask: Callable[[Centre], Awaitable[_T]]) -> tuple[Why, _T | None]:
        """One try: the answer, or why there is none."""
        if self.centre is None:
            return Why.IDENTITY_UNAVAILABLE, None
        try:
            return Why.IDENTITY_UNAVAILABLE, await ask(self.centre)
        except Refusal as no:
            log.warning("identification.refused", why=no.why.value)
            return (no.why if no.why.value.startswith("identity-") else Why.IDENTITY_UNAVAILABLE), None
        except Fault as fault:
            log.warning("identification.unanswered", detail=str(fault))
            return Why.IDENTITY_UNAVAILABLE, None

    # what the centre says

    def verdict(self, said: Approved | NotApproved, state: Session, now: datetime) -> None:
        """Another boot's, another session's, another identification's, or an old one: nothing happens."""
        waits = state.identifying
        fits = (
            said.boot == self._book.store.boot
            and waits is not None
            and (said.session, said.identification) == (state.session, waits.number)
            and abs((now - said.issued_at).total_seconds()) <= COMMAND_LIVES_SECONDS
        )
        if not fits:
            log.warning("verdict.ignored", identification=said.identification)
            return
        if isinstance(said, NotApproved):
            why = Why(said.why) if said.why in set(Why) else Why.IDENTITY_FAILED
            self._handle(told.IdentityNotApproved(session=said.session, number=said.identification, why=why))
            return
        truth = self._book.truth
        waiting = tuple(
            Waiting(thing=answers.thing(truth, known), spot=answers.spot(self._doors, known.compartment))
            for known in truth.of_addressee(said.handovers)
            if known.compartment is not None
        )
        self._handle(
            told.IdentityApproved(
                session=said.session, number=said.identification, handovers=said.handovers, waiting=waiting
            )
        )

    # the provider's page

    def _show(self, wanted: do.ShowPage) -> None:
        self._close()
        self._of = wanted
        self._page = self._spawn(self._shown(wanted))

    async def _shown(self, wanted: do.ShowPage) -> None:
        """Until the page is closed. By itself, it is over before the centre has said anything."""
        if self.browser is not None:
            try:
                await self.browser.show(wanted.url)
            except Fault as fault:
                log.warning("browser.not_shown", detail=str(fault))
        if self._of == wanted:
            self._of = None
            self._handle(told.PageGone(session=wanted.session, number=wanted.identification))

    def _close(self) -> None:
        self._of = None
        if self._page is not None and self._page is not asyncio.current_task():
            self._page.cancel()
        self._page = None

    def stop(self) -> None:
        """The agent stops, or can write nothing down any more."""
        self._close()

    def _spawn(self, work: object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
