"""What happened to a thing at a wall, as moves on the ledger: one verb per kind of fact. Pure.

Each answers with a remark: empty when the fact fits the plan, else why it conflicts. A conflict moves things all the
same, for the physical fact wins; what it contradicts is displaced and becomes disputed.
"""

from __future__ import annotations

from onthaal.central.lockers.devices.ledger import CustodyNow, HandoverNow, Ledger
from onthaal.core import facts
from onthaal.core.custody import Holder
from onthaal.core.lifecycles import CLOSED, Direction, Move, Stage

UNKNOWN = "handover-unknown"


# out: staff puts it in, the addressee takes it


def loaded(ledger: Ledger, body: facts.Loaded) -> str:
    handover, place = ledger.find(body.handover), ledger.place(body.compartment)
    if handover is None:
        ledger.displace(place)
        return UNKNOWN
    if place is None:
        ledger.overrule(handover)
        return "compartment-unknown"
    was, held = handover.stage, ledger.custody_of(handover.item)
    displaced = ledger.put(handover, place, body.grade)
    wrong = "older-than-plan" if ledger.before_its_plan(handover) else _loading_wrong(handover, body)
    if wrong:
        ledger.overrule(handover, wrong if wrong in {"rule-broken", "older-than-plan"} else "conflict")
        return wrong
    if not handover.allows(Move.LOAD):
        ledger.overrule(handover)
        return f"was-{was}"
    handover.take(Move.LOAD, ledger.at)
    handover.loaded_at, handover.loaded_by = ledger.at, body.staff
    ledger.end_grants(handover, "awake")
    ledger.note(handover, "handover.loaded", by=body.staff, grade=body.grade)
    if displaced:
        return "occupied"
    # It came back past every wall and desk: its borrower is still asked for it, until people look.
    return "was-on-loan" if held is not None and held.holder == Holder.CITIZEN else ""


def _loading_wrong(handover: HandoverNow, body: facts.Loaded) -> str:
    if handover.direction is not Direction.OUT:
        return "wrong-direction"
    if body.item is not None and body.item != handover.item:
        return "item-of-another"
    if handover.prepared_by and handover.prepared_by == body.staff:  # whether or not its product asks for two people
        return "rule-broken"
    if handover.two_staff and (not handover.prepared_by or body.staff == body.first_staff):
        return "rule-broken"
    return ""


def undone(ledger: Ledger, body: facts.LoadUndone) -> str:
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


def collected(ledger: Ledger, body: facts.Collected) -> str:
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
    if handover.personal and not ledger.approved(handover.id, identification=body.identification, session=body.session):
        ledger.overrule(handover, "rule-broken")
        return "rule-broken"
    handover.take(Move.COLLECT, ledger.at)
    ledger.end_grants(handover, "used")
    ledger.note(handover, "handover.collected", grade=body.grade)
    if displaced:
        return "compartment-of-another"
    return "was-recalled" if was is Stage.RECALLED else ""


def identified(ledger: Ledger, body: facts.Identified) -> str:
    """The wall says what the centre let it open: no more than that, in that boot and session."""
    every = all(
        ledger.approved(handover, identification=body.identification, session=body.session)
        for handover in body.handovers
    )
    return "" if every else "not-approved"


def not_taken(ledger: Ledger, body: facts.NotTaken) -> str:
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


def returned(ledger: Ledger, body: facts.Returned) -> str:
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


def found(ledger: Ledger, body: facts.FoundItem) -> str:
    displaced = ledger.displace(ledger.place(body.compartment))
    known = ledger.item(None, body.tag)
    item = known.id if known else None
    ledger.note_kiosk("item.found", door=body.compartment, handover=body.expected, item=item, tag=body.tag)
    return "occupied" if displaced else ""


def taken_out(ledger: Ledger, body: facts.TakenOut) -> str:
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
    if handover.two_staff and was not in CLOSED:  # told again it changes nobody's part: another may have received it
        handover.taken_out_by, handover.received_by = body.staff, ""
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
        elif handover.two_staff:  # by the ledger it had left the wall: somebody must account for it
            ledger.note(handover, "handover.taken-after", by=body.staff)
        return "not-in-the-wall"
    ledger.end_grants(handover, ended)
    ledger.note(handover, kind, by=body.staff, grade=body.grade)
    return ""


# in doubt


def disputed(ledger: Ledger, body: facts.Disputed) -> str:
    handover, place = ledger.find(body.handover), ledger.place(body.compartment)
    if handover is None:
        return UNKNOWN
    if handover.stage in CLOSED:
        return f"was-{handover.stage}"
    if place is not None and ledger.stay_of(handover) is None and ledger.stay_in(place) is None:
        ledger.put_perhaps(handover, place)
    ledger.overrule(handover, body.why)
    return ""


def seen_empty(ledger: Ledger, body: facts.SeenEmpty) -> str:
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
