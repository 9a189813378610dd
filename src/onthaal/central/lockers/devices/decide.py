"""What each fact does to the ledger: one small verb per kind, in one table. Pure.

A verb answers with a remark: empty when the fact fits the plan, else why it conflicts. A conflict never stops the
hearing: the physical fact wins, what it contradicts is displaced and becomes disputed, and people are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from onthaal.central.lockers.devices.ledger import (
    Before,
    CustodyNow,
    HandoverNow,
    Ledger,
)
from onthaal.central.lockers.devices.telling import Told
from onthaal.core import facts
from onthaal.core.custody import Holder
from onthaal.core.lifecycles import CLOSED, Direction, Move, Stage

PIN_TRIES = 5
"""Wrong secrets behind one grant's selector: then its PIN is closed, its QR is not."""

UNKNOWN = "handover-unknown"


class Verdict(msgspec.Struct, frozen=True):
    """How one fact was taken."""

    told: Told
    verdict: str
    kind: str
    remark: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """Everything to be written: the facts with their verdicts, and the ledger's moves."""

    verdicts: tuple[Verdict, ...]
    head: bytes
    broken_at: int | None
    ledger: Ledger


def decide(before: Before, told: Iterable[Told], *, log: str, head: bytes, now: Any) -> Outcome:
    """Take in facts that follow each other without a gap. `now` (the centre's clock) dates what has no time."""
    ledger = Ledger(before, log)
    verdicts: list[Verdict] = []
    broken_at = None
    for each in told:
        ledger.noting(each.number, each.fact.at if each.fact else now)
        if not each.follows(head) and broken_at is None:
            broken_at = each.number
        head = each.head(head)
        verdicts.append(_take(ledger, each))
    return Outcome(tuple(verdicts), head, broken_at, ledger)


def kind_of(body: facts.Body) -> str:
    return str(type(body).__struct_config__.tag)


def _take(ledger: Ledger, told: Told) -> Verdict:
    if told.fact is None:
        ledger.note_kiosk("kiosk.fact-malformed", flaw=told.flaw)
        return Verdict(told, "malformed", "", told.flaw)
    body = told.fact.body
    verb = VERBS.get(type(body))
    remark = verb(ledger, body) if verb else ""
    kind = kind_of(body)
    if not remark:
        return Verdict(told, "good", kind)
    handover, door = getattr(body, "handover", None), getattr(body, "compartment", None)
    ledger.note_kiosk("kiosk.fact-conflict", door=door, handover=handover, why=remark, told=kind)
    return Verdict(told, "conflict", kind, remark)


# out: staff puts it in, the addressee takes it


def _loaded(ledger: Ledger, body: facts.Loaded) -> str:
    handover, place = ledger.find(body.handover), ledger.place(body.compartment)
    if handover is None:
        ledger.displace(place)
        return UNKNOWN
    if place is None:
        ledger.overrule(handover)
        return "compartment-unknown"
    was = handover.stage
    displaced = ledger.put(handover, place, body.grade)
    wrong = _loading_wrong(handover, body)
    if wrong:
        ledger.overrule(handover, "rule-broken" if wrong == "rule-broken" else "conflict")
        return wrong
    if not handover.allows(Move.LOAD):
        ledger.overrule(handover)
        return f"was-{was}"
    handover.take(Move.LOAD, ledger.at)
    handover.loaded_at, handover.loaded_by = ledger.at, body.staff
    ledger.end_grants(handover, "awake")
    ledger.note(handover, "handover.loaded", by=body.staff, grade=body.grade)
    return "occupied" if displaced else ""


def _loading_wrong(handover: HandoverNow, body: facts.Loaded) -> str:
    if handover.direction is not Direction.OUT:
        return "wrong-direction"
    if body.item is not None and body.item != handover.item:
        return "item-of-another"
    if handover.two_staff and body.first_staff in {None, body.staff}:
        return "rule-broken"
    return ""


def _undone(ledger: Ledger, body: facts.LoadUndone) -> str:
    handover = ledger.find(body.handover)
    if handover is None:
        ledger.displace(ledger.place(body.compartment))
        return UNKNOWN
    was = handover.stage
    if was in CLOSED or (was is Stage.PLANNED and ledger.stay_of(handover) is None):
        return f"was-{was}"
    ledger.lift(handover)
    ledger.give(handover, Holder.DESK if handover.direction is Direction.OUT else Holder.CITIZEN, "D")
    if not handover.allows(Move.UNDO_LOAD):
        ledger.overrule(handover)
        return f"was-{was}"
    handover.take(Move.UNDO_LOAD, ledger.at)
    handover.loaded_at, handover.loaded_by = None, ""
    ledger.end_grants(handover, "asleep")
    ledger.note(handover, "handover.undone", by=body.staff)
    handover.compartment, handover.grade = None, ""
    return ""


def _collected(ledger: Ledger, body: facts.Collected) -> str:
    handover, place = ledger.find(body.handover), ledger.place(body.compartment)
    if handover is None:
        ledger.displace(place)
        return UNKNOWN
    was, stay = handover.stage, ledger.stay_of(handover)
    if was is Stage.COLLECTED or handover.direction is not Direction.OUT:
        ledger.displace(place)
        return f"was-{was}" if was is Stage.COLLECTED else "wrong-direction"
    displaced = ledger.displace(place, other_than=handover)
    ledger.lift(handover)
    ledger.give(handover, Holder.CITIZEN, body.grade)
    handover.grade = body.grade
    elsewhere = stay is not None and stay.compartment != place
    if elsewhere or not handover.allows(Move.COLLECT):
        ledger.overrule(handover)
        return "compartment-of-another" if elsewhere else f"was-{was}"
    handover.take(Move.COLLECT, ledger.at)
    ledger.end_grants(handover, "used")
    ledger.note(handover, "handover.collected", grade=body.grade)
    if displaced:
        return "compartment-of-another"
    return "was-recalled" if was is Stage.RECALLED else ""


def _not_taken(ledger: Ledger, body: facts.NotTaken) -> str:
    handover, place = ledger.find(body.handover), ledger.place(body.compartment)
    if handover is None:
        return UNKNOWN
    stay = ledger.stay_of(handover)
    if stay is not None and stay.compartment == place:
        ledger.note(handover, "handover.not-taken")
        return ""
    was = handover.stage
    if place is None:
        return "compartment-unknown"
    ledger.put(handover, place, "D")
    ledger.overrule(handover)
    return f"was-{was}"


# back: the citizen puts it in, staff takes it out


def _returned(ledger: Ledger, body: facts.Returned) -> str:
    place = ledger.place(body.compartment)
    item = ledger.item(body.item, body.tag)
    handover = ledger.find(body.handover) if body.handover else None
    if body.handover is None and item is not None:
        handover = ledger.back_of(item.id) or _planned_backwards(ledger, item.id)
    if handover is None:
        return _returned_unplanned(ledger, body, item.id if item else None)
    if place is None:
        ledger.overrule(handover)
        return "compartment-unknown"
    was, elsewhere = handover.stage, handover.kiosk != ledger.kiosk
    handover.kiosk = ledger.kiosk
    displaced = ledger.put(handover, place, body.grade)
    if handover.direction is not Direction.BACK or (item is not None and item.id != handover.item):
        ledger.overrule(handover)
        return "wrong-direction" if handover.direction is not Direction.BACK else "item-of-another"
    if not handover.allows(Move.LOAD):
        ledger.overrule(handover)
        return f"was-{was}"
    handover.take(Move.LOAD, ledger.at)
    handover.loaded_at = ledger.at
    ledger.end_grants(handover, "used")
    ledger.loans_changed |= elsewhere
    ledger.note(handover, "handover.returned", grade=body.grade, elsewhere=elsewhere)
    return "occupied" if displaced else ""


def _planned_backwards(ledger: Ledger, item: int) -> HandoverNow | None:
    held = ledger.custody_of(item)
    out = ledger.handovers.get(held.handover or 0) if held and held.holder == Holder.CITIZEN else None
    known = ledger.items.get(item)
    return ledger.plan_back(known, out) if out and known else None


def _returned_unplanned(ledger: Ledger, body: facts.Returned, item: int | None) -> str:
    """Nobody is known to have had it: it lies there, and staff must look."""
    place = ledger.place(body.compartment)
    ledger.displace(place)
    if item is not None and place is not None:
        ledger.pass_on(item, CustodyNow(
            item=item, holder=Holder.COMPARTMENT, compartment=place, grade=body.grade, since=ledger.at,
        ))  # fmt: skip
    return UNKNOWN if body.handover is not None else "not-on-loan"


def _found(ledger: Ledger, body: facts.FoundItem) -> str:
    displaced = ledger.displace(ledger.place(body.compartment))
    known = ledger.item(None, body.tag)
    item = known.id if known else None
    ledger.note_kiosk("item.found", door=body.compartment, handover=body.expected, item=item, tag=body.tag)
    return "occupied" if displaced else ""


def _taken_out(ledger: Ledger, body: facts.TakenOut) -> str:
    place = ledger.place(body.compartment)
    if body.handover is None:
        ledger.note_kiosk("item.taken-out", by=body.staff, door=body.compartment)
        return "compartment-of-another" if ledger.displace(place) else ""
    handover = ledger.find(body.handover)
    if handover is None:
        ledger.displace(place)
        return UNKNOWN
    was, stay = handover.stage, ledger.stay_of(handover)
    displaced = ledger.displace(place, other_than=handover)
    ledger.lift(handover)
    ledger.give(handover, Holder.DESK, body.grade)
    handover.grade = body.grade
    ledger.touch(handover)
    elsewhere = stay is not None and stay.compartment != place
    remark = _taken_from(ledger, handover, body)
    if elsewhere or displaced:
        return "compartment-of-another"
    return remark and f"was-{was}"


def _taken_from(ledger: Ledger, handover: HandoverNow, body: facts.TakenOut) -> str:
    """Close the handover as what staff did to it. The answer is not empty when nobody had asked for that."""
    back = handover.direction is Direction.BACK
    kind, ended = ("handover.inspected", "used") if back else ("handover.taken-back", "revoked")
    if handover.stage is Stage.DISPUTED:
        handover.become(Stage.COLLECTED if back else Stage.TAKEN_BACK, ledger.at)
        ledger.note(handover, "handover.resolved", by=body.staff, to=str(handover.stage))
    elif back and handover.allows(Move.COLLECT):
        handover.take(Move.COLLECT, ledger.at)
    elif handover.allows(Move.TAKE_BACK):
        handover.take(Move.TAKE_BACK, ledger.at)
    elif handover.allows(Move.RECALL):
        handover.take(Move.RECALL, ledger.at)
        handover.recalled_at = ledger.at
        handover.take(Move.TAKE_BACK, ledger.at)
        ledger.end_grants(handover, ended)
        ledger.note(handover, kind, by=body.staff, grade=body.grade)
        return "not-recalled"
    else:
        if handover.stage is Stage.PLANNED:
            ledger.overrule(handover)
        return "not-in-the-wall"
    ledger.end_grants(handover, ended)
    ledger.note(handover, kind, by=body.staff, grade=body.grade)
    return ""


# in doubt


def _disputed(ledger: Ledger, body: facts.Disputed) -> str:
    handover, place = ledger.find(body.handover), ledger.place(body.compartment)
    if handover is None:
        return UNKNOWN
    if handover.stage in CLOSED:
        return f"was-{handover.stage}"
    if place is not None and ledger.stay_of(handover) is None and ledger.stay_in(place) is None:
        ledger.put_perhaps(handover, place)
    ledger.overrule(handover, body.why)
    return ""


def _seen_empty(ledger: Ledger, body: facts.SeenEmpty) -> str:
    stay = ledger.stay_in(ledger.place(body.compartment))
    if stay is None:
        return ""
    handover = ledger.handovers[stay.handover]
    ledger.lift(handover)
    if handover.stage is Stage.DISPUTED:
        ledger.touch(handover)
        return ""
    was = handover.stage
    ledger.overrule(handover)
    return f"was-{was}"


# codes and commands


def _code_refused(ledger: Ledger, body: facts.CodeRefused) -> str:
    if body.grant is None or not body.counts or body.channel != "pin":
        return ""
    grant = ledger.grants.get(body.grant)
    if grant is None:
        return "grant-unknown"
    grant.pin_tries = min(grant.pin_tries + 1, 1000)
    ledger.changed_grants.add(grant.id)
    if grant.pin_tries >= PIN_TRIES and grant.pin_closed_at is None:
        grant.pin_closed_at = ledger.at
        handover = ledger.handovers.get(grant.handover)
        if handover is not None:
            ledger.note(handover, "grant.pin-closed", grant=grant.id)
    return ""


def _configured(ledger: Ledger, body: facts.Configured) -> str:
    """The compartments themselves were taken over before: facts after this one speak of them."""
    ledger.note_kiosk("kiosk.configured", compartments=len(body.compartments))
    return ""


def _command_answered(ledger: Ledger, body: facts.CommandAnswered) -> str:
    if body.nonce not in ledger.commands:
        return "command-unknown"
    ledger.answers[body.nonce] = (body.outcome, ledger.at)
    ledger.note_kiosk("kiosk.command-answered", nonce=body.nonce, outcome=body.outcome, why=body.why)
    return ""


# told on: no handover moves

_TOLD_ON: Mapping[type[Any], str] = {
    facts.EpochAccepted: "kiosk.epoch",
    facts.BusSilent: "kiosk.bus-silent",
    facts.BusRestored: "kiosk.bus-restored",
    facts.SensorSuspect: "kiosk.sensor-suspect",
    facts.WallQrOnly: "kiosk.qr-only",
    facts.CaseOpened: "kiosk.case-opened",
    facts.OpenNotDetected: "kiosk.not-opened",
    facts.DoorLeftOpen: "kiosk.door-left-open",
    facts.OpenedWithoutCommand: "kiosk.door-forced",
    facts.WrongDoor: "kiosk.wrong-door",
    facts.CompartmentBlocked: "kiosk.blocked",
    facts.CompartmentReleased: "kiosk.released",
    facts.UnexpectedContent: "kiosk.unexpected-content",
}


def _told_on(ledger: Ledger, body: facts.Body) -> str:
    said = msgspec.to_builtins(body)
    said.pop("type")
    door, by = said.pop("compartment", None), said.pop("staff", None)
    ledger.note_kiosk(_TOLD_ON[type(body)], by=by, door=door, handover=said.pop("handover", None), **said)
    return ""


VERBS: Mapping[type[Any], Callable[[Ledger, Any], str]] = {
    facts.Loaded: _loaded,
    facts.LoadUndone: _undone,
    facts.Collected: _collected,
    facts.NotTaken: _not_taken,
    facts.Returned: _returned,
    facts.FoundItem: _found,
    facts.TakenOut: _taken_out,
    facts.Disputed: _disputed,
    facts.SeenEmpty: _seen_empty,
    facts.CodeRefused: _code_refused,
    facts.CommandAnswered: _command_answered,
    facts.Configured: _configured,
    **dict.fromkeys(_TOLD_ON, _told_on),
}
"""What is not here (sessions, identifications, intents, pulses, doors) is kept, and moves nothing."""
