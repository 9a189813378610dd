"""Staff at the wall, step by step."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Why
from onthaal.kiosk.screen.view import fragment
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from onthaal.words import words
from tests.kiosk.screen.gallery import LOOK
from tests.kiosk.session.person import CLEO, OTHER_TAG, TAG, Person, a_spot, a_tagged_thing, a_thing

FREE = a_spot(compartment=6, present=False)
LABEL = written(Kind.LABEL, "LABELABE")


def loads(thing=None, present: bool | None = True) -> Person:
    """Label scanned, put in, shut."""
    person = Person().is_staff().acts("go", "load").scans(LABEL)
    person.hears(told.ThingFound(thing=thing or a_thing(), by_tag=False)).hears(told.Placed(spot=FREE))
    return person.door_opens().door_shuts(present)


def takes_out(**changed) -> Person:
    entry = replace(at.TakeOut(compartment=4, kind="recalled", handover=7), **changed)
    person = Person().is_staff().acts("go", "takeout").hears(told.Listed(takeouts=(entry,)))
    return person.acts("choose", "4").hears(told.Located(spot=a_spot()))


def looks_into(*reasons: str, sealed: bool = False) -> Person:
    entry = at.ToCheck(compartment=4, reasons=reasons, sealed=sealed)
    return Person().is_staff().acts("go", "check").hears(told.Listed(checks=(entry,))).acts("choose", "4")


def test_the_badge_of_a_colleague_is_no_unknown_label_but_somebody_who_waits() -> None:
    for person in (Person().is_staff(), Person().is_staff().acts("go", "load")):
        before = person.step
        person.scans(written(Kind.BADGE, "COLLEAGUECOLLEAG"))
        assert person.state.busy
        assert person.step == before
        assert [one.why for one in person.told(f.CodeRefused)] == [Why.SESSION_BUSY]


def test_what_still_lies_there_is_left_there_and_not_denied() -> None:
    person = looks_into().hears(told.Located(spot=a_spot(present=None))).door_opens().door_shuts(True)
    shown = str(fragment(person.state, LOOK))
    assert words("kiosk.takeout-confirm.leave", "nl") in shown
    assert words("kiosk.check-confirm.no", "nl") not in shown


def test_badge_and_own_pin_lead_to_the_menu() -> None:
    person = Person().is_staff()
    assert person.at(at.StaffMenu)
    assert person.told(f.StaffIdentified) == [f.StaffIdentified(session="boot.1", staff="staff-cleo")]
    assert person.last(do.CheckStaffPin).pin == "314159"


def test_a_wrong_staff_pin_counts_for_its_badge_and_can_be_typed_again() -> None:
    person = Person().starts().scans(written(Kind.BADGE, "CLEOCLEOCLEOCLEO"))
    person.hears(told.BadgeKnown(badge="staff-cleo", shown_as="Cleo")).types("000000").acts("enter")
    person.hears(
        told.Denied(session="boot.1", channel="badge", why=Why.STAFF_PIN_WRONG, counts=True, staff="staff-cleo")
    )
    assert person.told(f.CodeRefused)[0].staff == "staff-cleo"
    assert person.step == at.StaffPin(badge="staff-cleo", shown_as="Cleo", note=Why.STAFF_PIN_WRONG)


def test_a_badge_in_a_residents_session_is_refused_while_the_door_is_open() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens()
    person.scans(written(Kind.BADGE, "CLEOCLEOCLEOCLEO"))
    assert not [one for one in person.done if isinstance(one, do.CheckBadge)]
    assert person.state.busy


@pytest.mark.parametrize(("rights", "line"), [((), "load"), (("load",), "takeout"), (("inspect",), "check")])
def test_a_line_without_its_right_does_nothing(rights, line) -> None:
    person = Person().is_staff()
    person.state = replace(person.state, staff=replace(CLEO, rights=rights))
    assert person.acts("go", line).at(at.StaffMenu)


@pytest.mark.parametrize(("present", "grade"), [(True, "C"), (None, "D")])
def test_a_thing_is_loaded_only_when_staff_confirms(present, grade) -> None:
    person = loads(present=present)
    assert not person.told(f.Loaded)
    person.acts("confirm")
    assert person.told(f.Loaded) == [
        f.Loaded(handover=7, compartment=6, staff="staff-cleo", session="boot.1", grade=grade, item=3)
    ]
    assert person.step.last.loaded


def test_a_label_of_a_tagged_thing_asks_for_the_tag() -> None:
    person = Person().is_staff().acts("go", "load").scans(LABEL)
    person.hears(told.ThingFound(thing=a_tagged_thing(), by_tag=False))
    assert person.step.wanted is not None
    person.holds(OTHER_TAG)
    assert person.step.note is Why.WRONG_ITEM
    person.holds(TAG).hears(told.Placed(spot=FREE)).door_opens().door_shuts(True).acts("confirm")
    assert person.told(f.Loaded)[0].grade == "B"


def test_a_tag_alone_loads_too() -> None:
    person = Person().is_staff().acts("go", "load").holds(TAG)
    person.hears(told.ThingFound(thing=a_tagged_thing(), by_tag=True)).hears(told.Placed(spot=FREE))
    assert person.door_opens().door_shuts(True).acts("confirm").told(f.Loaded)[0].grade == "B"


def waits_beside(*tags: str, seconds: int, every: int = 1) -> Person:
    """Staff walks off at *load*; these tags, which nobody is to load, are told of every so many seconds."""
    person = Person().is_staff().acts("go", "load")
    rings: dict[told.Rang, float] = {}
    seen = 0
    for second in range(seconds):
        for tag in tags if second % every == 0 else ():
            person.holds(tag)
            if isinstance(person.step, at.Checking):
                person.hears(told.ThingUnknown(why=Why.NOTHING_TO_LOAD))
        for one in person.done[seen:]:
            if isinstance(one, do.Wake):
                rings[told.Rang(timer=one.timer, tag=one.tag)] = second + (one.seconds or float("inf"))
        seen = len(person.done)
        for ring in [one for one, when in rings.items() if when <= second]:
            del rings[ring]
            person.hears(ring)
    return person


@pytest.mark.parametrize("every", [1, 5, 25])
@pytest.mark.parametrize("tags", [(TAG,), (TAG, OTHER_TAG)])
def test_tags_that_lie_before_the_reader_or_come_and_go_keep_nobody_signed_in(tags, every) -> None:
    assert waits_beside(*tags, seconds=60, every=every).at(at.LoadScan)
    person = waits_beside(*tags, seconds=150, every=every)
    assert person.at(at.Attract)
    assert person.state.staff is None
    assert len([one for one in person.done if isinstance(one, do.FindLoadTag)]) == len(tags)


def test_a_tag_that_was_taken_away_is_asked_about_again_while_another_lies_there() -> None:
    person = Person().is_staff().acts("go", "load")
    for tag in (TAG, OTHER_TAG):
        person.holds(tag).hears(told.ThingUnknown(why=Why.NOTHING_TO_LOAD))
    person.hears(told.Rang(timer="tag", tag=TAG)).holds(OTHER_TAG).acts("lang", "fr").holds(OTHER_TAG).holds(TAG)
    asked = [one.tag for one in person.done if isinstance(one, do.FindLoadTag)]
    assert asked == [TAG, OTHER_TAG, TAG]


def test_a_label_of_ours_that_is_not_to_be_loaded_is_said() -> None:
    person = Person().is_staff().acts("go", "load").scans(LABEL).hears(told.ThingUnknown(why=Why.NOTHING_TO_LOAD))
    assert person.step.note is Why.NOTHING_TO_LOAD


def test_a_residents_code_is_no_label() -> None:
    person = Person().is_staff().acts("go", "load").scans("GZ1:ABCDEFGHIJKLMNOPA")
    assert person.step.note is Why.LABEL_UNKNOWN


def test_undo_before_confirming_says_that_it_is_empty() -> None:
    person = loads().acts("undo").door_opens().door_shuts(False)
    assert person.told(f.SeenEmpty) == [f.SeenEmpty(compartment=6, staff="staff-cleo")]
    assert not person.told(f.LoadUndone)
    assert person.at(at.LoadScan)


def test_undo_after_confirming_is_an_undone_load() -> None:
    person = loads().acts("confirm").acts("undo").door_opens().door_shuts(False)
    assert person.told(f.LoadUndone) == [f.LoadUndone(handover=7, compartment=6, staff="staff-cleo", session="boot.1")]


def test_undo_that_leaves_it_there_undoes_nothing() -> None:
    person = loads().acts("confirm").acts("undo").door_opens().door_shuts(True)
    assert not person.told(f.LoadUndone)
    assert person.at(at.LoadConfirm)
    assert not person.acts("confirm").told(f.Loaded)[1:]


def test_nothing_seen_cannot_be_confirmed() -> None:
    person = loads(present=False).acts("confirm")
    assert not person.told(f.Loaded)
    person.acts("deny")
    assert person.told(f.SeenEmpty)


@pytest.mark.parametrize(("present", "disputes"), [(True, 1), (None, 1), (False, 0)])
def test_walking_away_before_confirming_leaves_it_in_doubt(present, disputes) -> None:
    person = loads(present=present).rings("idle", "idle")
    assert person.at(at.Attract)
    assert len(person.told(f.Disputed)) == disputes
    assert not person.told(f.Loaded)


def test_loading_left_open_is_not_loaded() -> None:
    person = Person().is_staff().acts("go", "load").scans(LABEL)
    person.hears(told.ThingFound(thing=a_thing(), by_tag=False)).hears(told.Placed(spot=FREE)).door_opens()
    person.rings("door", "door", "door")
    assert person.told(f.DoorLeftOpen)
    assert not person.told(f.Loaded)


@pytest.mark.parametrize(("present", "grade"), [(False, "C"), (None, "D")])
def test_taken_out_when_staff_says_so(present, grade) -> None:
    person = takes_out().door_opens().door_shuts(present).acts("confirm")
    assert person.told(f.TakenOut) == [
        f.TakenOut(compartment=4, staff="staff-cleo", session="boot.1", grade=grade, handover=7)
    ]
    assert person.last(do.Open).intent.staff == "staff-cleo"


def test_what_still_lies_there_cannot_be_said_to_be_taken_out() -> None:
    person = takes_out().door_opens().door_shuts(True).acts("confirm")
    assert not person.told(f.TakenOut)
    person.acts("deny")
    assert person.told(f.NotTaken)


def test_taken_out_and_walked_away_is_on_record_by_the_sensor() -> None:
    assert takes_out().door_opens().door_shuts(False).rings("idle", "idle").told(f.TakenOut)


def test_taken_out_without_a_sensor_and_walked_away_is_in_doubt() -> None:
    assert takes_out().door_opens().door_shuts(None).rings("idle", "idle").told(f.Disputed)


def test_a_number_that_is_not_on_the_list_opens_nothing() -> None:
    person = Person().is_staff().acts("go", "takeout").hears(told.Listed(takeouts=())).acts("choose", "4")
    assert not [one for one in person.done if isinstance(one, do.Locate | do.Open)]


def test_a_compartment_is_empty_when_staff_looked_and_its_blocks_are_lifted() -> None:
    person = looks_into("left-open").hears(told.Located(spot=a_spot(present=None))).door_opens().door_shuts(None)
    person.acts("confirm")
    assert person.told(f.SeenEmpty) == [f.SeenEmpty(compartment=4, staff="staff-cleo")]
    assert person.told(f.CompartmentReleased) == [
        f.CompartmentReleased(compartment=4, reason="left-open", staff="staff-cleo")
    ]


def test_something_in_it_keeps_a_compartment_out_of_use() -> None:
    person = looks_into().hears(told.Located(spot=a_spot(present=None))).door_opens().door_shuts(True)
    assert not person.acts("confirm").told(f.SeenEmpty)
    assert person.acts("deny").told(f.UnexpectedContent) == [f.UnexpectedContent(compartment=4)]


def test_a_block_on_somebodys_compartment_is_lifted_without_opening_it() -> None:
    person = looks_into("did-not-open", sealed=True).acts("confirm")
    assert person.told(f.CompartmentReleased)[0].reason == "did-not-open"
    assert not [one for one in person.done if isinstance(one, do.Open)]


def test_a_list_shows_three_at_a_time_and_comes_round() -> None:
    entries = tuple(at.TakeOut(compartment=number, kind="recalled") for number in range(1, 8))
    person = Person().is_staff().acts("go", "takeout").hears(told.Listed(takeouts=entries))
    pages = [person.acts("more").step.page for _ in range(3)]
    assert pages == [1, 2, 0]


def test_back_from_every_staff_screen_leads_to_the_menu_and_stop_to_the_welcome() -> None:
    for line in ("load", "takeout", "check"):
        assert Person().is_staff().acts("go", line).acts("back").at(at.StaffMenu)
        assert Person().is_staff().acts("go", line).acts("stop").at(at.Attract)
