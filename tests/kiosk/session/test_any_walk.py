"""Random walks: whatever people, doors, readers and machines do, every screen keeps what screens promise."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Why
from onthaal.kiosk.screen.server import Screen
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.moves import MOST_PULSES
from onthaal.kiosk.session.state import Session, Setup, begun, door_in_play
from onthaal.kiosk.session.stepping import step
from onthaal.words import LANGS
from tests.kiosk.screen.gallery import ITSME, LOOK, SIGNING_IN
from tests.kiosk.session.person import CLEO, OTHER_TAG, TAG

PRESENT = st.sampled_from([True, False, None])
ACTS = st.sampled_from(
    [("start", ""), ("go", "identify"), ("go", "page"), ("go", "phone")]
    + [("go", "collect"), ("go", "return"), ("go", "load"), ("go", "takeout"), ("go", "check")]
    + [("lang", lang) for lang in LANGS]
    + [("choose", str(number)) for number in (4, 6)]
    + [(act, "") for act in (
        "enter", "erase", "back", "stop", "help", "more", "again", "missing", "confirm", "undo", "deny", "next",
        "done", "have", "stuck", "no-tag", "code", "page",
        "digits", "open",
    )]
)  # fmt: skip
TEXTS = st.sampled_from(
    [None, "rubbish", written(Kind.GRANT, "A" * 16), written(Kind.BADGE, "B" * 16), written(Kind.LABEL, "C" * 8)]
)


NUMBERS = st.integers(0, 9)
STEPS = st.integers(15, 50)
BOOLEANS = st.booleans()
KEYS = st.sampled_from("0123456789x")
TIMERS = st.sampled_from(["idle", "detect", "door", "tag", "identity", "approval", "longest"])
TAGS = st.sampled_from([TAG, OTHER_TAG])
DOORS = st.sampled_from([4, 6])
HOW_IT_STANDS: st.SearchStrategy[Any] = st.sampled_from(["closed", "open", "unknown"])
OFFERS = st.sampled_from([None, replace(ITSME, up=False), ITSME, ITSME])
IDENTIFICATIONS = st.sampled_from([12, 13])
LIE_THERE: st.SearchStrategy[tuple[int, ...]] = st.sampled_from([(), (4,), (4, 6)])


OWN, OWN_ATTEMPT = "its own", -1
"""Of the session as it stands when it is said."""


@dataclass(frozen=True)
class Said:
    """What an answer may say: of each thing no more is drawn than is said of it."""

    draw: Callable[[st.SearchStrategy[Any]], Any]

    @property
    def session(self) -> str:
        """Also one that is over."""
        return OWN if self.draw(BOOLEANS) else "boot.0"

    @property
    def attempt(self) -> int:
        return OWN_ATTEMPT if self.draw(BOOLEANS) else 0

    @property
    def intent(self) -> str:
        return OWN if self.draw(BOOLEANS) else "boot.0.1"

    @property
    def number(self) -> int:
        return int(self.draw(IDENTIFICATIONS))

    @property
    def spot(self) -> at.Spot:
        return at.Spot(compartment=self.draw(DOORS), door=self.draw(HOW_IT_STANDS), present=self.draw(PRESENT))

    @property
    def thing(self) -> at.Thing:
        return at.Thing(handover=7, tag=TAG if self.draw(BOOLEANS) else None, back=self.draw(BOOLEANS))

    def granted(self) -> told.Event:
        thing = self.thing
        spot = None if thing.back else self.spot
        return told.Granted(session=self.session, channel="pin", grant=5, thing=thing, spot=spot)

    def begun(self) -> told.Event:
        confirmation = SIGNING_IN.confirmation
        assert confirmation is not None
        return told.IdentityBegun(
            session=self.session, attempt=self.attempt, number=self.number, url="u", confirmation=confirmation
        )

    def approved(self) -> told.Event:
        spot = self.spot
        waiting = tuple(
            at.Waiting(thing=at.Thing(handover=one * 10), spot=replace(spot, compartment=one))
            for one in self.draw(LIE_THERE)
        )
        handovers = tuple(one.thing.handover or 0 for one in waiting)
        return told.IdentityApproved(session=self.session, number=self.number, handovers=handovers, waiting=waiting)


ANSWERS: st.SearchStrategy[Callable[[Said], told.Event]] = st.sampled_from(
    [
        Said.granted,
        lambda it: told.Denied(session=it.session, channel="tag", why=Why.TAG_UNKNOWN),
        lambda it: told.Denied(session=it.session, channel="pin", why=Why.CODE_WRONG, counts=True, grant=5),
        lambda it: told.Denied(session=it.session, channel="badge", why=Why.STAFF_PIN_WRONG, counts=True),
        lambda it: told.BadgeKnown(badge="staff-cleo", shown_as="Cleo"),
        lambda it: told.StaffKnown(session=it.session, staff=CLEO),
        lambda it: told.ThingFound(thing=it.thing, by_tag=it.draw(BOOLEANS)),
        lambda it: told.ThingUnknown(why=Why.LABEL_UNKNOWN),
        lambda it: told.Placed(spot=it.spot),
        lambda it: told.NoPlace(why=Why.NO_COMPARTMENT_FREE),
        lambda it: told.Listed(takeouts=(at.TakeOut(compartment=4, kind="returned", handover=7),)),
        lambda it: told.Listed(checks=(at.ToCheck(compartment=6),)),
        lambda it: told.Located(spot=it.spot),
        lambda it: told.OpenRefused(why=Why.COMPARTMENT_UNAVAILABLE),
        lambda it: told.WallStopped(),
        # What the centre, the link and the browser say: also of other sessions, attempts and identifications.
        lambda it: told.OfferChanged(offer=it.draw(OFFERS)),
        Said.begun,
        lambda it: told.IdentityNotBegun(session=it.session, attempt=it.attempt, why=Why.IDENTITY_UNAVAILABLE),
        lambda it: told.DigitsChecked(session=it.session, number=it.number, right=it.draw(PRESENT)),
        Said.approved,
        lambda it: told.IdentityNotApproved(session=it.session, number=it.number, why=Why.IDENTITY_RISK),
        lambda it: told.PageGone(session=it.session, number=it.number),
    ]
)
"""What the wall may answer to what was asked: also of sessions that are over. (Made once: what a strategy is,
Hypothesis works out anew for every one that is made.)"""

AT_THE_DOOR: st.SearchStrategy[Callable[[Said], told.Event]] = st.sampled_from(
    [
        lambda it: told.Opened(intent=it.intent),
        lambda it: told.Shut(intent=it.intent, present=it.draw(PRESENT)),
        lambda it: told.PresenceChanged(intent=it.intent, present=it.draw(PRESENT)),
        lambda it: told.PulseFailed(intent=it.intent),
        lambda it: told.DoorUnseen(intent=it.intent),
    ]
)


@st.composite
def something(draw: Any) -> told.Event:
    """One event; of the session as it stands it says `OWN`."""
    kind = draw(NUMBERS)
    event: told.Event
    if kind <= 2:
        act, value = draw(ACTS)
        event = told.Act(act=act, value=value)
    elif kind == 3:
        event = told.Act(act="key", value=draw(KEYS))
    elif kind == 4:
        event = draw(AT_THE_DOOR)(Said(draw))
    elif kind == 5:
        event = told.Rang(timer=draw(TIMERS))
    elif kind == 6:
        event = told.Scanned(text=draw(TEXTS))
    elif kind == 7:
        event = told.TagHeld(tag=draw(TAGS), ours=draw(BOOLEANS))
    else:
        event = draw(ANSWERS)(Said(draw))
    return event


SOMETHING = something()


MOST_DIGITS = 6
"""Of a staff member's PIN; people type theirs by chance."""
LUCK = 6
"""Rounds of walks: of one round in some dozens none comes to the telephone, by chance."""
BUTTON = re.compile(r'<button [^>]*data-act="([^"]*)"(?: data-value="([^"]*)")?')


def what_fits(draw: Any, state: Session, screen: str) -> told.Event:
    """A button of the screen, touched, or the answer that it waits for: by chance alone no walk gets far."""
    answer = awaited(Said(draw), state)
    if answer is not None and draw(BOOLEANS):
        return answer
    act, value = draw(st.sampled_from(BUTTON.findall(screen)))
    return told.Act(act=act, value=value)


def awaited(it: Said, state: Session) -> told.Event | None:  # noqa: C901, PLR0911, PLR0912 (one table: step → answer)
    """What mostly comes next without anybody touching the screen."""
    match state.step:
        case at.Pin() | at.StaffPin():
            return told.Act(act="key", value="7") if len(state.step.digits) < MOST_DIGITS else told.Act(act="enter")
        case at.Attract():
            return told.Scanned(text=written(Kind.BADGE, "B" * 16))
        case at.Checking(back=at.Home()) if it.draw(BOOLEANS):
            return told.BadgeKnown(badge="staff-cleo", shown_as="Cleo")
        case at.Checking(back=at.StaffPin()):
            return told.StaffKnown(session=OWN, staff=CLEO)
        case at.Checking(back=at.LoadScan()):
            return told.ThingFound(thing=it.thing, by_tag=False)
        case at.Checking():
            return replace(it.granted(), session=OWN)
        case at.ReturnPresent():
            return told.TagHeld(tag=TAG, ours=True)
        case at.LoadScan():
            return told.Scanned(text=written(Kind.LABEL, "C" * 8))
        case at.Placing():
            return told.Placed(spot=it.spot)
        case at.TakeoutList(entries=()):
            return told.Listed(takeouts=(at.TakeOut(compartment=4, kind="returned", handover=7),))
        case at.CheckList(entries=()):
            return told.Listed(checks=(at.ToCheck(compartment=6),))
        case at.TakeoutList() | at.CheckList():
            return told.Located(spot=it.spot)
        case at.Opening() | at.AtDoor():
            at_the_door: told.Event = it.draw(AT_THE_DOOR)(it)
            return at_the_door
        case _:
            return awaited_of_who_signs_in(it, state)


def awaited_of_who_signs_in(it: Said, state: Session) -> told.Event | None:
    number = state.identifying.number or 12 if state.identifying else 12
    match state.step:
        case at.IdentifyStarting():
            return replace(it.begun(), session=OWN, attempt=OWN_ATTEMPT)
        case at.IdentifyDigits():
            return told.DigitsChecked(session=OWN, number=number, right=True)
        case at.IdentifyPage() | at.IdentifyWaiting():
            return replace(it.approved(), session=OWN, number=number)
        case at.IdentifyNext():
            return told.Located(spot=it.spot)
        case _:
            return None


def of(state: Session, event: Any) -> told.Event:
    """The event, said of that session."""
    job = door_in_play(state)
    own: dict[str, Any] = {"session": state.session or "boot.0", "intent": job.intent if job else "boot.0.1"}
    said = {name: value for name, value in own.items() if getattr(event, name, None) == OWN}
    if getattr(event, "attempt", None) == OWN_ATTEMPT:
        said["attempt"] = state.attempts
    happened: told.Event = replace(event, **said) if said else event
    return happened


def looks_right(state: Session, screen: Screen) -> str:
    """Every screen: one question, at most four choices, help at the left below, a way back. Its markup comes back.

    The browser is told of it, or its touches would be refused."""
    before = screen.revision
    with screen.watcher() as bell:
        screen.show(state)
        assert bell.is_set() or screen.revision == before, f"the buttons of {state.step} are dead"
    markup = screen.markup
    assert len(re.findall("<h1", markup)) == 1
    assert len(re.findall('class="choice', markup)) <= 4
    assert re.search(r'<footer>.{0,30}class="bar help', markup), "help stands first below"
    doors = isinstance(state.step, at.Opening | at.AtDoor | at.LoadConfirm | at.TakeoutConfirm | at.CheckConfirm)
    if state.session is not None and not doors:
        assert re.search('data-act="(back|stop|done)"', markup), f"a way out of {state.step}"
    if door_in_play(state) and state.overlay == "none":
        assert 'data-act="stop"' not in markup, "nobody leaves an open door by a button"
    return markup


def keeps_its_word(before: Session, after: Session, effects: tuple[do.Effect, ...], pulses: dict[str, int]) -> None:
    """Promise 1's session part: pulses only with an intent, each bounded; and the end of a session wipes it."""
    for effect in effects:
        if isinstance(effect, do.Open):
            assert effect.intent.intent not in pulses, "an intent is never used twice"
            assert effect.intent.session == after.session
            pulses[effect.intent.intent] = 1
        if isinstance(effect, do.PulseAgain):
            pulses[effect.intent] += 1
            assert pulses[effect.intent] == effect.pulse <= MOST_PULSES
            assert isinstance(after.step, at.Opening), "never once the door read open"
    bodies = [body for effect in effects if isinstance(effect, do.Tell) for body in effect.bodies]
    for body in bodies:
        if isinstance(body, f.Collected | f.Returned | f.TakenOut | f.LoadUndone):
            assert before.session == body.session
    if isinstance(after.step, at.Attract):
        assert (after.identifying, after.approval) == (None, None)
        assert (after.session, after.staff, after.case, after.overlay, after.busy) == (None, None, None, "none", False)


def keeps_it_to_the_session(
    before: Session, after: Session, effects: tuple[do.Effect, ...], asked: dict[str, set[str]]
) -> None:
    """Promise 5's session part: what ends leaves no page, no running time and no identification at the centre."""
    kinds = {type(effect).__name__ for effect in effects}
    was, now = before.identifying, after.identifying
    if was is not None and (now is None or now.attempt != was.attempt):
        assert was.way != "page" or "ClosePage" in kinds
        assert was.number is None or after.approval is not None or "EndIdentification" in kinds
        stopped = [one for one in effects if isinstance(one, do.Wake) and one.timer == "identity"]
        assert now is not None or [one.seconds for one in stopped] == [None]
    signing_in = isinstance(
        after.step, at.IdentifyStarting | at.IdentifyPage | at.IdentifyPhone | at.IdentifyDigits | at.IdentifyWaiting
    )
    assert signing_in == (now is not None), "it is known exactly while these screens stand"
    bodies = [body for effect in effects if isinstance(effect, do.Tell) for body in effect.bodies]
    for body in bodies:
        if isinstance(body, f.Identified):
            assert body.session == before.session
            asked.setdefault(body.session, set()).update(str(one) for one in body.handovers)
    for effect in effects:
        if isinstance(effect, do.Open) and isinstance(after.step, at.Opening | at.AtDoor):
            number = after.step.job.identification
            assert number is None or str(effect.intent.handover) in asked.get(effect.intent.session, set())


@pytest.mark.timeout(420)  # to shorten a walk that broke a promise takes minutes
def test_promise_01_any_walk_keeps_every_screen_and_every_pulse_in_order() -> None:
    """Promises 1 and 5, the session's part. That walks get far is asked of them too."""
    been: set[str] = set()
    far = {"AtDoor", "Thanks", "StaffMenu", "IdentifyStarting", "IdentifyPhone"}
    for _ in range(LUCK):
        walk_anywhere(been)
        if far <= been:
            break
    assert far <= been, f"no walk came to {sorted(far - been)}"


@given(data=st.data())
@settings(max_examples=200)
def walk_anywhere(been: set[str], data: st.DataObject) -> None:
    state = replace(begun(Setup(boot="boot", tag_reader=data.draw(BOOLEANS)), "ok"), offer=ITSME)
    wall = Screen(state, LOOK)
    screen = looks_right(state, wall)
    pulses: dict[str, int] = {}
    opened: dict[str, str] = {}
    approved: dict[str, set[str]] = {}
    for _ in range(data.draw(STEPS)):
        event = of(state, what_fits(data.draw, state, screen) if data.draw(NUMBERS) else data.draw(SOMETHING))
        after, effects = step(state, event)
        keeps_its_word(state, after, effects, pulses)
        keeps_it_to_the_session(state, after, effects, approved)
        for effect in effects:
            if isinstance(effect, do.Tell):
                for body in effect.bodies:
                    if isinstance(body, f.SessionOpened):
                        assert body.session not in opened
                        opened[body.session] = "open"
                    if isinstance(body, f.SessionClosed):
                        assert opened[body.session] == "open"
                        opened[body.session] = "closed"
        if after != state:
            screen = looks_right(after, wall)
        state = after
        been.add(type(state.step).__name__)
    assert sum(one == "open" for one in opened.values()) == (1 if state.session else 0)
