"""Custody: one holder an item, whatever moves came before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.core.custody import AT_THE_DESK, BY_MOVE, BY_RESOLUTION, Held, Holder, Moved, folded, held_by
from onthaal.core.lifecycles import MOVES, RESOLUTIONS, Direction, Move, Stage

STAYS_WHERE_IT_IS = {Move.NOTIFY, Move.BOUNCE, Move.RECALL, Move.CANCEL, Move.DISPUTE}
HELD = st.builds(Held, st.sampled_from(Holder), st.none() | st.integers(1, 9), st.none() | st.integers(1, 9))


@pytest.mark.parametrize("direction", Direction)
def test_every_move_says_where_the_thing_is_or_leaves_it_there(direction: Direction) -> None:
    moves = {move for allowed in MOVES[direction].values() for move in allowed}
    assert moves - STAYS_WHERE_IT_IS == set(BY_MOVE[direction])


@pytest.mark.parametrize("direction", Direction)
def test_every_resolution_says_where_the_thing_is(direction: Direction) -> None:
    assert set(BY_RESOLUTION[direction]) == RESOLUTIONS[direction]


def test_what_is_brought_back_and_undone_is_with_the_borrower_of_the_loan() -> None:
    assert held_by(Holder.CITIZEN, handover=8, compartment=None, out=7) == Held(Holder.CITIZEN, handover=7)


def test_a_compartment_without_a_number_holds_nothing() -> None:
    with pytest.raises(ValueError, match="named"):
        held_by(Holder.COMPARTMENT, handover=1, compartment=None)


@given(st.lists(st.builds(Moved, st.integers(1, 3), HELD), max_size=20))
def test_promise_3_at_every_prefix_each_item_has_exactly_one_holder(moves: list[Moved]) -> None:
    for index, held in enumerate(folded(moves)):
        seen = moves[: index + 1]
        assert set(held) == {move.item for move in seen}
        assert all(held[item] == [move.to for move in seen if move.item == item][-1] for item in held)


def test_a_whole_loan_ends_where_it_began() -> None:
    moves = [
        (Direction.OUT, Move.LOAD, Holder.COMPARTMENT),
        (Direction.OUT, Move.COLLECT, Holder.CITIZEN),
        (Direction.BACK, Move.LOAD, Holder.COMPARTMENT),
        (Direction.BACK, Move.COLLECT, Holder.DESK),
    ]
    assert [BY_MOVE[direction][move] for direction, move, _ in moves] == [holder for *_, holder in moves]
    assert held_by(Holder.DESK, handover=8, compartment=3) == AT_THE_DESK
    assert BY_RESOLUTION[Direction.OUT][Stage.PLANNED] is Holder.DESK
