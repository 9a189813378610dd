"""Saying who one is at the screen, as pure steps."""

from __future__ import annotations

from typing import Any, Self

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.protocol import Confirmation, Words3
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.identity import Offer
from tests.kiosk.session.person import Person, a_spot, a_thing

NAME = Words3(nl="itsme", fr="itsme", en="itsme")
BOTH = Offer(name=NAME, ways=("page", "phone"))
PAGE, PHONE = replace(BOTH, ways=("page",)), replace(BOTH, ways=("phone",))
CONFIRMATION = Confirmation(municipality="Voorbeeld", street="Markt 1", wall="Automaat Markt", number="47")


class Citizen(Person):
    """Somebody with a document in the wall."""

    def __init__(self, offer: Offer | None = BOTH) -> None:
        super().__init__()
        self.hears(told.OfferChanged(offer=offer))
        self.starts()

    @property
    def session(self) -> str:
        return self.state.session or ""

    def begins(self, *, number: int = 12, attempt: int | None = None) -> Self:
        """The centre has begun."""
        event = told.IdentityBegun(
            session=self.session,
            attempt=attempt or self.state.attempts,
            number=number,
            url="https://x.example/muur/h",
            confirmation=CONFIRMATION,
        )
        self.hears(event)
        return self

    def on_page(self) -> Self:
        self.acts("go", "identify")
        if self.at(at.IdentifyWay):
            self.acts("go", "page")
        self.begins().acts("page")
        return self

    def with_digits(self) -> Self:
        self.acts("go", "identify")
        if self.at(at.IdentifyWay):
            self.acts("go", "phone")
        self.begins().acts("digits").types("83").acts("enter")
        return self

    def is_approved(self, *compartments: int, number: int = 12, session: str | None = None) -> Self:
        waiting = tuple(
            at.Waiting(thing=a_thing(handover=one * 10), spot=a_spot(compartment=one)) for one in compartments
        )
        handovers = tuple(one * 10 for one in compartments)
        self.hears(
            told.IdentityApproved(session=session or self.session, number=number, handovers=handovers, waiting=waiting)
        )
        return self

    def opens_next(self) -> Self:
        self.acts("open")
        compartment = self.last(do.Locate).compartment
        self.hears(told.Located(spot=a_spot(compartment=compartment)))
        return self

    def wanted(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.done if isinstance(effect, kind)]

    @property
    def forgot(self) -> bool:
        """Nothing of it is left in the session."""
        return self.state.identifying is None and self.state.approval is None

    def ended_with(self) -> list[str]:
        return [body.why for body in self.told(f.IdentificationEnded)]


# what is offered


def test_where_nobody_says_who_they_are_the_first_screen_asks_nothing_of_it() -> None:
    person = Citizen(offer=None)
    person.acts("go", "identify")
    assert person.at(at.Home)
    assert person.wanted(do.StartIdentification) == []


@pytest.mark.parametrize("offer", [replace(BOTH, up=False), replace(BOTH, ways=())])
def test_without_network_nobody_starts(offer: Offer) -> None:
    person = Citizen(offer=offer)
    person.acts("go", "identify")
    assert person.at(at.Home)
    assert person.wanted(do.StartIdentification) == []


def test_who_can_choose_is_asked_and_who_cannot_is_not() -> None:
    assert Citizen().acts("go", "identify").at(at.IdentifyWay)
    assert Citizen(PHONE).acts("go", "identify").at(at.IdentifyStarting)


def test_the_network_that_goes_while_somebody_chooses_is_said() -> None:
    person = Citizen()
    person.acts("go", "identify")
    person.hears(told.OfferChanged(offer=replace(BOTH, up=False)))
    assert person.step == at.Refused(why=Why.IDENTITY_UNAVAILABLE, back=at.Home(), signing_in=True)


# the two ways


def test_on_the_page_the_number_is_shown_first_and_the_page_closes_with_the_answer() -> None:
    person = Citizen(PAGE)
    person.acts("go", "identify")
    assert person.wanted(do.StartIdentification) == [
        do.StartIdentification(session="boot.1", attempt=1, way="page", language="nl")
    ]
    person.begins()
    assert person.step == at.IdentifyPage()
    assert person.wanted(do.ShowPage) == []
    person.acts("page")
    assert person.wanted(do.ShowPage) == [
        do.ShowPage(session="boot.1", identification=12, url="https://x.example/muur/h")
    ]
    person.is_approved(4)
    assert person.at(at.IdentifyNext)
    assert len(person.wanted(do.ClosePage)) == 1
    assert person.told(f.IdentificationBegun) == [
        f.IdentificationBegun(session="boot.1", identification=12, way="page")
    ]
    assert person.told(f.Identified) == [f.Identified(session="boot.1", identification=12, handovers=(40,))]


def test_with_the_phone_two_digits_are_typed_once() -> None:
    person = Citizen(PHONE).with_digits()
    assert person.wanted(do.TypeDigits) == [do.TypeDigits(session="boot.1", identification=12, digits="83")]
    person.hears(told.DigitsChecked(session="boot.1", number=12, right=True))
    assert person.at(at.IdentifyWaiting)
    assert person.is_approved(4).at(at.IdentifyNext)


def test_wrong_digits_open_nothing_and_there_is_no_second_try() -> None:
    person = Citizen(PHONE).with_digits()
    person.hears(told.DigitsChecked(session="boot.1", number=12, right=False))
    assert person.step == at.Refused(why=Why.DIGITS_WRONG, back=at.Home(), signing_in=True)
    assert person.ended_with() == ["digits-wrong"]
    person.is_approved(4)
    assert person.forgot
    assert person.told(f.OpenIntended) == []


def test_digits_that_could_not_be_checked_open_nothing() -> None:
    person = Citizen(PHONE).with_digits()
    person.hears(told.DigitsChecked(session="boot.1", number=12, right=None))
    assert person.step.why is Why.IDENTITY_UNAVAILABLE


def test_an_approval_of_a_phone_whose_digits_nobody_typed_here_opens_nothing() -> None:
    person = Citizen(PHONE)
    person.acts("go", "identify")
    person.begins().is_approved(4)
    assert person.at(at.IdentifyPhone)
    assert person.told(f.Identified) == []


def test_one_digit_is_not_enough_and_a_mistyped_one_can_be_put_right() -> None:
    person = Citizen(PHONE)
    person.acts("go", "identify")
    person.begins().acts("digits").types("8").acts("enter")
    assert person.at(at.IdentifyDigits)
    person.acts("erase").types("735").acts("enter")
    assert [one.digits for one in person.wanted(do.TypeDigits)] == ["73"]


# the answers


@pytest.mark.parametrize(
    ("number", "session"),
    [(13, None), (12, "boot.0"), (12, "other-boot.1")],
    ids=["another identification", "an older session", "another boot"],
)
def test_an_approval_of_another_session_or_identification_changes_nothing(number: int, session: str | None) -> None:
    person = Citizen(PAGE).on_page()
    before = person.state
    person.is_approved(4, number=number, session=session)
    assert person.state == before


def test_a_refusal_of_another_session_changes_nothing() -> None:
    person = Citizen(PAGE).on_page()
    before = person.state
    person.hears(told.IdentityNotApproved(session="boot.0", number=12, why=Why.IDENTITY_RISK))
    assert person.state == before


@pytest.mark.parametrize("why", [Why.IDENTITY_RISK, Why.NOTHING_FOR_YOU, Why.IDENTITY_REFUSED, Why.IDENTITY_WEAK])
def test_a_refusal_is_said_and_the_page_is_closed(why: Why) -> None:
    person = Citizen(PAGE).on_page()
    person.hears(told.IdentityNotApproved(session="boot.1", number=12, why=why))
    assert person.step == at.Refused(why=why, back=at.Home(), signing_in=True)
    assert len(person.wanted(do.ClosePage)) == 1
    assert person.ended_with() == [why.value]
    assert person.forgot


def test_when_the_centre_does_not_begin_that_is_said() -> None:
    person = Citizen(PHONE)
    person.acts("go", "identify")
    person.hears(told.IdentityNotBegun(session="boot.1", attempt=1, why=Why.IDENTITY_UNAVAILABLE))
    assert person.step.why is Why.IDENTITY_UNAVAILABLE
    assert person.ended_with() == ["identity-unavailable"]


def test_an_answer_that_comes_when_nobody_waits_ends_at_the_centre_too() -> None:
    person = Citizen(PHONE)
    person.acts("go", "identify").acts("back")
    person.begins(attempt=1)
    assert person.at(at.Home)
    assert person.wanted(do.EndIdentification) == [do.EndIdentification(session="boot.1", identification=12)]


def test_the_answer_to_an_earlier_attempt_is_not_taken_for_the_new_one() -> None:
    person = Citizen(PHONE)
    person.acts("go", "identify").acts("back").acts("go", "identify")
    person.begins(attempt=1, number=11)
    assert person.at(at.IdentifyStarting)
    assert person.wanted(do.EndIdentification) == [do.EndIdentification(session="boot.1", identification=11)]
    person.begins(attempt=2)
    assert person.at(at.IdentifyPhone)


def test_what_is_theirs_and_cannot_be_opened_here_is_said() -> None:
    person = Citizen(PAGE).on_page().is_approved()
    assert person.step.why is Why.COMPARTMENT_UNAVAILABLE
    assert person.told(f.Identified) == []


def test_a_page_that_is_gone_ends_it() -> None:
    person = Citizen(PAGE).on_page()
    person.hears(told.PageGone(session="boot.1", number=12))
    assert person.step.why is Why.IDENTITY_FAILED
    assert person.wanted(do.EndIdentification) == [do.EndIdentification(session="boot.1", identification=12)]


# every end


def test_after_two_minutes_it_is_over_by_the_walls_own_clock() -> None:
    person = Citizen(PAGE)
    person.acts("go", "identify")
    rests = [person.timer("identity")]
    person.begins().acts("page").rings("identity")
    rests.append(person.timer("identity"))
    assert person.state.identifying.left == 60  # type: ignore[union-attr]
    person.rings("identity")
    rests.append(person.timer("identity"))
    assert sum(rest or 0 for rest in rests) == 120
    person.rings("identity")
    assert person.step.why is Why.IDENTITY_TOO_LATE
    assert person.timer("identity") is None
    assert person.wanted(do.EndIdentification) == [do.EndIdentification(session="boot.1", identification=12)]
    assert len(person.wanted(do.ClosePage)) == 1


@pytest.mark.parametrize("act", ["stop", "back", "help"])
def test_whoever_leaves_the_page_leaves_nothing_behind(act: str) -> None:
    """The page is closed, the centre is told, the time stops, and a late approval opens nothing."""
    person = Citizen(PAGE).on_page()
    person.acts(act)
    assert person.forgot
    assert len(person.wanted(do.ClosePage)) == 1
    assert person.wanted(do.EndIdentification) == [do.EndIdentification(session="boot.1", identification=12)]
    assert person.timer("identity") is None
    assert person.ended_with() == ["identity-refused"]
    person.is_approved(4, session="boot.1")
    assert person.forgot
    assert person.told(f.Identified) == []


def test_the_end_is_told_before_the_session_is_closed() -> None:
    person = Citizen(PAGE).on_page()
    person.acts("stop")
    kinds = [type(body).__name__ for effect in person.done if isinstance(effect, do.Tell) for body in effect.bodies]
    assert kinds.index("IdentificationEnded") < kinds.index("SessionClosed")


def test_nobody_is_asked_whether_they_are_there_while_they_sign_in() -> None:
    person = Citizen(PHONE)
    person.acts("go", "identify")
    person.begins()
    assert person.timer("idle") is None
    assert person.rings("idle").state.overlay == "none"


# the doors


def test_one_door_at_a_time_each_when_the_person_says_so() -> None:
    person = Citizen(PAGE).on_page().is_approved(4, 6)
    assert person.told(f.OpenIntended) == []
    person.opens_next().acts("open")
    assert [one.compartment for one in person.told(f.OpenIntended)] == [4]
    person.door_opens().acts("open").door_shuts(False)
    assert person.at(at.Thanks)
    person.acts("next")
    assert person.at(at.IdentifyNext)
    person.opens_next().door_opens().door_shuts(False)
    person.acts("done")
    assert person.at(at.Attract)
    assert [(one.handover, one.identification, one.session) for one in person.told(f.Collected)] == [
        (40, 12, "boot.1"),
        (60, 12, "boot.1"),
    ]


def test_who_walks_away_from_an_approval_takes_it_along() -> None:
    person = Citizen(PAGE).on_page().is_approved(4, 6)
    person.rings("approval", "approval")
    assert person.at(at.Attract)
    assert person.forgot
    person.acts("open")
    person.hears(told.Located(spot=a_spot(compartment=4)))
    assert person.told(f.OpenIntended) == []


def test_another_open_door_is_shut_first_and_then_tried_again() -> None:
    person = Citizen(PAGE).on_page().is_approved(4).opens_next()
    person.hears(told.OpenRefused(why=Why.SESSION_BUSY))
    assert person.step == at.Refused(why=Why.SESSION_BUSY, back=at.IdentifyNext(), signing_in=True)
    person.acts("next").opens_next()
    assert [one.compartment for one in person.told(f.OpenIntended)] == [4, 4]


def test_what_was_left_lying_can_be_opened_once_more() -> None:
    person = Citizen(PAGE).on_page().is_approved(4).opens_next().door_opens().door_shuts(True)
    person.acts("again").door_opens().door_shuts(False)
    assert [one.identification for one in person.told(f.Collected)] == [12]


def test_a_door_that_never_opens_does_not_cost_the_next_one() -> None:
    person = Citizen(PAGE).on_page().is_approved(4, 6).opens_next()
    person.rings("detect", "detect", "detect")
    assert person.at(at.Faulted)
    assert person.acts("back").at(at.IdentifyNext)


def test_a_fault_tells_who_signed_in_of_the_document_and_not_of_a_code() -> None:
    person = Citizen(PAGE).on_page().is_approved(4).opens_next()
    person.rings("detect", "detect", "detect")
    assert person.step.keeps == "document"

    person = Citizen(PAGE).on_page().is_approved(4)
    person.acts("open").hears(told.Located(spot=a_spot(compartment=4, door="unknown")))
    assert person.step.keeps == "document"


def test_a_document_left_lying_twice_is_still_there_for_who_signs_in_again() -> None:
    person = Citizen(PAGE).on_page().is_approved(4).opens_next().door_opens().door_shuts(True)
    person.acts("again").door_opens().door_shuts(True)
    assert person.step == at.Thanks(what="kept", compartment=4, identified=True)


def test_an_approval_that_no_longer_counts_is_not_called_a_weak_code() -> None:
    person = Citizen(PAGE).on_page().is_approved(4).opens_next()
    person.hears(told.OpenRefused(why=Why.PROOF_TOO_WEAK))
    assert person.step == at.Refused(why=Why.IDENTITY_FAILED, back=at.IdentifyNext(), signing_in=True)


def test_a_line_that_is_lost_after_the_approval_costs_nobody_their_document() -> None:
    person = Citizen(PAGE).on_page().is_approved(4, 6)
    person.hears(told.OfferChanged(offer=replace(PAGE, up=False)))
    person.opens_next().door_opens().door_shuts(False).acts("next")
    person.opens_next().door_opens().door_shuts(False)
    assert [one.compartment for one in person.told(f.Collected)] == [4, 6]


def test_a_door_left_open_ends_the_approval_with_the_session() -> None:
    person = Citizen(PAGE).on_page().is_approved(4, 6).opens_next().door_opens()
    person.rings("door", "door", "door")
    assert person.state.approval is None
    assert [one.identification for one in person.told(f.Collected)] == [12]
