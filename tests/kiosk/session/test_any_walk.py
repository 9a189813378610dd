"""Random walks: whatever people, doors, readers and machines do, every screen keeps what screens promise."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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
from tests.kiosk.screen.gallery import LOOK
from tests.kiosk.session.person import CLEO, OTHER_TAG, TAG

PRESENT = st.sampled_from([True, False, None])
ACTS = st.sampled_from(
    [("start", ""), ("go", "collect"), ("go", "return"), ("go", "load"), ("go", "takeout"), ("go", "check")]
    + [("lang", lang) for lang in LANGS]
    + [("choose", str(number)) for number in (4, 6)]
    + [(act, "") for act in (
        "enter", "erase", "back", "stop", "help", "more", "again", "missing", "confirm", "undo", "deny", "next",
        "done", "have", "stuck", "no-tag", "code",
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
            ]
        )
    )


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
        return told.Rang(timer=draw(st.sampled_from(["idle", "detect", "door", "tag"])))
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
        assert (after.session, after.staff, after.case, after.overlay, after.busy) == (None, None, None, "none", False)


@given(data=st.data())
@settings(max_examples=200)
def test_promise_01_any_walk_keeps_every_screen_and_every_pulse_in_order(data: st.DataObject) -> None:
    state = begun(Setup(boot="boot", tag_reader=data.draw(st.booleans())), "ok")
    pulses: dict[str, int] = {}
    opened: dict[str, str] = {}
    for _ in range(data.draw(st.integers(5, 40))):
        event = data.draw(something(state))
        after, effects = step(state, event)
        keeps_its_word(state, after, effects, pulses)
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
