"""Saying who one is, on a whole wall: the agent, its store, its doors, and the centre's word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.lifecycles import Stage as At
from onthaal.core.protocol import (
    Approved,
    Confirmation,
    IdentificationStarted,
    Identifying,
    NotApproved,
    OfSession,
    StartIdentification,
    TypedDigits,
    WishedHandover,
    Words3,
)
from onthaal.core.refusals import Refusal, Why
from onthaal.kiosk.ports import BrowserGone
from tests.kiosk.cast import LABEL, LICENCE, a_handover, waiting
from tests.kiosk.stage import Stage, on_stage

ITSME = Identifying(name=Words3(nl="itsme", fr="itsme", en="itsme"), ways=("page", "phone"))
CONFIRMATION = Confirmation(municipality="Voorbeeld", street="Markt 1", wall="Automaat Markt", number="47")


class Centre:
    """What the centre answers, and what reached it."""

    hears = True

    def __init__(self) -> None:
        self.started: list[StartIdentification] = []
        self.typed: list[TypedDigits] = []
        self.ended: list[OfSession] = []
        self.right, self.answers = True, asyncio.Event()
        self.no: Refusal | None = None
        self.answers.set()

    async def start_identification(self, asked: StartIdentification) -> IdentificationStarted:
        self.started.append(asked)
        await self.answers.wait()
        if self.no is not None:
            raise self.no
        number, url = len(self.started), "https://onthaal.voorbeeld.be/muur/handle"
        return IdentificationStarted(id=number, url=url, confirmation=CONFIRMATION, seconds=120)

    async def type_digits(self, identification: int, typed: TypedDigits) -> bool:
        self.typed.append(typed)
        return self.right

    async def end_identification(self, identification: int, ended: OfSession) -> None:
        self.ended.append(ended)


class Window:
    """A browser that shows what it is told to, until it is not."""

    up = True

    def __init__(self) -> None:
        self.shows: list[str] = []
        self.closed = 0
        self.dies = asyncio.Event()

    async def run(self) -> None: ...

    async def show(self, url: str) -> None:
        self.shows.append(url)
        try:
            await self.dies.wait()
            raise BrowserGone("it ended")
        finally:
            self.closed += 1


class Signing(Stage):
    """A stage where the centre and the browser are at hand."""

    centre: Centre
    window: Window

    async def begins(self, way: str) -> None:
        await self.starts()
        self.act("go", "identify")
        self.act("go", way)
        await self.sees(f"identify-{way}")

    async def on_page(self) -> None:
        await self.begins("page")
        self.act("page")
        await self.until(lambda: self.window.shows)

    def says(self, *handovers: int, late: float = 0.0, **changed: Any) -> None:
        """The centre approves."""
        said: dict[str, Any] = {
            "nonce": "n",
            "boot": self.agent.store.boot,
            "session": self.state.session or "",
            "identification": len(self.centre.started),
            "issued_at": self.agent.clock.now(),
        }
        self.agent.on_command(Approved(**(said | {"handovers": handovers} | changed)))

    def says_no(self, why: str) -> None:
        self.agent.on_command(
            NotApproved(
                nonce="n",
                boot=self.agent.store.boot,
                session=self.state.session or "",
                identification=len(self.centre.started),
                issued_at=self.agent.clock.now(),
                why=why,
            )
        )

    async def takes(self, compartment: int) -> None:
        """Open the next door, take what lies there, shut it."""
        await self.sees("identify-next")
        self.act("open")
        await self.opens(compartment)
        await self.sees("take")
        self.hand.take(compartment)
        self.hand.shut(compartment)
        await self.sees("thanks")
        more = self.state.approval is not None and self.state.approval.waiting
        self.act("next" if more else "done")


def licence(id_: int, compartment: int, **changed: Any) -> WishedHandover:
    return waiting(id_, compartment, **{"product": LICENCE, "grants": ()} | changed)


def joined(stage: Stage) -> Signing:
    """The same stage, with a centre and a browser that do as they are told."""
    stage.__class__ = Signing
    assert isinstance(stage, Signing)
    stage.centre, stage.window = Centre(), Window()
    identity = stage.agent.runner.identity
    identity.centre, identity.browser = stage.centre, stage.window
    stage.agent.runner.offer_changed()
    return stage


@asynccontextmanager
async def signing(
    folder: Path, *handovers: WishedHandover, holds: tuple[int, ...] = (3,), **wished: Any
) -> AsyncIterator[Signing]:
    wanted = {"identify": ITSME} | wished
    async with on_stage(folder, *handovers, holds=holds, **wanted) as stage:
        await stage.until(lambda: stage.agent.runner.identity.centre is not None)
        yield joined(stage)


async def test_promise_5_a_document_is_released_to_who_was_identified_in_this_session(tmp_path: Path) -> None:
    """One door after the other; the facts name the identification and nobody."""
    async with signing(tmp_path, licence(5, 3), licence(6, 4), holds=(3, 4)) as stage:
        await stage.on_page()
        stage.says(5, 6)
        await stage.sees("identify-next")
        await stage.until(lambda: stage.window.closed == 1)
        assert stage.told(f.OpenIntended) == []
        await stage.takes(3)
        await stage.takes(4)
        await stage.sees("attract")
        session = stage.told(f.SessionOpened)[-1].session
        assert [(one.handover, one.identification, one.session) for one in stage.told(f.Collected)] == [
            (5, 1, session),
            (6, 1, session),
        ]
        assert [(one.identification, one.way) for one in stage.told(f.IdentificationBegun)] == [(1, "page")]
        assert stage.told(f.Identified) == [f.Identified(session=session, identification=1, handovers=(5, 6))]
        assert stage.centre.ended == []


async def test_with_the_phone_the_digits_reach_the_centre_once(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.begins("phone")
        stage.act("digits")
        await stage.sees("identify-digits")
        for digit in "83":
            stage.act("key", digit)
        stage.act("enter")
        await stage.until(lambda: stage.centre.typed)
        assert [one.digits for one in stage.centre.typed] == ["83"]
        stage.says(5)
        await stage.takes(3)
        await stage.sees("attract")


async def test_promise_5_somebody_elses_digits_open_nothing(tmp_path: Path) -> None:
    """The addressee approved somewhere else; who stands here does not know the digits."""
    async with signing(tmp_path, licence(5, 3)) as stage:
        stage.centre.right = False
        await stage.begins("phone")
        stage.act("digits")
        for digit in "11":
            stage.act("key", digit)
        stage.act("enter")
        await stage.sees("refused")
        stage.says(5)
        assert stage.screen == "refused"
        assert stage.told(f.Identified) == []
        assert [one.why for one in stage.told(f.IdentificationEnded)] == ["digits-wrong"]


@pytest.mark.parametrize(
    ("product", "stage_of", "compartment"),
    [(1, "waiting", 3), (LICENCE, "recalled", 3), (LICENCE, "planned", None), (LICENCE, "disputed", 3)],
    ids=["a thing that is not personal", "recalled", "not in the wall", "disputed"],
)
async def test_promise_5_the_centres_word_opens_only_what_this_wall_knows_as_theirs_to_take(
    tmp_path: Path, product: int, stage_of: str, compartment: int | None
) -> None:
    wished = a_handover(5, product=product, stage=At(stage_of), compartment=compartment)
    async with signing(tmp_path, wished) as stage:
        await stage.on_page()
        stage.says(5, 99)
        await stage.sees("refused")
        assert stage.told(f.Identified) == []
        assert stage.told(f.OpenIntended) == []


@pytest.mark.parametrize(
    "changed",
    [{"boot": "another"}, {"session": "another.1"}, {"identification": 99}],
    ids=["another boot", "another session", "another identification"],
)
async def test_promise_5_an_approval_meant_for_another_changes_nothing(tmp_path: Path, changed: dict[str, Any]) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.on_page()
        stage.says(5, **changed)
        assert stage.screen == "identify-page"
        assert stage.told(f.Identified) == []


async def test_promise_5_an_old_approval_changes_nothing(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.on_page()
        issued = stage.agent.clock.now()
        stage.turn(61)
        stage.says(5, issued_at=issued)
        assert stage.told(f.Identified) == []


async def test_promise_5_an_approval_dies_with_its_session(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.on_page()
        session = stage.state.session
        stage.says(5)
        await stage.sees("identify-next")
        assert stage.agent.book.truth.pulse_allowed(3, "collect", 5, session=session) is None
        stage.act("stop")
        await stage.sees("attract")
        denied = stage.agent.book.truth.pulse_allowed(3, "collect", 5, session=session)
        assert denied is not None
        assert denied.why is Why.PROOF_TOO_WEAK
        stage.act("start")
        stage.act("open")
        assert stage.told(f.OpenIntended) == []


async def test_promise_5_an_approval_is_good_for_one_time(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3), licence(6, 4), holds=(3, 4)) as stage:
        await stage.on_page()
        stage.says(5, 6)
        await stage.takes(3)
        session = stage.state.session
        assert stage.agent.book.truth.pulse_allowed(3, "collect", 5, session=session) is not None
        assert stage.agent.book.truth.pulse_allowed(4, "collect", 6, session=session) is None


async def test_no_document_while_another_door_stands_open(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.hand.lever(7)
        await stage.tells(f.OpenedWithoutCommand)
        await stage.on_page()
        stage.says(5)
        await stage.sees("identify-next")
        stage.act("open")
        await stage.sees("refused")
        assert stage.told(f.OpenIntended) == []
        stage.hand.shut(7)
        await stage.tells(f.DoorShut)
        stage.act("next")
        await stage.takes(3)


async def test_a_refusal_of_the_centre_is_said_and_the_page_closed(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.on_page()
        stage.says_no("identity-risk")
        await stage.sees("refused")
        assert stage.step.why is Why.IDENTITY_RISK
        await stage.until(lambda: stage.window.closed)


async def test_whoever_walks_away_ends_it_at_the_centre_too(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.on_page()
        session = stage.state.session
        stage.turn(60)
        await stage.until(lambda: stage.state.identifying and stage.state.identifying.left == 60)
        stage.turn(30)
        await stage.until(lambda: stage.state.identifying and stage.state.identifying.left == 30)
        stage.turn(30)
        await stage.sees("refused")
        assert stage.step.why is Why.IDENTITY_TOO_LATE
        await stage.until(lambda: stage.centre.ended)
        assert stage.centre.ended == [OfSession(boot=stage.agent.store.boot, session=session or "")]
        assert stage.window.closed == 1


async def test_an_answer_that_comes_too_late_is_ended_at_the_centre(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        stage.centre.answers.clear()
        await stage.starts()
        stage.act("go", "identify")
        stage.act("go", "phone")
        await stage.until(lambda: stage.centre.started)
        stage.act("stop")
        stage.centre.answers.set()
        await stage.until(lambda: stage.centre.ended)
        assert stage.screen == "attract"


async def test_a_centre_that_will_not_begin_is_said(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        stage.centre.no = Refusal(Why.IDENTITY_UNAVAILABLE)
        await stage.starts()
        stage.act("go", "identify")
        stage.act("go", "phone")
        await stage.sees("refused")
        assert stage.step.why is Why.IDENTITY_UNAVAILABLE


async def test_a_browser_that_dies_ends_it_and_then_only_the_phone_is_offered(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        await stage.on_page()
        stage.window.up = False
        stage.window.dies.set()
        await stage.sees("refused")
        stage.agent.runner.offer_changed()
        assert stage.state.offer is not None
        assert stage.state.offer.ways == ("phone",)


async def test_without_the_centre_it_is_said_before_anybody_starts(tmp_path: Path) -> None:
    async with signing(tmp_path, licence(5, 3)) as stage:
        stage.centre.hears = False
        stage.agent.runner.offer_changed()
        await stage.starts()
        stage.act("go", "identify")
        assert stage.screen == "home"
        assert stage.centre.started == []


# loading by two people


@pytest.mark.parametrize(("first", "why"), [("staff-cleo", Why.SAME_PERSON_TWICE), (None, Why.NEEDS_SECOND_PERSON)])
async def test_who_prepared_a_document_does_not_load_it_and_nobody_loads_one_that_was_not_prepared(
    tmp_path: Path, first: str | None, why: Why
) -> None:
    planned = a_handover(5, product=LICENCE, label=LABEL, grants=(), first_staff=first)
    async with signing(tmp_path, planned, holds=()) as stage:
        await stage.staff()
        stage.act("go", "load")
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        await stage.until(lambda: getattr(stage.step, "note", None) is not None)
        assert stage.step.note is why
        assert stage.told(f.OpenIntended) == []


async def test_the_second_person_loads_it_and_the_fact_names_the_first(tmp_path: Path) -> None:
    planned = a_handover(5, product=LICENCE, label=LABEL, grants=(), first_staff="staff-dirk")
    async with signing(tmp_path, planned, holds=()) as stage:
        await stage.staff()
        stage.act("go", "load")
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        intent = await stage.tells(f.OpenIntended)
        await stage.opens(intent.compartment)
        await stage.sees("load-put")
        stage.put(intent.compartment)
        stage.hand.shut(intent.compartment)
        await stage.sees("load-confirm")
        stage.act("confirm")
        loaded = await stage.tells(f.Loaded)
        assert (loaded.staff, loaded.first_staff) == ("staff-cleo", "staff-dirk")
