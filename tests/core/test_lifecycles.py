"""The lifecycle of a handover."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.core.lifecycles import (
    CLOSED,
    FOR_ITS_ADDRESSEE,
    IN_THE_WALL,
    MOVES,
    OPENABLE,
    RESOLUTIONS,
    Direction,
    Move,
    Stage,
    after,
    lost,
    resolutions,
    resolved,
)
from onthaal.core.refusals import Refusal, Why


def walked(direction: Direction, *moves: Move) -> Stage:
    stage = Stage.PLANNED
    for move in moves:
        stage = after(direction, stage, move)
    return stage


def test_a_thing_goes_out_from_plan_to_hand() -> None:
    assert walked(Direction.OUT, Move.LOAD, Move.NOTIFY, Move.COLLECT) is Stage.COLLECTED


def test_a_bounced_mail_stops_the_waiting_and_a_new_one_begins_it_again() -> None:
    assert walked(Direction.OUT, Move.LOAD, Move.NOTIFY, Move.BOUNCE) is Stage.LOADED
    assert walked(Direction.OUT, Move.LOAD, Move.NOTIFY, Move.BOUNCE, Move.NOTIFY) is Stage.WAITING


def test_what_is_not_collected_is_recalled_and_taken_back() -> None:
    assert walked(Direction.OUT, Move.LOAD, Move.NOTIFY, Move.RECALL, Move.TAKE_BACK) is Stage.TAKEN_BACK


def test_what_was_taken_is_collected_also_when_it_had_been_recalled() -> None:
    assert walked(Direction.OUT, Move.LOAD, Move.NOTIFY, Move.RECALL, Move.COLLECT) is Stage.COLLECTED


def test_a_thing_comes_back_through_the_wall() -> None:
    assert walked(Direction.BACK, Move.LOAD, Move.COLLECT) is Stage.COLLECTED


@pytest.mark.parametrize("stage", sorted(IN_THE_WALL))
def test_a_thing_in_the_wall_is_never_just_cancelled(stage: Stage) -> None:
    for direction in Direction:
        with pytest.raises(Refusal) as no:
            after(direction, stage, Move.CANCEL)
        assert no.value.why is Why.MOVE_NOT_ALLOWED


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("stage", sorted(CLOSED))
def test_nothing_follows_a_closed_stage(direction: Direction, stage: Stage) -> None:
    assert not MOVES[direction].get(stage)


def test_what_nobody_asks_for_any_more_goes_to_no_addressee() -> None:
    for to in FOR_ITS_ADDRESSEE:
        assert to in resolutions(Direction.OUT)
        with pytest.raises(Refusal):
            resolved(Direction.OUT, Stage.DISPUTED, to, ended=True)
    assert resolved(Direction.OUT, Stage.DISPUTED, Stage.RECALLED, ended=True) is Stage.RECALLED
    assert resolutions(Direction.BACK, ended=True) == RESOLUTIONS[Direction.BACK], "a borrower always brings it back"


@pytest.mark.parametrize("direction", Direction)
def test_only_staff_ends_a_dispute_and_only_in_a_way_that_the_table_names(direction: Direction) -> None:
    assert not MOVES[direction][Stage.DISPUTED]
    for stage in Stage:
        if stage in RESOLUTIONS[direction]:
            assert resolved(direction, Stage.DISPUTED, stage) is stage
            continue
        with pytest.raises(Refusal):
            resolved(direction, Stage.DISPUTED, stage)
    with pytest.raises(Refusal):
        resolved(direction, Stage.LOADED, Stage.COLLECTED)


@pytest.mark.parametrize("stage", Stage)
def test_what_lies_in_the_wall_by_all_that_is_known_is_never_just_lost(stage: Stage) -> None:
    if stage in {Stage.PLANNED, Stage.DISPUTED}:
        assert lost(stage) is Stage.CANCELLED
        return
    with pytest.raises(Refusal) as no:
        lost(stage)
    assert no.value.why is Why.MOVE_NOT_ALLOWED


@given(st.sampled_from(Direction), st.lists(st.sampled_from(Move), max_size=30))
def test_no_walk_leaves_the_stages_of_its_direction(direction: Direction, moves: list[Move]) -> None:
    stage = Stage.PLANNED
    for move in moves:
        try:
            stage = after(direction, stage, move)
        except Refusal:
            continue
        assert stage in MOVES[direction]
        assert stage not in OPENABLE or stage in IN_THE_WALL
