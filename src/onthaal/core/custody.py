"""Custody: who holds an item, as a fold of moves. Exactly one holder at every prefix (promise 3).

The centre's `Custody` rows must say at every moment what this fold says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from onthaal.core.lifecycles import Direction, Move, Stage


class Holder(StrEnum):
    DESK = "desk"
    STAFF = "staff"
    COMPARTMENT = "compartment"
    CITIZEN = "citizen"
    LOST = "lost"


class Held(msgspec.Struct, frozen=True):
    """Who holds an item: a compartment by its row number, a citizen by the handover that brought it there."""

    holder: Holder
    compartment: int | None = None
    handover: int | None = None


AT_THE_DESK = Held(Holder.DESK)
LOST = Held(Holder.LOST)


class Moved(msgspec.Struct, frozen=True):
    """An item came to a holder."""

    item: int
    to: Held


BY_MOVE: Mapping[Direction, Mapping[Move, Holder]] = {
    Direction.OUT: {
        Move.LOAD: Holder.COMPARTMENT,
        Move.UNDO_LOAD: Holder.DESK,
        Move.COLLECT: Holder.CITIZEN,
        Move.TAKE_BACK: Holder.DESK,
    },
    Direction.BACK: {
        Move.LOAD: Holder.COMPARTMENT,
        Move.UNDO_LOAD: Holder.CITIZEN,
        Move.COLLECT: Holder.DESK,
    },
}
"""Which moves of a handover move the thing. In doubt (`DISPUTE`) the last known holder stays the holder."""

BY_RESOLUTION: Mapping[Direction, Mapping[Stage, Holder]] = {
    Direction.OUT: {
        Stage.PLANNED: Holder.DESK,
        Stage.LOADED: Holder.COMPARTMENT,
        Stage.RECALLED: Holder.COMPARTMENT,
        Stage.COLLECTED: Holder.CITIZEN,
        Stage.TAKEN_BACK: Holder.DESK,
    },
    Direction.BACK: {
        Stage.PLANNED: Holder.CITIZEN,
        Stage.LOADED: Holder.COMPARTMENT,
        Stage.COLLECTED: Holder.DESK,
    },
}
"""Where the thing is once staff decided what a disputed handover is."""


def held_by(holder: Holder, *, handover: int, compartment: int | None, out: int | None = None) -> Held:
    """The holder with what names it. `out`: of a handover back, the handover out that it answers.

    ValueError when a compartment holds it and none is named.
    """
    if holder is Holder.COMPARTMENT:
        if compartment is None:
            raise ValueError("a compartment must be named")
        return Held(holder, compartment=compartment, handover=handover)
    if holder is Holder.CITIZEN:
        return Held(holder, handover=out or handover)
    return Held(holder)


def folded(moves: Iterable[Moved]) -> Iterator[Mapping[int, Held]]:
    """After each move: every item seen so far and its one holder."""
    held: dict[int, Held] = {}
    for move in moves:
        held[move.item] = move.to
        yield dict(held)
