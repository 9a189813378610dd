"""The kiosk's truth: the snapshot, its own later facts, and what its doors showed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from onthaal.core import facts as f
from onthaal.core.evidence import Evidence
from onthaal.core.facts import Fitted
from onthaal.core.folding import after
from onthaal.core.lifecycles import Direction, Stage
from onthaal.core.protocol import Loan, WishedBlock, WishedHandover, Wishes
from onthaal.core.refusals import Why
from onthaal.kiosk.truth import Denied, TakeOut, Truth
from tests.kiosk.cast import LABEL, MATERIAL, NOW, TAG, a_handover, all_closed, as_facts, fitted, waiting, wishes

WALL = fitted("S", "S", "M")
CLEO: Any = {"staff": "staff-cleo", "session": "s"}


def truth_of(snapshot: Wishes | None, *own: f.Body, wall: tuple[Fitted, ...] = WALL) -> Truth:
    """The truth at a wall whose whole log is `own`."""
    log = as_facts(*own)
    evidence = Evidence.empty()
    for fact in log:
        evidence = after(evidence, fact)
    heard = snapshot.heard_up_to if snapshot and snapshot.log == "log" else 0
    return Truth(snapshot, evidence, log[heard:], wall)


def loaded(handover: int, compartment: int) -> f.Loaded:
    return f.Loaded(handover=handover, compartment=compartment, grade="C", **CLEO)


def collected(handover: int, compartment: int) -> f.Collected:
    return f.Collected(handover=handover, compartment=compartment, session="s", grade="C")


def taken_out(handover: int | None, compartment: int) -> f.TakenOut:
    return f.TakenOut(handover=handover, compartment=compartment, grade="D", **CLEO)


def back(id_: int, **changed: Any) -> WishedHandover:
    return a_handover(id_, direction=Direction.BACK, product=MATERIAL, item=9, tag=TAG, **changed)


def stands(truth: Truth, handover: int) -> tuple[Stage, int | None]:
    known = truth.handover(handover)
    assert known is not None
    return known.stage, known.compartment


def test_a_kiosk_without_wishes_knows_nothing_and_opens_nothing() -> None:
    truth = truth_of(None)
    assert truth.live() == ()
    assert isinstance(truth.for_label(LABEL), Denied)
    assert truth.pulse_allowed(1, "collect", 5) is not None


def test_own_facts_move_the_snapshot_on() -> None:
    plans = wishes(a_handover(5), back(6))
    assert stands(truth_of(plans, loaded(5, 2)), 5) == (Stage.LOADED, 2)
    undone = f.LoadUndone(handover=5, compartment=2, **CLEO)
    assert stands(truth_of(plans, loaded(5, 2), undone), 5) == (Stage.PLANNED, None)
    assert stands(truth_of(plans, loaded(5, 2), collected(5, 2)), 5) == (Stage.COLLECTED, None)
    returned = f.Returned(handover=6, compartment=1, session="s", grade="B")
    assert stands(truth_of(plans, returned), 6) == (Stage.LOADED, 1)
    assert stands(truth_of(plans, returned, taken_out(6, 1)), 6) == (Stage.COLLECTED, None)
    disputed = f.Disputed(handover=5, compartment=None, why="forced")
    assert stands(truth_of(plans, loaded(5, 2), disputed), 5) == (Stage.DISPUTED, 2)


def test_a_snapshot_older_than_the_own_facts_never_brings_a_collected_thing_back() -> None:
    old = wishes(waiting(5, 2), heard_up_to=1)
    truth = truth_of(old, loaded(5, 2), collected(5, 2))
    assert stands(truth, 5) == (Stage.COLLECTED, None)
    assert truth.pulse_allowed(2, "collect", 5) is not None


def test_a_physical_fact_wins_over_a_recall_that_came_meanwhile() -> None:
    recalled = wishes(waiting(5, 2, stage=Stage.RECALLED))
    assert stands(truth_of(recalled, collected(5, 2)), 5) == (Stage.COLLECTED, None)
    assert stands(truth_of(wishes(waiting(5, 2)), taken_out(5, 2)), 5) == (Stage.TAKEN_BACK, None)


def test_a_snapshot_that_speaks_of_another_log_heard_nothing_of_this_one() -> None:
    replaced = wishes(waiting(5, 2), log="the old disk's", heard_up_to=4711)
    assert stands(truth_of(replaced, collected(5, 2)), 5) == (Stage.COLLECTED, None)


def test_what_the_centre_heard_is_the_centres_to_say() -> None:
    resolved = wishes(waiting(5, 2), heard_up_to=2)
    assert stands(truth_of(resolved, loaded(5, 2), collected(5, 2)), 5) == (Stage.WAITING, 2)


def test_facts_one_by_one_or_all_at_once_come_to_the_same() -> None:
    plans = wishes(a_handover(5), back(6))
    bodies = (f.SeenEmpty(compartment=1), loaded(5, 2), collected(5, 2))
    step_by_step = truth_of(plans).after(*as_facts(*bodies))
    assert (step_by_step.live(), step_by_step.evidence) == (
        truth_of(plans, *bodies).live(),
        truth_of(plans, *bodies).evidence,
    )


# loading


def test_a_label_names_what_to_load() -> None:
    plans = wishes(a_handover(5, label=LABEL), waiting(7, 2, label="OTHEROTH"))
    known = truth_of(plans).for_label(LABEL)
    assert not isinstance(known, Denied)
    assert known.id == 5
    assert truth_of(plans).for_label("NOTHINGS") == Denied(why=Why.LABEL_UNKNOWN)
    assert truth_of(plans).for_label("OTHEROTH") == Denied(why=Why.NOTHING_TO_LOAD)


def test_of_two_that_wait_for_an_item_the_earlier_goes_first() -> None:
    late = a_handover(5, product=MATERIAL, tag=TAG, item=9, starts_at=NOW + timedelta(days=9))
    soon = a_handover(6, product=MATERIAL, tag=TAG, item=9, starts_at=NOW + timedelta(days=2))
    whenever = a_handover(4, product=MATERIAL, tag=TAG, item=9)
    known = truth_of(wishes(late, soon, whenever)).for_tag_loading(TAG.lower())
    assert not isinstance(known, Denied)
    assert known.id == 6


def test_a_foreign_tag_and_one_that_nothing_waits_for_are_refused() -> None:
    plans = wishes(waiting(5, 2, product=MATERIAL, tag=TAG, item=9))
    assert truth_of(plans).for_tag_loading("00FF") == Denied(why=Why.TAG_UNKNOWN)
    assert truth_of(plans).for_tag_loading(TAG) == Denied(why=Why.NOTHING_TO_LOAD)


def test_a_place_is_empty_unblocked_and_nobody_elses() -> None:
    empty = [f.SeenEmpty(compartment=number) for number in (1, 2, 3)]
    plans = wishes(a_handover(5), waiting(7, 2), blocks=(WishedBlock(compartment=1, reason="paint"),))
    truth = truth_of(plans, *empty)
    known = truth.handover(5)
    assert known is not None
    assert truth.place(known, doors=all_closed(WALL)) == 3
    assert truth.place(known, doors={}) == Denied(why=Why.NO_COMPARTMENT_FREE)
    assert truth.blocked(1) == {"paint"}
    assert not truth.usable(1)
    assert not truth.usable(99)


# bringing back


LENT = Loan(item=9, tag=TAG, product=MATERIAL, handover=6)


def test_an_item_on_loan_is_known_by_its_tag() -> None:
    assert truth_of(wishes(back(6), loans=(LENT,))).for_tag_return(TAG.lower()) == LENT


def test_a_foreign_tag_is_refused_and_so_is_one_of_ours_that_is_not_on_loan() -> None:
    assert truth_of(wishes(back(6))).for_tag_return(TAG) == Denied(why=Why.TAG_NOT_ON_LOAN)
    assert truth_of(wishes()).for_tag_return(TAG) == Denied(why=Why.TAG_UNKNOWN)


def test_a_tag_is_known_when_its_thing_is_lent_or_planned_here() -> None:
    assert truth_of(wishes(loans=(LENT,))).knows_tag(TAG.lower())
    assert truth_of(wishes(back(6))).knows_tag(TAG.lower())
    assert not truth_of(wishes(back(6), loans=(LENT,))).knows_tag("00FF")


def test_what_was_collected_while_the_network_was_down_can_be_brought_back_while_it_is() -> None:
    plans = wishes(waiting(5, 2, product=MATERIAL, item=9, tag=TAG), back(6))
    assert truth_of(plans, collected(5, 2)).for_tag_return(TAG) == LENT


@pytest.mark.parametrize("first", [6, 8])
def test_what_was_just_collected_comes_back_as_that_loan_and_not_as_the_next(first: int) -> None:
    soon, later = NOW + timedelta(days=1), NOW + timedelta(days=8)
    days = {first: soon, 14 - first: later}
    lent = [
        one
        for number, day in sorted(days.items())
        for one in (
            a_handover(number - 1, product=MATERIAL, item=9, tag=TAG, starts_at=day),
            back(number, starts_at=day),
        )
    ]
    truth = truth_of(wishes(*lent), loaded(first - 1, 1), collected(first - 1, 1))
    loan = truth.for_tag_return(TAG)
    assert isinstance(loan, Loan)
    assert loan.handover == first


def test_what_was_just_collected_and_has_no_return_of_its_own_here_is_not_taken_for_the_next_loan() -> None:
    out = a_handover(5, product=MATERIAL, item=9, tag=TAG, starts_at=NOW)
    truth = truth_of(wishes(out, back(8, starts_at=NOW + timedelta(days=8))), loaded(5, 1), collected(5, 1))
    assert truth.for_tag_return(TAG) == Loan(item=9, tag=TAG, product=MATERIAL, handover=None)


def test_what_was_brought_back_is_on_loan_no_more() -> None:
    lent = wishes(back(6), loans=(LENT,))
    by_tag = f.Returned(compartment=1, session="s", grade="B", handover=6, item=9, tag=TAG)
    by_item = f.Returned(compartment=1, session="s", grade="B", handover=6, item=9)
    for returned in (by_tag, by_item):
        assert truth_of(lent, returned).for_tag_return(TAG) == Denied(why=Why.TAG_NOT_ON_LOAN)


# taking out


def test_staff_is_told_what_to_take_out_and_where() -> None:
    plans = wishes(
        waiting(5, 1, stage=Stage.RECALLED), waiting(7, 2), back(6, stage=Stage.LOADED, compartment=3), a_handover(8)
    )
    assert truth_of(plans).to_take_out() == (
        TakeOut(compartment=1, why="recalled", handover=5, product=1),
        TakeOut(compartment=3, why="returned", handover=6, product=MATERIAL),
    )


def test_found_things_and_what_no_plan_speaks_of_any_more_are_taken_out_too() -> None:
    truth = truth_of(wishes(), f.FoundItem(compartment=1, session="s"), loaded(5, 2))
    assert truth.to_take_out() == (
        TakeOut(compartment=1, why="found"),
        TakeOut(compartment=2, why="left", handover=5),
    )
    assert truth.pulse_allowed(1, "take_back", None) is None
    assert truth.pulse_allowed(2, "take_back", 5) is None
    assert truth.pulse_allowed(2, "take_back", 7) is not None


def test_staff_is_asked_to_look_where_nothing_is_known() -> None:
    truth = truth_of(wishes(waiting(7, 2)), f.SeenEmpty(compartment=1))
    assert truth.unknown_contents() == (3,)
    assert truth.pulse_allowed(3, "check", None) is None
    assert truth.pulse_allowed(2, "check", None) is not None


# opening


def test_promise_2_a_compartment_opens_for_its_own_handover_and_no_other() -> None:
    truth = truth_of(wishes(waiting(5, 2), waiting(7, 1)))
    assert truth.pulse_allowed(2, "collect", 5) is None
    for compartment, handover in ((1, 5), (2, 7), (3, 5), (2, None), (2, 99), (99, 5)):
        assert truth.pulse_allowed(compartment, "collect", handover) is not None


def test_promise_2_the_walls_own_evidence_wins_over_a_plan_that_says_otherwise() -> None:
    """Seven lies in 2 by this wall's own log; the centre now says that five does."""
    truth = truth_of(wishes(waiting(5, 2), a_handover(7), heard_up_to=1), loaded(7, 2))
    assert truth.pulse_allowed(2, "collect", 5) is not None
    assert truth.pulse_allowed(2, "remote", 5) is not None


def test_promise_2_two_plans_for_one_compartment_open_it_for_neither() -> None:
    truth = truth_of(wishes(waiting(5, 2), waiting(7, 2)))
    assert truth.pulse_allowed(2, "collect", 5) is not None
    assert truth.pulse_allowed(2, "collect", 7) is not None


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.RECALLED, Stage.DISPUTED])
def test_what_is_not_the_addressees_to_take_does_not_open(stage: Stage) -> None:
    assert truth_of(wishes(waiting(5, 2, stage=stage))).pulse_allowed(2, "collect", 5) is not None


def test_promise_2_a_remote_open_names_what_it_takes_out_or_opens_nothing_that_holds_something() -> None:
    truth = truth_of(wishes(waiting(5, 2), waiting(7, 1)), f.FoundItem(compartment=3, session="s"))
    assert truth.pulse_allowed(2, "remote", 5) is None
    for compartment, handover in ((2, None), (2, 7), (3, None), (3, 5)):
        assert truth.pulse_allowed(compartment, "remote", handover) is not None
    assert truth_of(wishes()).pulse_allowed(3, "remote", None) is None


def test_the_doctor_opens_nothing_that_is_loaded() -> None:
    truth = truth_of(wishes(waiting(5, 2)), loaded(7, 1))
    assert truth.pulse_allowed(1, "doctor", None) is not None
    assert truth.pulse_allowed(2, "doctor", None) is not None
    assert truth.pulse_allowed(3, "doctor", None) is None


def test_staff_takes_out_only_what_was_recalled_returned_or_disputed() -> None:
    plans = wishes(waiting(5, 1, stage=Stage.RECALLED), waiting(7, 2), back(6, stage=Stage.LOADED, compartment=3))
    truth = truth_of(plans)
    assert truth.pulse_allowed(1, "take_back", 5) is None
    assert truth.pulse_allowed(3, "take_back", 6) is None
    assert truth.pulse_allowed(2, "take_back", 7) is not None
    assert truth.pulse_allowed(1, "take_back", None) is not None


def test_only_the_session_that_began_to_load_opens_the_same_door_again() -> None:
    begun = (
        f.SeenEmpty(compartment=1),
        f.OpenIntended(intent="i", session="s", compartment=1, purpose="load", handover=5),
        f.DoorOpened(compartment=1, intent="i"),
        f.DoorShut(compartment=1, intent="i"),
    )
    plans = wishes(a_handover(5), a_handover(7))
    truth = truth_of(plans, *begun)
    assert truth.pulse_allowed(1, "load", 5, session="s") is None
    assert truth.pulse_allowed(1, "load", 5, session="t") is not None
    assert truth.pulse_allowed(1, "load", 7, session="s") is not None
    undo = truth_of(plans, *begun, loaded(5, 1))
    assert undo.pulse_allowed(1, "load", 5, session="s") is None
    assert undo.pulse_allowed(1, "load", 5, session="t") is not None


def test_blocks_keep_things_out_and_the_addressee_may_still_try_a_door_that_stuck() -> None:
    stuck = f.OpenNotDetected(intent="i", compartment=2)
    forced = f.OpenedWithoutCommand(compartment=2)
    assert truth_of(wishes(waiting(5, 2)), stuck).pulse_allowed(2, "collect", 5) is None
    assert truth_of(wishes(waiting(5, 2)), forced).pulse_allowed(2, "collect", 5) is not None
    blocked = wishes(waiting(5, 2), blocks=(WishedBlock(compartment=2, reason="paint"),))
    assert truth_of(blocked).pulse_allowed(2, "collect", 5) is not None


def test_a_wall_that_moves_the_wrong_door_opens_nothing_at_all() -> None:
    truth = truth_of(wishes(waiting(5, 2)), f.WrongDoor(pulsed=3, moved=1))
    assert truth.pulse_allowed(2, "collect", 5) is not None
    assert truth.pulse_allowed(2, "remote", 5) is not None
    assert truth.pulse_allowed(3, "doctor", None) is None


def test_a_thing_that_came_back_without_a_plan_is_listed_once_when_the_centre_planned_it_backwards() -> None:
    came = f.Returned(compartment=2, session="s", grade="D", item=9, tag=TAG)
    snapshot = wishes(back(31, stage=Stage.LOADED, compartment=2), heard_up_to=1, log="log")
    truth = truth_of(snapshot, came)
    assert truth.to_take_out() == (TakeOut(compartment=2, why="returned", handover=31, product=MATERIAL),)
    assert truth.pulse_allowed(2, "take_back", 31) is None
