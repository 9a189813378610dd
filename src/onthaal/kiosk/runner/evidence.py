"""What is said of an intent whose outcome nobody saw: after a restart, or after everybody left. Pure."""

from __future__ import annotations

from onthaal.core.evidence import Block, Compartment, Evidence, Intent
from onthaal.core.facts import (
    Body,
    CompartmentBlocked,
    Disputed,
    DoorLeftOpen,
    DoorOpened,
    DoorShut,
    NotTaken,
    OpenedWithoutCommand,
    OpenIntended,
    SeenEmpty,
    UnexpectedContent,
)
from onthaal.kiosk.ports import Door


def found_at_start(evidence: Evidence, compartment: int, door: Door, *, present: bool | None) -> tuple[Body, ...]:
    """The first sure reading of a door after a start, against what the log says.

    `present`: the presence sensor, None where there is none. *Silently free* is never among the answers.
    """
    one = evidence.compartment(compartment)
    intents = evidence.intents_on(compartment)
    if door == "open":
        asked = evidence.may_open_late(compartment)
        return _open_asked(asked, intents) if asked else _open_unasked(one, compartment)
    if intents:
        return closed_unseen(intents[-1], one, present=present)
    if one.handover is not None and one.content == "holds" and present is False:
        return (Disputed(handover=one.handover, compartment=compartment, why="changed-in-silence"),)
    if one.content == "empty" and present is True:
        return (UnexpectedContent(compartment=compartment),)
    if one.content == "unknown" and one.handover is None and one.thing is None and present is False:
        return (SeenEmpty(compartment=compartment),)
    return ()


def _open_asked(asked: OpenIntended, intents: tuple[Intent, ...]) -> tuple[Body, ...]:
    """The pulse of before the start did its work, and nobody had time to say so."""
    said = any(intent.opened for intent in intents)
    return () if said else (DoorOpened(compartment=asked.compartment, intent=asked.intent),)


def _open_unasked(one: Compartment, compartment: int) -> tuple[Body, ...]:
    if one.content != "holds":
        return (DoorOpened(compartment=compartment),)
    forced: tuple[Body, ...] = (
        OpenedWithoutCommand(compartment=compartment),
        CompartmentBlocked(compartment=compartment, reason=Block.FORCED),
    )
    if one.handover is None:
        return forced
    return (*forced, Disputed(handover=one.handover, compartment=compartment, why="forced"))


def closed_unseen(intent: Intent, one: Compartment, *, present: bool | None) -> tuple[Body, ...]:
    """The door is shut now, and nobody saw how it went."""
    asked = intent.intended
    shut: tuple[Body, ...] = ()
    if intent.opened and not intent.shut:
        shut = (DoorShut(compartment=asked.compartment, intent=asked.intent, present=present),)
    return (*shut, *_outcome(intent, one, present=present))


def _outcome(intent: Intent, one: Compartment, *, present: bool | None) -> tuple[Body, ...]:
    asked = intent.intended
    match asked.purpose:
        case "collect" | "take_back" | "remote":
            return _went_out(intent, present=present)
        case "load" if one.handover is not None and one.handover == asked.handover:
            return _went_out(intent, present=present)  # it was loaded, and staff was undoing that
        case "load" | "return":
            return _came_in(intent, present=present)
        case _:
            return ()


def _went_out(intent: Intent, *, present: bool | None) -> tuple[Body, ...]:
    asked = intent.intended
    if asked.handover is None:
        return ()
    if present is True:
        return (NotTaken(handover=asked.handover, compartment=asked.compartment, session=asked.session),)
    why = "crash-closed-absent" if present is False else "crash-closed-no-sensor"
    return (Disputed(handover=asked.handover, compartment=asked.compartment, why=why),)  # type: ignore[arg-type]


def _came_in(intent: Intent, *, present: bool | None) -> tuple[Body, ...]:
    asked = intent.intended
    if present is False:
        return (SeenEmpty(compartment=asked.compartment),)
    if asked.handover is not None:
        return (Disputed(handover=asked.handover, compartment=asked.compartment, why="loading-unfinished"),)
    return (UnexpectedContent(compartment=asked.compartment),)


def left_open(evidence: Evidence, compartment: int, intent: str | None) -> tuple[Body, ...]:
    """Five minutes open and nobody of a session there."""
    handovers = [one.intended.handover for one in evidence.intents_on(compartment)]
    return (
        DoorLeftOpen(compartment=compartment, intent=intent),
        CompartmentBlocked(compartment=compartment, reason=Block.LEFT_OPEN),
        *(Disputed(handover=one, compartment=compartment, why="crash-open") for one in handovers if one is not None),
    )
