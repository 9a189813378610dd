"""What the browser is told: whoever stands at the wall answers the question that the wall asks now."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from onthaal.kiosk.screen.server import Screen
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.state import Session
from tests.kiosk.screen.gallery import LOOK, OPEN, STATES

AGAIN = STATES["opening-again"]
PUT = STATES["return-put"]


def pulsed_again(state: Session) -> Session:
    assert isinstance(state.step, at.Opening)
    return replace(state, step=replace(state.step, pulses=state.step.pulses + 1))


def seen_at_the_reader(state: Session) -> Session:
    assert isinstance(state.step, at.AtDoor)
    return replace(state, step=replace(state.step, job=replace(state.step.job, by_tag=True)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AGAIN, pulsed_again(AGAIN)),
        (replace(AGAIN, overlay="help", case="K7-0412"), replace(pulsed_again(AGAIN), overlay="help", case="K7-0412")),
        (PUT, seen_at_the_reader(PUT)),
        (STATES["pin"], replace(STATES["pin"], service="store-full")),
    ],
    ids=["a third pulse", "a pulse under help", "a tag at the open door", "a disk that fills up"],
)
def test_buttons_stay_alive_when_the_wall_goes_on_and_its_screen_looks_the_same(before, after) -> None:
    """A touch that names the question before would be refused, for ever: nothing else brings a new number."""
    screen = Screen(before, LOOK)
    with screen.watcher() as bell:
        was = screen.revision, screen.markup
        screen.show(after)
        assert screen.markup == was[1]
        assert screen.revision == was[0] or bell.is_set()


def test_a_screen_that_says_the_same_again_wakes_nobody() -> None:
    screen = Screen(OPEN, LOOK)
    with screen.watcher() as bell:
        screen.show(replace(OPEN, intents=1))
        assert not bell.is_set()


def test_digits_follow_digits_without_another_question() -> None:
    screen = Screen(replace(OPEN, step=at.Pin(digits="4")), LOOK)
    with screen.watcher() as bell:
        was = screen.revision
        screen.show(replace(OPEN, step=at.Pin(digits="48")))
        assert bell.is_set()
        assert screen.revision == was
