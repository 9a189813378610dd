"""What a contact, a reader or a hash does not say, a person is asked; and a second person is told to wait."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.evidence import Block
from onthaal.core.refusals import Why
from onthaal.kiosk.screen.view import fragment
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from tests.kiosk.cast import qr_text
from tests.kiosk.screen.gallery import LOOK
from tests.kiosk.session.person import CLEO, Person, a_spot, a_thing

CHECK = at.ToCheck(compartment=4, reasons=(Block.MAPPING_FAULT,), sealed=True)


def waits_for_the_door(**spot: object) -> Person:
    return Person().starts().asks_for_a_pin().hears_yes(spot=a_spot(**spot))


def sees_it_go(person: Person) -> Person:
    """The infrared sees that the thing is gone, and the contact still reads closed."""
    return person.hears(told.PresenceChanged(intent=person.intent, present=False))


def test_what_goes_while_the_contact_reads_closed_ends_the_pulses_and_the_person_is_asked() -> None:
    person = sees_it_go(waits_for_the_door())
    assert isinstance(person.step, at.AtDoor)
    assert person.step.job.by_word
    assert person.timer("detect") is None
    person.rings("detect")
    assert not [one for one in person.done if isinstance(one, do.PulseAgain)]
    assert not person.told(f.Collected)
    person.acts("have")
    taken = person.told(f.Collected)
    assert [(one.handover, one.grade) for one in taken] == [(7, "D")]
    assert person.told(f.SensorSuspect) == [f.SensorSuspect(compartment=4, what="door")]
    assert person.told(f.CompartmentBlocked) == [f.CompartmentBlocked(compartment=4, reason=Block.SENSOR_SUSPECT)]
    assert person.at(at.Thanks)


def test_a_sensor_that_blinked_closes_nothing_when_the_person_says_that_it_did_not_open() -> None:
    person = sees_it_go(waits_for_the_door()).acts("stuck")
    assert person.told(f.OpenNotDetected)
    assert not person.told(f.Collected)
    assert person.at(at.Faulted)


def test_when_nobody_answers_what_went_behind_a_stuck_contact_is_in_dispute() -> None:
    person = sees_it_go(waits_for_the_door()).rings("door", "door", "door")
    assert person.told(f.Disputed) == [f.Disputed(handover=7, compartment=4, why="sensor-suspect")]
    assert person.told(f.SensorSuspect)
    assert not person.told(f.Collected)
    assert not person.told(f.DoorLeftOpen)
    assert person.at(at.Attract)


def test_a_contact_that_comes_to_its_senses_ends_it_as_ever() -> None:
    person = sees_it_go(waits_for_the_door()).door_shuts(present=False)
    assert person.told(f.Collected)
    assert not person.told(f.SensorSuspect)


def test_a_thing_that_only_appears_asks_nothing() -> None:
    person = waits_for_the_door(present=None)
    person.hears(told.PresenceChanged(intent=person.intent, present=True))
    assert person.at(at.Opening)


def test_staff_is_asked_too_when_what_they_take_out_went_behind_a_stuck_contact() -> None:
    person = Person().is_staff().acts("go", "takeout")
    person.hears(told.Listed(takeouts=(at.TakeOut(compartment=4, kind="recalled", handover=7),)))
    person.acts("choose", "4").hears(told.Located(spot=a_spot()))
    sees_it_go(person)
    assert person.at(at.TakeoutConfirm)
    assert not person.told(f.TakenOut)
    assert person.told(f.SensorSuspect)
    person.acts("confirm")
    assert [(one.handover, one.grade) for one in person.told(f.TakenOut)] == [(7, "D")]


@pytest.mark.parametrize(("present", "asked"), [(None, True), (False, True), (True, False)])
def test_at_a_door_that_was_not_seen_to_open_the_person_may_have_it_all_the_same(present, asked) -> None:
    person = waits_for_the_door(present=present).rings("detect", "detect", "detect")
    assert isinstance(person.step, at.Faulted)
    person.acts("have")
    assert bool(person.told(f.Collected)) is asked
    if asked:
        assert person.told(f.Collected)[0].grade == "D"
        assert person.told(f.SensorSuspect)


def test_what_goes_while_the_fault_is_on_the_screen_is_asked_about() -> None:
    person = waits_for_the_door().rings("detect", "detect", "detect")
    person.hears(told.PresenceChanged(intent="boot.1.1", present=False)).acts("have")
    assert person.told(f.Collected)


def test_a_line_that_is_away_asks_nobody_whether_they_have_it() -> None:
    person = waits_for_the_door(present=None)
    person.hears(told.PulseFailed(intent=person.intent)).acts("have")
    assert not person.told(f.Collected)


# staff at a contact that reads open whatever the door does

CUT = {"door": "open", "present": None}


def takes_out_at_a_cut_contact(**spot: object) -> Person:
    person = Person().is_staff().acts("go", "takeout")
    person.hears(told.Listed(takeouts=(at.TakeOut(compartment=4, kind="recalled", handover=7),)))
    return person.acts("choose", "4").hears(told.Located(spot=a_spot(**{**CUT, **spot})))


def checks_at_a_cut_contact() -> Person:
    person = Person().is_staff().acts("go", "check")
    person.hears(told.Listed(checks=(at.ToCheck(compartment=4, reasons=(Block.DID_NOT_OPEN, Block.SENSOR_SUSPECT)),)))
    return person.acts("choose", "4").hears(told.Located(spot=a_spot(**CUT)))


def loads_at_a_cut_contact() -> Person:
    person = Person(tag_reader=False).is_staff().acts("go", "load").scans(written(Kind.LABEL, "LABELABE"))
    return person.hears(told.ThingFound(thing=a_thing(), by_tag=False)).hears(told.Placed(spot=a_spot(**CUT)))


@pytest.mark.parametrize("there", [takes_out_at_a_cut_contact, checks_at_a_cut_contact, loads_at_a_cut_contact])
def test_staff_is_shown_a_way_on_where_the_contact_reads_open_whatever_the_door_does(there) -> None:
    person = there()
    assert person.at(at.AtDoor)
    shown = str(fragment(person.state, LOOK))
    assert 'data-act="done"' in shown
    assert 'data-act="stuck"' in shown
    assert there().acts("stuck").told(f.OpenNotDetected)
    person.acts("done")
    assert not person.at(at.AtDoor)
    assert person.told(f.SensorSuspect) == [f.SensorSuspect(compartment=4, what="door")]
    assert person.told(f.CompartmentBlocked) == [f.CompartmentBlocked(compartment=4, reason=Block.SENSOR_SUSPECT)]
    assert person.timer("door") is None


@pytest.mark.parametrize("present", [None, True])
def test_what_staff_says_they_took_out_there_has_the_lowest_grade(present) -> None:
    person = takes_out_at_a_cut_contact(present=present)
    if present:
        person.hears(told.PresenceChanged(intent=person.intent, present=False))
    person.acts("done")
    assert not person.told(f.TakenOut)
    person.acts("confirm")
    assert [(one.handover, one.grade) for one in person.told(f.TakenOut)] == [(7, "D")]
    assert not person.told(f.DoorLeftOpen)
    assert not person.told(f.Disputed)


def test_what_a_sensor_still_sees_there_cannot_be_said_to_be_taken_out() -> None:
    assert not takes_out_at_a_cut_contact(present=True).acts("done").acts("confirm").told(f.TakenOut)


def test_what_staff_loads_there_has_the_lowest_grade() -> None:
    person = loads_at_a_cut_contact().acts("done").acts("confirm")
    assert [(one.handover, one.grade) for one in person.told(f.Loaded)] == [(7, "D")]


@pytest.mark.parametrize(("present", "undone"), [(None, 0), (False, 1), (True, 0)])
def test_what_is_taken_out_again_there_is_asked_as_ever(present, undone) -> None:
    person = loads_at_a_cut_contact().acts("done").acts("confirm").acts("undo")
    assert person.at(at.AtDoor)
    person.hears(told.PresenceChanged(intent=person.intent, present=present)).acts("done")
    assert len(person.told(f.LoadUndone)) == undone
    assert person.at({None: at.TakeoutConfirm, False: at.LoadScan, True: at.LoadConfirm}[present])


def test_a_compartment_with_such_a_contact_stays_out_of_use_when_staff_looked_into_it() -> None:
    person = checks_at_a_cut_contact().acts("done").acts("confirm")
    assert person.told(f.SeenEmpty)
    assert [one.reason for one in person.told(f.CompartmentReleased)] == [Block.DID_NOT_OPEN]


def test_such_a_door_is_opened_once_more_without_waiting_for_a_contact_that_never_moves() -> None:
    person = takes_out_at_a_cut_contact().acts("done").acts("again")
    assert person.at(at.AtDoor)
    person.acts("done").acts("confirm")
    assert [one.grade for one in person.told(f.TakenOut)] == ["D"]


def test_a_door_that_did_stand_open_and_is_shut_is_believed() -> None:
    person = takes_out_at_a_cut_contact(present=True).door_shuts(present=False).acts("confirm")
    assert person.told(f.TakenOut)[0].grade == "C"
    assert not person.told(f.SensorSuspect)


def test_a_resident_says_that_they_have_it_and_never_that_the_door_is_shut() -> None:
    person = waits_for_the_door(door="open")
    assert person.acts("done").at(at.AtDoor)
    assert 'data-act="done"' not in str(fragment(person.state, LOOK))


# taking out again what was just loaded, at a wall without eyes


def undoes(present: bool | None, *, confirmed: bool = True) -> Person:
    person = Person(tag_reader=False).is_staff().acts("go", "load").scans(written(Kind.LABEL, "LABELABE"))
    person.hears(told.ThingFound(thing=a_thing(), by_tag=False)).hears(told.Placed(spot=a_spot(present=None)))
    person.door_opens().door_shuts(present=None)
    if confirmed:
        person.acts("confirm")
    return person.acts("undo").door_opens().door_shuts(present=present)


def test_taken_out_again_without_eyes_is_asked_and_not_believed() -> None:
    person = undoes(None)
    assert person.at(at.TakeoutConfirm)
    assert not person.told(f.LoadUndone)
    person.acts("confirm")
    assert [one.handover for one in person.told(f.LoadUndone)] == [7]
    assert not person.told(f.TakenOut)
    assert person.at(at.LoadScan)


def test_taken_out_again_without_eyes_before_it_was_confirmed_leaves_it_empty() -> None:
    person = undoes(None, confirmed=False).acts("confirm")
    assert person.told(f.SeenEmpty) == [f.SeenEmpty(compartment=4, staff=CLEO.account)]
    assert not person.told(f.LoadUndone)


def test_who_goes_away_from_that_question_leaves_it_to_people() -> None:
    person = undoes(None).acts("stop")
    assert [one.handover for one in person.told(f.Disputed)] == [7]
    assert not person.told(f.LoadUndone)


def test_the_same_door_can_be_opened_once_more_from_that_question() -> None:
    person = undoes(None).acts("again").door_opens().door_shuts(present=None).acts("confirm")
    assert person.told(f.LoadUndone)


def test_with_eyes_that_see_it_gone_nobody_is_asked() -> None:
    person = undoes(False)
    assert person.at(at.LoadScan)
    assert person.told(f.LoadUndone)


# a second person


def at_takeouts() -> Person:
    return Person().is_staff().acts("go", "takeout")


def at_takeout_confirm() -> Person:
    person = at_takeouts().hears(told.Listed(takeouts=(at.TakeOut(compartment=4, kind="found"),)))
    return person.acts("choose", "4").hears(told.Located(spot=a_spot())).door_opens().door_shuts(present=False)


def at_load_confirm() -> Person:
    person = Person(tag_reader=False).is_staff().acts("go", "load").scans(written(Kind.LABEL, "LABELABE"))
    person.hears(told.ThingFound(thing=a_thing(), by_tag=False)).hears(told.Placed(spot=a_spot()))
    return person.door_opens().door_shuts(present=True)


def at_checks() -> Person:
    return Person().is_staff().acts("go", "check")


def at_a_fault() -> Person:
    return waits_for_the_door().rings("detect", "detect", "detect")


def at_not_taken() -> Person:
    return waits_for_the_door().door_opens().door_shuts(present=True)


def at_checking() -> Person:
    return Person().starts().asks_for_a_pin()


def at_loading() -> Person:
    return Person().is_staff().acts("go", "load")


def at_the_menu() -> Person:
    return Person().is_staff()


@pytest.mark.parametrize(
    "there",
    [
        at_takeouts,
        at_takeout_confirm,
        at_load_confirm,
        at_checks,
        at_a_fault,
        at_not_taken,
        at_checking,
        at_loading,
        at_the_menu,
    ],
)
def test_somebody_elses_code_in_the_middle_of_a_session_is_told_to_wait_and_recorded_once(there) -> None:
    person = there()
    where, before = person.step, len(person.told(f.CodeRefused))
    person.scans(qr_text(482)).scans(qr_text(482))
    assert person.step == where
    assert person.state.busy
    refused = f.CodeRefused(session="boot.1", channel="qr", why=Why.SESSION_BUSY)
    assert person.told(f.CodeRefused)[before:] == [refused]
    assert not [one for one in person.done if isinstance(one, do.CheckQr)]


# staff's rights


def test_a_wall_that_was_stopped_is_released_by_service_alone() -> None:
    clerk = at.Staff(account="staff-kim", shown_as="Kim", rights=("load", "take_back", "inspect"))
    person = at_checks()
    person.state = replace(person.state, staff=clerk)
    person.hears(told.Listed(checks=(CHECK,))).acts("choose", "4")
    assert isinstance(person.step, at.Refused)
    assert person.step.why is Why.NEEDS_SERVICE
    person.acts("next").acts("go", "check").hears(told.Listed(checks=(CHECK,))).acts("choose", "4").acts("confirm")
    assert not person.told(f.CompartmentReleased)


def test_service_releases_a_wall_that_was_stopped() -> None:
    person = at_checks().hears(told.Listed(checks=(CHECK,))).acts("choose", "4").acts("confirm")
    assert [one.reason for one in person.told(f.CompartmentReleased)] == [Block.MAPPING_FAULT]


# an answer that never comes


def test_a_check_that_never_ends_becomes_a_fault_with_a_case_number() -> None:
    person = at_checking()
    assert person.timer("idle") is not None
    person.rings("idle")
    assert isinstance(person.step, at.Faulted)
    assert person.step.trouble == "not-checked"
    assert person.told(f.CaseOpened)
    assert not person.told(f.CodeRefused)


def test_a_code_at_the_thanks_begins_nothing_when_nothing_can_be_written_down() -> None:
    person = waits_for_the_door().door_opens().door_shuts(present=False)
    assert person.at(at.Thanks)
    person.hears(told.ServiceChanged(service="store-full")).scans(qr_text(5))
    assert person.at(at.Attract)
    assert person.state.session is None
    assert [one.how for one in person.told(f.SessionClosed)] == ["done"]
    assert len(person.told(f.SessionOpened)) == 1
