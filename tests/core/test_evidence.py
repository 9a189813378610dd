"""What doors and sensors showed, folded from the log."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onthaal.core import facts as f
from onthaal.core.evidence import Block, Compartment, Evidence
from onthaal.core.folding import FOLDS, after
from tests.core.test_protocol import built
from tests.kiosk.cast import as_facts


def folded(*bodies: f.Body) -> Evidence:
    evidence = Evidence.empty()
    for fact in as_facts(*bodies):
        evidence = after(evidence, fact)
    return evidence


def three(*bodies: f.Body) -> Compartment:
    """What is known of compartment 3 after these facts."""
    return folded(*bodies).compartment(3)


def intent(purpose: Any, handover: int | None = 5, name: str = "i") -> f.OpenIntended:
    return f.OpenIntended(intent=name, session="s", compartment=3, purpose=purpose, handover=handover)


EMPTY = f.SeenEmpty(compartment=3, staff="cleo")
OPENED = f.DoorOpened(compartment=3, intent="i")
SHUT = f.DoorShut(compartment=3, intent="i")
SHUT_ON_NOTHING = f.DoorShut(compartment=3, intent="i", present=False)
SHUT_ON_SOMETHING = f.DoorShut(compartment=3, intent="i", present=True)
LOADED = f.Loaded(handover=5, compartment=3, staff="cleo", session="s", grade="C")
COLLECTED = f.Collected(handover=5, compartment=3, session="s", grade="C")


def test_a_compartment_nobody_looked_into_is_unknown() -> None:
    assert three().content == "unknown"
    assert three(f.DoorShut(compartment=3)).content == "unknown"


@pytest.mark.parametrize("seen", [EMPTY, f.SeenEmpty(compartment=3), SHUT_ON_NOTHING])
def test_a_sensor_or_a_staff_member_proves_it_empty(seen: f.Body) -> None:
    assert three(seen).content == "empty"


@pytest.mark.parametrize(
    "then",
    [
        intent("load"),
        f.DoorOpened(compartment=3),
        f.OpenedWithoutCommand(compartment=3),
        f.DoorLeftOpen(compartment=3),
        f.UnexpectedContent(compartment=3),
        f.DoorShut(compartment=3, present=True),
        f.WrongDoor(pulsed=1, moved=3),
        f.WrongDoor(pulsed=3, moved=1),
        f.BusRestored(bus="main", changed=(3,)),
        f.SensorSuspect(compartment=3, what="presence"),
    ],
    ids=lambda body: type(body).__name__,
)
def test_promise_4_whatever_may_have_let_something_in_ends_the_proof(then: f.Body) -> None:
    assert three(EMPTY, then).content == "unknown"


@pytest.mark.parametrize(
    "then", [f.Started(software="1", clean=False), f.BusSilent(bus="main", compartments=(3,))], ids=["restart", "bus"]
)
def test_promise_4_a_door_nobody_watched_is_unknown_not_closed(then: f.Body) -> None:
    assert three(EMPTY, SHUT_ON_NOTHING, then).door == "unknown"


def test_a_loaded_thing_is_its_handovers_until_it_was_taken() -> None:
    assert three(EMPTY, intent("load"), OPENED, SHUT_ON_SOMETHING, LOADED) == Compartment(
        door="closed", content="holds", handover=5, present=True, session="s"
    )


@pytest.mark.parametrize(
    "then",
    [
        f.Started(software="1", clean=False),
        f.BusSilent(bus="main", compartments=(3,)),
        intent("collect"),
        f.DoorOpened(compartment=3),
        f.OpenedWithoutCommand(compartment=3),
        SHUT_ON_NOTHING,
        f.SeenEmpty(compartment=3),
        f.NotTaken(handover=5, compartment=3, session="s"),
        f.Disputed(handover=5, compartment=3, why="forced"),
        f.Disputed(handover=5, compartment=None, why="forced"),
        f.Disputed(handover=6, compartment=3, why="forced"),
        f.Collected(handover=6, compartment=3, session="s", grade="D"),
        f.TakenOut(compartment=3, staff="cleo", session="s", grade="D", handover=6),
        f.DoorLeftOpen(compartment=3),
    ],
    ids=lambda body: type(body).__name__,
)
def test_promise_2_no_flicker_restart_or_doubt_takes_a_thing_out_of_the_books(then: f.Body) -> None:
    assert three(LOADED, then).handover == 5


def test_promise_2_a_loading_that_was_cut_off_keeps_its_compartment_for_whose_thing_may_lie_there() -> None:
    cut_off = f.Disputed(handover=5, compartment=3, why="loading-unfinished")
    assert three(EMPTY, intent("load"), OPENED, SHUT_ON_SOMETHING, cut_off).handover == 5


def test_what_the_sensor_saw_taken_leaves_an_empty_compartment() -> None:
    taken = three(LOADED, intent("collect"), OPENED, SHUT_ON_NOTHING, COLLECTED)
    assert (taken.content, taken.handover) == ("empty", None)


def test_promise_4_without_a_sensor_somebody_must_look_after_each_collection() -> None:
    taken = three(LOADED, intent("collect"), OPENED, SHUT, COLLECTED)
    assert (taken.content, taken.handover) == ("unknown", None)
    assert three(LOADED, intent("collect"), OPENED, SHUT, COLLECTED, EMPTY).content == "empty"


def test_what_was_collected_with_the_door_left_open_is_empty_once_shut_and_seen() -> None:
    left = (LOADED, intent("collect"), OPENED, COLLECTED, f.DoorLeftOpen(compartment=3, intent="i"))
    assert three(*left).content == "unknown"
    assert three(*left).blocked == {Block.LEFT_OPEN}
    shut = three(*left, SHUT_ON_NOTHING)
    assert (shut.content, shut.blocked) == ("empty", frozenset())


@pytest.mark.parametrize(
    "out",
    [
        f.TakenOut(compartment=3, staff="cleo", session="s", grade="D", handover=5),
        f.LoadUndone(handover=5, compartment=3, staff="cleo", session="s"),
    ],
)
def test_what_staff_took_out_is_out_unless_the_sensor_still_sees_something(out: f.Body) -> None:
    assert three(LOADED, OPENED, SHUT, out).content == "empty"
    assert three(LOADED, OPENED, SHUT_ON_SOMETHING, out).content == "unknown"


def test_an_item_without_a_handover_here_holds_its_compartment_too() -> None:
    returned = three(EMPTY, f.Returned(compartment=3, session="s", grade="B", item=9))
    found = three(EMPTY, f.FoundItem(compartment=3, session="s"))
    assert (returned.content, returned.thing) == ("holds", "returned")
    assert (found.content, found.thing) == ("holds", "found")


def test_a_thing_lies_in_one_place() -> None:
    evidence = folded(LOADED, f.Loaded(handover=5, compartment=4, staff="cleo", session="s", grade="C"))
    assert (evidence.holding(5), evidence.compartment(3).handover) == (4, None)
    assert evidence.compartment(3).content == "unknown"


def test_an_intent_waits_until_its_outcome_is_known() -> None:
    begun = folded(intent("collect"), f.Pulsed(intent="i", pulse=2), OPENED)
    one = begun.intents["i"]
    assert (one.pulses, one.opened, one.may_pulse_again) == (2, True, False)
    assert folded(intent("collect"), OPENED, SHUT_ON_NOTHING).intents["i"].present is False
    assert not folded(intent("collect"), OPENED, SHUT_ON_NOTHING, COLLECTED).intents


def test_promise_1_an_intent_is_pulsed_three_times_at_most_and_never_once_it_opened() -> None:
    assert folded(intent("collect")).intents["i"].may_pulse_again
    assert folded(intent("collect"), f.Pulsed(intent="i", pulse=2)).intents["i"].may_pulse_again
    assert not folded(intent("collect"), f.Pulsed(intent="i", pulse=3)).intents["i"].may_pulse_again
    assert not folded(intent("collect"), OPENED).intents["i"].may_pulse_again


def test_opening_once_more_remembers_that_it_was_open_before() -> None:
    again = folded(intent("collect"), OPENED, SHUT_ON_SOMETHING, intent("collect", name="j"))
    assert set(again.intents) == {"j"}
    assert again.intents["j"].ever_opened


def test_a_look_needs_no_outcome_but_a_hand_over_does_also_after_a_restart() -> None:
    assert not folded(intent("check", None), OPENED, SHUT).intents
    assert not folded(intent("check", None), f.Started(software="1", clean=False)).intents
    assert folded(intent("collect"), f.Started(software="1", clean=False)).intents


def test_a_door_that_did_not_open_is_blocked_until_it_opens() -> None:
    assert three(intent("collect"), f.OpenNotDetected(intent="i", compartment=3)).blocked == {Block.DID_NOT_OPEN}
    again = three(f.OpenNotDetected(intent="h", compartment=3), intent("collect"), OPENED)
    assert not again.blocked


MISSED = (LOADED, intent("collect"), f.OpenNotDetected(intent="i", compartment=3))


def test_a_door_that_opens_late_waits_for_an_outcome_again_and_its_lock_stays_to_be_looked_at() -> None:
    missed = folded(*MISSED)
    assert not missed.intents
    assert missed.may_open_late(3) == intent("collect")
    late = folded(*MISSED, OPENED)
    assert [one.ever_opened for one in late.intents_on(3)] == [True]
    assert late.compartment(3).blocked == {Block.DID_NOT_OPEN}
    assert late.compartment(3).handover == 5


@pytest.mark.parametrize(
    "then",
    [
        COLLECTED,
        f.Disputed(handover=5, compartment=3, why="forced"),
        intent("check", None, "j"),
        f.CompartmentReleased(compartment=3, reason=Block.DID_NOT_OPEN),
    ],
    ids=lambda body: type(body).__name__,
)
def test_what_became_of_a_pulse_that_showed_nothing_is_no_more_to_come(then: f.Body) -> None:
    late = folded(*MISSED, then).may_open_late(3)
    assert late is None or late.intent == "j"


def test_each_reason_is_lifted_by_itself() -> None:
    blocked = (f.CompartmentBlocked(compartment=3, reason="a"), f.CompartmentBlocked(compartment=3, reason="b"))
    assert three(*blocked, f.CompartmentReleased(compartment=3, reason="a")).blocked == {"b"}


def test_another_door_than_the_one_pulsed_stops_the_wall_until_both_are_released() -> None:
    wrong = f.WrongDoor(pulsed=3, moved=4)
    released = [f.CompartmentReleased(compartment=n, reason=Block.MAPPING_FAULT, staff="cleo") for n in (3, 4)]
    assert folded(wrong).mapping_fault
    assert folded(wrong, released[0]).mapping_fault
    assert not folded(wrong, *released).mapping_fault


NOT_SENT = f.PulseNotSent(intent="i", compartment=3)


@pytest.mark.parametrize("purpose", ["collect", "load", "return", "take_back", "remote"])
def test_an_intent_whose_pulse_was_never_sent_waits_for_no_outcome(purpose: Any) -> None:
    assert not folded(intent(purpose), NOT_SENT).intents


def test_what_was_empty_is_so_still_when_no_pulse_was_sent_and_nothing_happened_in_between() -> None:
    assert three(EMPTY, intent("load"), NOT_SENT).content == "empty"
    assert three(intent("load"), NOT_SENT).content == "unknown"
    assert three(EMPTY, intent("load"), f.BusRestored(bus="main", changed=(3,)), NOT_SENT).content == "unknown"


def test_a_pulse_that_was_not_sent_settles_nothing_that_was_opened_or_pulsed_before() -> None:
    assert "i" in folded(intent("load"), f.Pulsed(intent="i", pulse=2), NOT_SENT).intents
    assert "i" in folded(intent("load"), OPENED, NOT_SENT).intents
    again = f.PulseNotSent(intent="again", compartment=3)
    assert "again" in folded(intent("return"), OPENED, SHUT, intent("return", name="again"), again).intents


def test_the_session_that_was_cut_off_is_known_after_a_restart() -> None:
    opened = f.SessionOpened(session="s", language="nl")
    assert folded(opened, f.Started(software="1", clean=False)).session == "s"
    assert folded(opened, f.SessionClosed(session="s", how="done")).session is None


@settings(max_examples=60)
@given(st.lists(st.one_of([built(kind) for kind in get_args(f.Body)]), max_size=25))
def test_any_log_folds_and_a_checkpoint_in_the_middle_changes_nothing(bodies: list[f.Body]) -> None:
    evidence = Evidence.empty()
    for fact in as_facts(*bodies):
        kept = msgspec.json.decode(msgspec.json.encode(evidence), type=Evidence)
        assert kept == evidence
        evidence = after(kept, fact)
    assert evidence == folded(*bodies)
    assert evidence.number == len(bodies)


def test_every_fact_that_says_something_of_a_compartment_is_folded() -> None:
    silent = {f.CodeAccepted, f.CodeRefused, f.CaseOpened}
    speaking = {kind for kind in get_args(f.Body) if "compartment" in kind.__struct_fields__} - silent
    assert speaking <= set(FOLDS)
