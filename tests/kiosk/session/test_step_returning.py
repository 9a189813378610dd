"""Bringing back, step by step."""

from __future__ import annotations

import pytest

from onthaal.core import facts as f
from onthaal.core.refusals import Why
from onthaal.kiosk.screen.view import fragment
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from onthaal.words import words
from tests.kiosk.screen.gallery import LOOK
from tests.kiosk.session.person import OTHER_TAG, TAG, Person, a_spot, a_tagged_thing, a_thing

FREE = a_spot(compartment=6, present=False)
LIBRARY = "30751FEB705C5904E3D50D70"


def brings_back() -> Person:
    return Person().starts().acts("go", "return")


def by_tag(thing=None) -> Person:
    person = brings_back().holds(TAG)
    person.hears(told.ThingFound(thing=thing or a_tagged_thing(back=True), by_tag=True))
    return person.hears(told.Placed(spot=FREE))


def by_code(**changed) -> Person:
    """A code of a thing whose tag is known: the tag is asked for."""
    return Person().starts().asks_for_a_pin().hears_yes(thing=a_tagged_thing(back=True, **changed))


def test_a_tag_on_loan_opens_a_free_compartment_and_the_thing_is_back() -> None:
    person = by_tag()
    assert person.last(do.Open).intent.purpose == "return"
    person.door_opens().door_shuts(True)
    assert person.told(f.Returned) == [
        f.Returned(compartment=6, session="boot.1", grade="B", handover=7, item=3, tag=TAG)
    ]
    assert person.step.what == "returned"


def test_without_a_presence_sensor_the_evidence_is_one_grade_lower() -> None:
    assert by_tag().door_opens().door_shuts(None).told(f.Returned)[0].grade == "C"


def test_a_return_that_nobody_planned_here_is_never_refused() -> None:
    person = by_tag(a_tagged_thing(back=True, handover=None)).door_opens().door_shuts(True)
    assert person.told(f.Returned)[0].handover is None


def test_a_tag_at_home_or_at_the_welcome_opens_nothing() -> None:
    person = Person().holds(TAG).starts().holds(TAG)
    assert not [one for one in person.done if isinstance(one, do.FindReturn)]


def test_a_tag_that_lies_there_is_asked_about_once() -> None:
    person = brings_back().holds(TAG)
    person.hears(told.Denied(session="boot.1", channel="tag", why=Why.TAG_UNKNOWN))
    for _ in range(5):
        person.holds(TAG)
    assert len([one for one in person.done if isinstance(one, do.FindReturn)]) == 1
    assert person.at(at.Refused)
    person.acts("next").holds(TAG)
    assert len([one for one in person.done if isinstance(one, do.FindReturn)]) == 2


def test_a_foreign_tag_is_refused_and_on_record() -> None:
    person = brings_back().holds(OTHER_TAG)
    person.hears(told.Denied(session="boot.1", channel="tag", why=Why.TAG_NOT_ON_LOAN))
    assert person.told(f.CodeRefused) == [f.CodeRefused(session="boot.1", channel="tag", why="tag-not-on-loan")]
    assert not [one for one in person.done if isinstance(one, do.Open)]


def test_nothing_put_in_opens_the_same_door_once_more_with_an_explanation() -> None:
    person = by_tag().door_opens().door_shuts(False)
    assert person.last(do.Open).intent.intent == "boot.1.2"
    assert person.step.job.why_again == "nothing"
    person.door_opens().door_shuts(False)
    assert person.step.what == "not-returned"
    assert person.told(f.SeenEmpty) == [f.SeenEmpty(compartment=6)]
    assert not person.told(f.Returned)


def test_a_wrong_thing_that_was_not_put_in_is_explained_as_nothing_too() -> None:
    person = by_code()
    for _ in range(2):
        person.holds(OTHER_TAG).hears(told.Denied(session="boot.1", channel="tag", why=Why.TAG_UNKNOWN)).acts("next")
    person.hears(told.Placed(spot=FREE)).door_opens()
    assert words("kiosk.return-put.found", "nl") in str(fragment(person.state, LOOK))
    person.door_shuts(False).door_opens()
    assert words("kiosk.return-put.nothing", "nl") in str(fragment(person.state, LOOK))


def test_put_in_at_the_second_opening_counts() -> None:
    assert by_tag().door_opens().door_shuts(False).door_opens().door_shuts(True).told(f.Returned)


def test_another_thing_at_the_open_door_opens_it_once_more_and_then_is_kept_apart() -> None:
    person = by_tag().door_opens().holds(OTHER_TAG).door_shuts(True)
    assert person.step.job.why_again == "wrong"
    person.door_opens().holds(OTHER_TAG).door_shuts(True)
    assert person.told(f.FoundItem) == [f.FoundItem(compartment=6, session="boot.1", expected=7, tag=OTHER_TAG)]
    assert not person.told(f.Returned)


def test_the_right_thing_after_the_explanation_counts() -> None:
    person = by_tag().door_opens().holds(OTHER_TAG).door_shuts(True).door_opens().holds(TAG).door_shuts(True)
    assert person.told(f.Returned)[0].grade == "B"


def test_a_strangers_tag_beside_the_right_one_counts_for_nothing() -> None:
    """A library book in the same bag, before or after the thing was seen again."""
    person = by_tag().door_opens().holds(LIBRARY, ours=False).holds(TAG).holds(LIBRARY, ours=False).door_shuts(True)
    assert person.told(f.Returned)[0].grade == "B"
    assert not person.told(f.FoundItem)


def test_a_known_other_thing_beside_the_right_one_is_another_thing() -> None:
    person = by_tag().door_opens().holds(OTHER_TAG).holds(LIBRARY, ours=False).door_shuts(True)
    assert person.step.job.why_again == "wrong"


def test_a_strangers_tag_where_the_right_one_was_never_seen_is_another_thing() -> None:
    person = by_code().acts("no-tag").hears(told.Placed(spot=FREE)).door_opens().holds(LIBRARY, ours=False)
    assert person.door_shuts(True).step.job.why_again == "wrong"
    person.door_opens().holds(LIBRARY, ours=False).door_shuts(True)
    assert person.told(f.FoundItem)[0].tag == LIBRARY


def test_after_another_thing_the_right_tag_must_be_seen_again() -> None:
    person = by_tag().door_opens().holds(OTHER_TAG).door_shuts(True).door_opens()
    person.holds(LIBRARY, ours=False).door_shuts(True)
    assert person.told(f.FoundItem)[0].tag == OTHER_TAG
    assert not person.told(f.Returned)


@pytest.mark.parametrize("present", [True, None])
def test_another_thing_that_is_left_in_ends_no_loan(present) -> None:
    """The door opens once more, and is just shut again."""
    person = by_tag().door_opens().holds(OTHER_TAG).door_shuts(present).door_opens().door_shuts(present)
    assert not person.told(f.Returned)
    assert person.told(f.FoundItem) == [f.FoundItem(compartment=6, session="boot.1", expected=7, tag=OTHER_TAG)]
    assert person.step.what == "found"


def test_another_thing_that_was_taken_out_again_is_no_return_and_no_found_thing() -> None:
    person = by_tag().door_opens().holds(OTHER_TAG).door_shuts(True).door_opens().door_shuts(False)
    assert person.step.what == "not-returned"
    assert not [*person.told(f.Returned), *person.told(f.FoundItem)]


def test_a_thing_whose_tag_cannot_be_read_counts_at_the_second_opening_too() -> None:
    """Nothing wrong was seen: nothing is held against it."""
    person = by_code().acts("no-tag").hears(told.Placed(spot=FREE)).door_opens().door_shuts(False)
    assert person.door_opens().door_shuts(True).told(f.Returned)


def test_what_was_told_to_be_another_thing_keeps_its_tag_when_the_door_opens_once_more() -> None:
    person = by_code()
    no = told.Denied(session="boot.1", channel="tag", why=Why.TAG_UNKNOWN)
    person.holds(OTHER_TAG).hears(no).acts("next").holds(OTHER_TAG).hears(no).hears(told.Placed(spot=FREE))
    person.door_opens().door_shuts(False).door_opens().door_shuts(True)
    assert person.told(f.FoundItem)[0].tag == OTHER_TAG


def test_a_code_of_a_tagged_thing_asks_for_its_tag() -> None:
    person = by_code()
    assert person.told(f.CodeAccepted)
    assert person.at(at.ReturnPresent)
    person.holds(TAG).hears(told.Placed(spot=FREE)).door_opens().door_shuts(True)
    assert person.told(f.Returned)[0].grade == "B"


def test_a_tag_that_cannot_be_read_is_no_reason_to_refuse() -> None:
    person = by_code().acts("no-tag").hears(told.Placed(spot=FREE)).door_opens().door_shuts(True)
    returned = person.told(f.Returned)[0]
    assert (returned.grade, returned.tag) == ("C", None)


def test_a_wrong_tag_is_explained_once_and_then_taken_as_a_found_item() -> None:
    person = by_code().holds(OTHER_TAG)
    no = told.Denied(session="boot.1", channel="tag", why=Why.TAG_UNKNOWN)
    person.hears(no)
    assert person.step.why is Why.WRONG_ITEM
    person.acts("next").holds(OTHER_TAG).hears(no).hears(told.Placed(spot=FREE)).door_opens().door_shuts(True)
    assert person.told(f.FoundItem) == [f.FoundItem(compartment=6, session="boot.1", expected=7, tag=OTHER_TAG)]
    assert not person.told(f.Returned)


def test_another_loan_at_the_reader_comes_back_as_itself() -> None:
    other = a_tagged_thing(back=True, handover=8, item=4)
    person = by_code().holds(OTHER_TAG).hears(told.ThingFound(thing=other, by_tag=True))
    person.hears(told.Placed(spot=FREE)).door_opens().door_shuts(True)
    assert person.told(f.Returned)[0].handover == 8


def test_where_no_tag_can_be_read_the_code_and_the_intent_are_one_append() -> None:
    person = Person(tag_reader=False).starts().asks_for_a_pin().hears_yes(thing=a_thing(back=True))
    person.hears(told.Placed(spot=FREE))
    assert [type(one) for one in person.last(do.Open).first] == [f.CodeAccepted]


def test_no_free_compartment_is_said_and_the_code_is_on_record() -> None:
    person = Person(tag_reader=False).starts().asks_for_a_pin().hears_yes(thing=a_thing(back=True))
    person.hears(told.NoPlace(why=Why.NO_COMPARTMENT_FREE))
    assert person.at(at.Refused)
    assert person.told(f.CodeAccepted)


def test_a_door_that_does_not_open_offers_another_compartment() -> None:
    person = by_tag().rings("detect", "detect", "detect")
    assert person.at(at.Faulted)
    person.acts("again").hears(told.Placed(spot=a_spot(compartment=7, present=False))).door_opens().door_shuts(True)
    assert person.told(f.Returned)[0].compartment == 7


@pytest.mark.parametrize(
    ("present", "handover", "kind"),
    [(True, 7, f.Disputed), (None, 7, f.Disputed), (True, None, f.UnexpectedContent)],
)
def test_a_return_left_open_is_for_people_to_look_at(present, handover, kind) -> None:
    person = by_tag(a_tagged_thing(back=True, handover=handover)).door_opens()
    person.hears(told.PresenceChanged(intent=person.intent, present=present)).rings("door", "door", "door")
    assert person.told(kind)
    assert not person.told(f.Returned)


def test_nothing_put_in_and_left_open_moves_nothing() -> None:
    person = by_tag().door_opens()
    person.hears(told.PresenceChanged(intent=person.intent, present=False)).rings("door", "door", "door")
    assert not person.told(f.Disputed)
    assert person.told(f.DoorLeftOpen)
