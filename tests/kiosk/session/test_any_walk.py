"""Random walks: whatever people, doors, readers and machines do, every screen keeps what screens promise."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Why
from onthaal.kiosk.screen.view import fragment, page
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


@st.composite
def answers(draw, state: Session) -> Any:
    """What the wall may answer to what was asked: also of sessions that are over."""
    session = draw(st.sampled_from([state.session or "boot.0", "boot.0"]))
    spot = at.Spot(
        compartment=draw(st.sampled_from([4, 6])),
        door=draw(st.sampled_from(["closed", "open", "unknown"])),
        present=draw(PRESENT),
    )
    back = draw(st.booleans())
    thing = at.Thing(handover=7, tag=draw(st.sampled_from([TAG, None])), back=back)
    return draw(
        st.sampled_from(
            [
                told.Granted(session=session, channel="pin", grant=5, thing=thing, spot=None if back else spot),
                told.Denied(session=session, channel="tag", why=Why.TAG_UNKNOWN),
                told.Denied(session=session, channel="pin", why=Why.CODE_WRONG, counts=True, grant=5),
                told.Denied(session=session, channel="badge", why=Why.STAFF_PIN_WRONG, counts=True),
                told.BadgeKnown(badge="staff-cleo", shown_as="Cleo"),
                told.StaffKnown(session=session, staff=CLEO),
                told.ThingFound(thing=thing, by_tag=draw(st.booleans())),
                told.ThingUnknown(why=Why.LABEL_UNKNOWN),
                told.Placed(spot=spot),
                told.NoPlace(why=Why.NO_COMPARTMENT_FREE),
                told.Listed(takeouts=(at.TakeOut(compartment=4, kind="returned", handover=7),)),
                told.Listed(checks=(at.ToCheck(compartment=6),)),
                told.Located(spot=spot),
                told.OpenRefused(why=Why.COMPARTMENT_UNAVAILABLE),
                told.WallStopped(),
                *identity(draw, state, session, spot),
            ]
        )
    )


def identity(draw, state: Session, session: str, spot: at.Spot) -> list[Any]:
    """What the centre, the link and the browser say: also of other sessions, attempts and identifications."""
    number = draw(st.sampled_from([12, 13]))
    attempt = draw(st.sampled_from([state.attempts, 0]))
    waiting = tuple(
        at.Waiting(thing=at.Thing(handover=one * 10), spot=replace(spot, compartment=one))
        for one in draw(st.sampled_from([(), (4,), (4, 6)]))
    )
    offer = draw(st.sampled_from([None, replace(ITSME, up=False), ITSME, ITSME]))
    confirmation = SIGNING_IN.confirmation
    assert confirmation is not None
    return [
        told.OfferChanged(offer=offer),
        told.IdentityBegun(session=session, attempt=attempt, number=number, url="u", confirmation=confirmation),
        told.IdentityNotBegun(session=session, attempt=attempt, why=Why.IDENTITY_UNAVAILABLE),
        told.DigitsChecked(session=session, number=number, right=draw(PRESENT)),
        told.IdentityApproved(
            session=session,
            number=number,
            handovers=tuple(one.thing.handover or 0 for one in waiting),
            waiting=waiting,
        ),
        told.IdentityNotApproved(session=session, number=number, why=Why.IDENTITY_RISK),
        told.PageGone(session=session, number=number),
    ]


@st.composite
def something(draw, state: Session) -> Any:  # noqa: PLR0911 (one table)
    kind = draw(st.integers(0, 9))
    job = door_in_play(state)
    intent = job.intent if job and draw(st.booleans()) else "boot.0.1"
    if kind <= 2:
        act, value = draw(ACTS)
        return told.Act(act=act, value=value)
    if kind == 3:
        return told.Act(act="key", value=draw(st.sampled_from("0123456789x")))
    if kind == 4:
        return draw(
            st.sampled_from(
                [
                    told.Opened(intent=intent),
                    told.Shut(intent=intent, present=draw(PRESENT)),
                    told.PresenceChanged(intent=intent, present=draw(PRESENT)),
                    told.PulseFailed(intent=intent),
                ]
            )
        )
    if kind == 5:
        return told.Rang(
            timer=draw(st.sampled_from(["idle", "detect", "door", "tag", "identity", "approval", "longest"]))
        )
    if kind == 6:
        return told.Scanned(text=draw(TEXTS))
    if kind == 7:
        return told.TagHeld(tag=draw(st.sampled_from([TAG, OTHER_TAG])), ours=draw(st.booleans()))
    return draw(answers(state))


def looks_right(state: Session) -> None:
    """Every screen: one question, at most four choices, help at the left below, a way back."""
    shown = page(state, LOOK)
    markup = str(fragment(state, LOOK))
    assert len(re.findall("<h1", markup)) == 1
    assert len(re.findall('class="choice', markup)) <= 4
    assert re.search(r'<footer>.{0,30}class="bar help', markup), "help stands first below"
    doors = isinstance(state.step, at.Opening | at.AtDoor | at.LoadConfirm | at.TakeoutConfirm | at.CheckConfirm)
    if state.session is not None and not doors:
        assert re.search('data-act="(back|stop|done)"', markup), f"a way out of {shown.name}"
    if door_in_play(state) and state.overlay == "none":
        assert not shown.stop, "nobody leaves an open door by a button"


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


@given(data=st.data())
@settings(max_examples=200)
def test_promise_01_any_walk_keeps_every_screen_and_every_pulse_in_order(data: st.DataObject) -> None:
    state = replace(begun(Setup(boot="boot", tag_reader=data.draw(st.booleans())), "ok"), offer=ITSME)
    pulses: dict[str, int] = {}
    opened: dict[str, str] = {}
    approved: dict[str, set[str]] = {}
    for _ in range(data.draw(st.integers(5, 40))):
        event = data.draw(something(state))
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
            looks_right(after)
        state = after
    assert sum(one == "open" for one in opened.values()) == (1 if state.session else 0)
