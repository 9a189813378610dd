"""Staff opens to take something out, and nothing lies there: nobody has it because of that."""

from __future__ import annotations

import pytest

from onthaal.core import facts as f
from onthaal.kiosk.screen.view import fragment
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from onthaal.words import words
from tests.kiosk.screen.gallery import LOOK
from tests.kiosk.session.person import Person, a_spot


def opens(present: bool | None, *, handover: int | None = 7) -> Person:
    """Staff stands at the open door; `present`: what the sensor showed before."""
    entry = at.TakeOut(compartment=4, kind="disputed", handover=handover)
    person = Person().is_staff().acts("go", "takeout").hears(told.Listed(takeouts=(entry,)))
    return person.acts("choose", "4").hears(told.Located(spot=a_spot(present=present))).door_opens()


@pytest.mark.parametrize("present", [False, None])
@pytest.mark.parametrize("handover", [7, None])
def test_staff_who_found_nothing_says_so_and_has_taken_nothing_out(present, handover) -> None:
    person = opens(present, handover=handover).door_shuts(present)
    assert words("kiosk.takeout-confirm.nothing", "nl") in str(fragment(person.state, LOOK))
    person.acts("deny")
    assert person.told(f.SeenEmpty) == [f.SeenEmpty(compartment=4, staff="staff-cleo")]
    assert not person.told(f.TakenOut)
    assert not person.told(f.Disputed)
    assert person.at(at.TakeoutList)


def test_staff_who_took_out_what_the_sensor_saw_cannot_say_that_it_was_empty() -> None:
    person = opens(True).door_shuts(False)
    assert 'data-act="deny"' not in str(fragment(person.state, LOOK))
    assert not person.acts("deny").told(f.SeenEmpty)


def test_staff_who_has_what_no_sensor_saw_says_so_at_the_lowest_grade() -> None:
    person = opens(False).door_shuts(False).acts("confirm")
    assert [(one.handover, one.grade) for one in person.told(f.TakenOut)] == [(7, "D")]


@pytest.mark.parametrize("ends", ["stop", "idle"])
@pytest.mark.parametrize(("present", "why"), [(False, "sensor-suspect"), (None, "crash-closed-no-sensor")])
def test_what_no_sensor_saw_is_not_taken_out_by_who_walks_away(present, why, ends) -> None:
    person = opens(present).door_shuts(present)
    person = person.acts("stop") if ends == "stop" else person.rings("idle", "idle")
    assert person.at(at.Attract)
    assert not person.told(f.TakenOut)
    assert [(one.handover, one.why) for one in person.told(f.Disputed)] == [(7, why)]


def test_what_no_sensor_saw_is_not_taken_out_through_a_door_left_open() -> None:
    person = opens(False)
    person.hears(told.PresenceChanged(intent=person.intent, present=False)).rings("door", "door", "door")
    assert not person.told(f.TakenOut)
    assert [(one.handover, one.why) for one in person.told(f.Disputed)] == [(7, "left-open")]
