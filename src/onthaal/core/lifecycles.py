"""The lifecycle of a handover: every allowed move, and nothing else.

*Out*: a thing goes from the staff through a compartment to its addressee. *Back*: the other way.
A physical fact always wins: a thing that was taken is collected, also when it had been recalled meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from onthaal.core.refusals import Refusal, Why


class Direction(StrEnum):
    OUT = "out"
    BACK = "back"


class Stage(StrEnum):
    PLANNED = "planned"
    LOADED = "loaded"
    WAITING = "waiting"
    COLLECTED = "collected"
    RECALLED = "recalled"
    TAKEN_BACK = "taken_back"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


class Move(StrEnum):
    """What can happen to a handover; the imperative of a verb."""

    LOAD = "load"
    UNDO_LOAD = "undo_load"
    NOTIFY = "notify"
    BOUNCE = "bounce"
    COLLECT = "collect"
    RECALL = "recall"
    TAKE_BACK = "take_back"
    CANCEL = "cancel"
    DISPUTE = "dispute"


CLOSED = frozenset({Stage.COLLECTED, Stage.TAKEN_BACK, Stage.CANCELLED})
"""Stages that nothing follows."""

IN_THE_WALL = frozenset({Stage.LOADED, Stage.WAITING, Stage.RECALLED, Stage.DISPUTED})
"""Stages in which the thing may lie in its compartment, which therefore is nobody else's."""

OPENABLE = frozenset({Stage.LOADED, Stage.WAITING})
"""Stages of a handover out in which the addressee's proof opens the door. *Loaded* counts: a code may be known
(sent again after a bounce) before its notice is on record."""

_OUT: Mapping[Stage, Mapping[Move, Stage]] = {
    Stage.PLANNED: {Move.LOAD: Stage.LOADED, Move.CANCEL: Stage.CANCELLED, Move.DISPUTE: Stage.DISPUTED},
    Stage.LOADED: {
        Move.UNDO_LOAD: Stage.PLANNED,
        Move.NOTIFY: Stage.WAITING,
        Move.COLLECT: Stage.COLLECTED,
        Move.RECALL: Stage.RECALLED,
        Move.DISPUTE: Stage.DISPUTED,
    },
    Stage.WAITING: {
        Move.UNDO_LOAD: Stage.PLANNED,  # the mail may be quicker than who still stands there
        Move.BOUNCE: Stage.LOADED,
        Move.COLLECT: Stage.COLLECTED,
        Move.RECALL: Stage.RECALLED,
        Move.DISPUTE: Stage.DISPUTED,
    },
    Stage.RECALLED: {
        Move.TAKE_BACK: Stage.TAKEN_BACK,
        Move.COLLECT: Stage.COLLECTED,
        Move.DISPUTE: Stage.DISPUTED,
    },
    Stage.DISPUTED: {},
    Stage.COLLECTED: {},
    Stage.TAKEN_BACK: {},
    Stage.CANCELLED: {},
}

_BACK: Mapping[Stage, Mapping[Move, Stage]] = {
    Stage.PLANNED: {Move.LOAD: Stage.LOADED, Move.CANCEL: Stage.CANCELLED, Move.DISPUTE: Stage.DISPUTED},
    Stage.LOADED: {
        Move.UNDO_LOAD: Stage.PLANNED,
        Move.COLLECT: Stage.COLLECTED,
        Move.DISPUTE: Stage.DISPUTED,
    },
    Stage.DISPUTED: {},
    Stage.COLLECTED: {},
    Stage.CANCELLED: {},
}

MOVES: Mapping[Direction, Mapping[Stage, Mapping[Move, Stage]]] = {Direction.OUT: _OUT, Direction.BACK: _BACK}

RESOLUTIONS: Mapping[Direction, frozenset[Stage]] = {
    Direction.OUT: frozenset({Stage.PLANNED, Stage.LOADED, Stage.RECALLED, Stage.COLLECTED, Stage.TAKEN_BACK}),
    Direction.BACK: frozenset({Stage.PLANNED, Stage.LOADED, Stage.COLLECTED}),
}
"""What staff may decide a disputed handover is."""

FOR_ITS_ADDRESSEE = frozenset({Stage.PLANNED, Stage.LOADED})
"""Those of a handover out by which its addressee gets it yet: not when nobody asks for it any more. What lies in the
wall then is recalled."""


LOST_FROM = frozenset({Stage.PLANNED, Stage.DISPUTED})
"""Stages in which staff may say that the thing is lost. What lies in the wall is recalled or looked for first, and is
in doubt when it is not there."""


def after(direction: Direction, stage: Stage, move: Move) -> Stage:
    """The stage that `move` leads to. Refuses (`MOVE_NOT_ALLOWED`) any move the table does not hold."""
    try:
        return MOVES[direction][stage][move]
    except KeyError:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=stage, move=move) from None


def resolutions(direction: Direction, *, ended: bool = False) -> frozenset[Stage]:
    """What staff may decide of it now. `ended`: whoever asked for it withdrew, or has had their answer."""
    every = RESOLUTIONS[direction]
    return every - FOR_ITS_ADDRESSEE if ended and direction is Direction.OUT else every


def resolved(direction: Direction, stage: Stage, to: Stage, *, ended: bool = False) -> Stage:
    """The stage staff gives a disputed handover. Refuses anything that is not disputed or not among `resolutions`."""
    if stage is not Stage.DISPUTED or to not in resolutions(direction, ended=ended):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=stage, move=to)
    return to


def lost(stage: Stage) -> Stage:
    """The stage of a handover whose thing nobody will find. Refuses (`MOVE_NOT_ALLOWED`) all but `LOST_FROM`."""
    if stage not in LOST_FROM:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=stage, move=Move.CANCEL)
    return Stage.CANCELLED
