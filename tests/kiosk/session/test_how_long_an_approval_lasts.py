"""How long an approval counts, as pure steps on a clock of their own: short, whoever touches the screen meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.identify import APPROVED_SECONDS, LONGEST_APPROVAL
from onthaal.kiosk.session.state import Session, door_watched
from tests.kiosk.session.person import CLEO, a_spot, a_thing
from tests.kiosk.session.test_step_identifying import PAGE, Citizen

TOUCHES = [
    ("open", ""), ("next", ""), ("back", ""), ("more", ""), ("lang", "fr"), ("lang", "nl"), ("help", ""), ("again", ""),
    ("missing", ""), ("have", ""), ("stuck", ""), ("key", "1"), ("enter", ""), ("go", "collect"), ("confirm", ""),
]  # fmt: skip
ENDING = [("stop", ""), ("done", ""), ("start", "")]


class Timed(Citizen):
    """Whoever stands before the wall, with the timers of the session running."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: dict[str, float] = {}
        self.since: float | None = None
        """The approval, or the last time that a door which it opened was shut."""
        self.approved_at = 0.0
        self.more_asked = False
        self.pulsed: list[tuple[float, float, bool]] = []
        """Of each door that the approval opened: seconds since either, and whether more time had been asked for."""
        super().__init__(PAGE)

    def hears(self, event: told.Event) -> Self:
        before, told_before = self.state, len(self.done)
        super().hears(event)
        for effect in self.done[told_before:]:
            self._notes(effect)
        if isinstance(event, told.Act) and event.act == "more" and before.overlay == "warning":
            self.more_asked |= self.state.approval is not None and before.approval is not None
        job = door_watched(before)
        if isinstance(event, told.Shut) and job and job.identification and self.state.step is not before.step:
            self.since = self.now
        return self

    def _notes(self, effect: do.Effect) -> None:
        match effect:
            case do.Wake(timer=timer, seconds=None):
                self.due.pop(timer, None)
            case do.Wake(timer=timer, seconds=float() as seconds):
                self.due[timer] = self.now + seconds
            case do.Tell(bodies=bodies) if any(isinstance(one, f.Identified) for one in bodies):
                self.since = self.approved_at = self.now
                self.more_asked = False
            case do.Open(intent=intent) if (intent.handover or 0) >= 40:
                assert self.since is not None, "no door before an approval"
                self.pulsed.append((self.now - self.since, self.now - self.approved_at, self.more_asked))
            case do.Locate(compartment=compartment):
                self.located = compartment
            case _:
                pass

    def waits(self, seconds: float) -> Self:
        """So much time goes by; what is due rings in order."""
        until = self.now + seconds
        while self.due and min(self.due.values()) <= until:
            timer = min(self.due, key=lambda one: self.due[one])
            self.now = max(self.now, self.due.pop(timer))
            self.hears(told.Rang(timer=timer))  # type: ignore[arg-type]
        self.now = until
        return self

    def has_two(self) -> Self:
        self.on_page().is_approved(4, 6)
        return self


def test_who_takes_one_of_two_and_leaves_leaves_nothing_to_open() -> None:
    """Fifteen seconds later the screen is everybody's: it offers no door to who stands there then."""
    person = Timed().has_two()
    person.opens_next().door_opens().door_shuts(False)
    person.waits(15)
    assert person.at(at.Attract)
    assert person.forgot
    person.acts("start").acts("next").acts("open")
    assert [one.compartment for one in person.told(f.OpenIntended)] == [4]


def test_the_next_door_is_offered_to_who_asks_for_it() -> None:
    person = Timed().has_two()
    person.opens_next().door_opens().door_shuts(False)
    person.waits(14).acts("next")
    assert person.at(at.IdentifyNext)
    assert person.told(f.SessionClosed) == []


@pytest.mark.parametrize("act", ["done", "stop", "back"])
def test_whoever_does_not_ask_for_the_next_one_ends_the_approval(act: str) -> None:
    person = Timed().has_two()
    person.opens_next().door_opens().door_shuts(False)
    person.acts(act)
    assert person.at(at.Attract)
    assert person.forgot


@pytest.mark.parametrize(("act", "value"), [("lang", "fr"), ("key", "1"), ("next", ""), ("missing", "")])
def test_touches_do_not_make_an_approval_last_longer(act: str, value: str) -> None:
    person = Timed().has_two()
    for _ in range(15):
        person.acts(act, value).waits(3)
    assert person.at(at.Attract)
    assert person.told(f.SessionClosed)[-1].how == "idle"


def test_it_says_how_long_and_asks_once_whether_more_time_is_needed() -> None:
    person = Timed().has_two()
    assert person.state.approval is not None
    assert person.state.approval.left == 45
    person.waits(25)
    assert (person.state.overlay, person.state.approval.left) == ("warning", 20)
    person.acts("key", "1").acts("open")
    assert person.state.overlay == "warning", "only the button gives more time"
    person.acts("more")
    assert (person.state.overlay, person.state.approval.left) == ("none", 45)
    person.waits(25)
    assert (person.state.overlay, person.state.approval.left) == ("none", 20)
    person.acts("more").waits(19)
    assert person.at(at.IdentifyNext)
    person.waits(1)
    assert person.at(at.Attract)


def test_a_door_that_is_shut_gives_the_next_one_its_time() -> None:
    person = Timed().has_two()
    person.waits(20)
    person.opens_next().door_opens()
    person.waits(60)
    person.door_shuts(False).acts("next")
    person.waits(24)
    assert person.at(at.IdentifyNext)
    person.waits(21)
    assert person.at(at.Attract)


def test_a_door_that_stood_open_for_two_minutes_ends_what_else_was_approved() -> None:
    """Whoever shuts it may be somebody else. What lies in it is theirs who sign in again."""
    person = Timed().has_two()
    person.opens_next().door_opens()
    person.waits(121).door_shuts(True)
    assert person.step == at.Thanks(what="kept", compartment=4, identified=True)
    person.acts("next")
    assert person.at(at.Attract)


def test_a_document_left_lying_is_offered_again_for_a_short_time_only() -> None:
    person = Timed().has_two()
    person.opens_next().door_opens().door_shuts(True)
    assert person.at(at.NotTakenYet)
    for _ in range(15):
        person.acts("lang", "fr").waits(3)
    assert person.at(at.Attract)


@pytest.mark.parametrize("wrong", ["the pulse is refused", "the door does not open"])
def test_what_goes_wrong_at_a_door_does_not_make_it_last_longer(wrong: str) -> None:
    person = Timed().has_two()
    person.waits(24).opens_next()
    if wrong == "the pulse is refused":
        person.hears(told.OpenRefused(why=Why.SESSION_BUSY)).waits(21)
    else:
        person.waits(9)
        assert person.at(at.Faulted)
        person.waits(12)
    assert person.at(at.Attract)
    assert person.forgot


def test_a_door_that_nobody_can_read_any_more_leaves_no_other_to_whoever_stands_there_then() -> None:
    person = Timed().has_two()
    person.opens_next().door_opens()
    person.hears(told.DoorUnseen(intent=person.intent))
    assert person.at(at.Faulted)
    assert person.state.approval is None
    person.waits(91)
    assert person.at(at.Attract)


def test_a_code_held_before_the_reader_ends_what_was_approved() -> None:
    """It may be the next person's."""
    person = Timed().has_two()
    person.opens_next().hears(told.OpenRefused(why=Why.SESSION_BUSY))
    person.scans(written(Kind.GRANT, "A" * 16))
    assert person.at(at.Checking)
    assert person.state.approval is None


def test_nothing_is_opened_later_than_the_longest_time() -> None:
    person = Timed()
    person.on_page().is_approved(*range(4, 20))
    while not person.at(at.Attract):
        person.opens_next().door_opens().waits(60)
        person.door_shuts(False).acts("next")
    assert max(since for _, since, _ in person.pulsed) <= LONGEST_APPROVAL
    assert person.now < LONGEST_APPROVAL + 130


# Each is made once: what a strategy is, Hypothesis works out anew for every one that is made.
DOORS = st.sampled_from([4, 6, 8])
HOW_IT_STANDS: st.SearchStrategy[Any] = st.sampled_from(["closed", "closed", "open", "unknown"])
TOUCH = st.sampled_from(TOUCHES * 3 + ENDING)
LIES_THERE = st.sampled_from([True, False])
SCANNED = st.sampled_from([None, "rubbish", written(Kind.GRANT, "A" * 16)])
PAUSE = st.sampled_from([0.0, 1.0, 2.0, 4.0, 10.0, 20.0, 45.0, 130.0])
STEPS = st.integers(5, 40)
KINDS = st.sampled_from(
    ["touched"] * 6 + ["located"] * 3 + ["opened", "shut"] * 3
    + ["failed", "unseen", "refused", "stopped", "scanned", "granted", "denied", "staff", "offer"]
)  # fmt: skip


@st.composite
def happens(draw: Any) -> Callable[[str, str], told.Event]:  # noqa: C901, PLR0911 (one table)
    """Something, said of a session and an intent; of what it says no more is drawn than it says."""
    match draw(KINDS):
        case "touched":
            act, value = draw(TOUCH)
            return lambda session, intent: told.Act(act=act, value=value)
        case "located":
            spot = a_spot(compartment=draw(DOORS), door=draw(HOW_IT_STANDS))
            return lambda session, intent: told.Located(spot=spot)
        case "opened":
            return lambda session, intent: told.Opened(intent=intent)
        case "shut":
            present = draw(LIES_THERE)
            return lambda session, intent: told.Shut(intent=intent, present=present)
        case "failed":
            return lambda session, intent: told.PulseFailed(intent=intent)
        case "unseen":
            return lambda session, intent: told.DoorUnseen(intent=intent)
        case "refused":
            return lambda session, intent: told.OpenRefused(why=Why.SESSION_BUSY)
        case "stopped":
            return lambda session, intent: told.WallStopped()
        case "scanned":
            text = draw(SCANNED)
            return lambda session, intent: told.Scanned(text=text)
        case "granted":
            seventh = a_spot(compartment=7)
            return lambda session, intent: told.Granted(
                session=session, channel="qr", grant=5, thing=a_thing(), spot=seventh
            )
        case "denied":
            return lambda session, intent: told.Denied(
                session=session, channel="qr", why=Why.CODE_WRONG, counts=True, grant=5
            )
        case "staff":
            return lambda session, intent: told.StaffKnown(session=session, staff=CLEO)
    return lambda session, intent: told.OfferChanged(offer=PAGE)


SOMETHING = happens()


def at_hand(state: Session) -> tuple[str, str]:
    """The session and the intent that are spoken of."""
    job = door_watched(state)
    return state.session or "", job.intent if job else "boot.0.1"


@given(data=st.data())
@settings(max_examples=300)
def test_promise_5_no_door_is_opened_later_than_shortly_after_the_approval_or_the_last_shut_door(
    data: st.DataObject,
) -> None:
    person = Timed()
    person.on_page().is_approved(4, 6, 8)
    for _ in range(data.draw(STEPS)):
        person.waits(data.draw(PAUSE))
        person.hears(data.draw(SOMETHING)(*at_hand(person.state)))
    for since_shut, since_approved, more in person.pulsed:
        assert since_shut <= APPROVED_SECONDS * (2 if more else 1)
        assert since_approved <= LONGEST_APPROVAL
    if person.state.approval is not None and person.state.approval.waiting:
        opened = isinstance(person.step, at.AtDoor)
        assert opened or "approval" in person.due, "whatever stands on the screen, its time runs"
        person.waits(400)
        assert person.state.approval is None
