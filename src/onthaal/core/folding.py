"""How each fact changes the evidence. One small function per kind of fact; `FOLDS` says which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from onthaal.core import facts, throttle
from onthaal.core.evidence import (
    LIFTED_BY_EMPTINESS,
    PULSES_AN_INTENT,
    Approval,
    Block,
    Compartment,
    Evidence,
    Intent,
)
from onthaal.core.facts import Fact

Fold = Callable[[Evidence, Any, Fact], Evidence]


def after(evidence: Evidence, fact: Fact) -> Evidence:
    """The evidence with one more fact of the same log."""
    fold = FOLDS.get(type(fact.body))
    return replace(fold(evidence, fact.body, fact) if fold else evidence, number=fact.number)


def _with(evidence: Evidence, number: int, changed: Compartment) -> Evidence:
    return replace(evidence, compartments=evidence.compartments | {number: changed})


def _blocked(one: Compartment, *reasons: str) -> Compartment:
    return replace(one, blocked=one.blocked | set(reasons))


def _doubted(one: Compartment) -> Compartment:
    """Something may have been put in: what was empty is so no longer."""
    return replace(one, content="unknown" if one.content == "empty" else one.content)


def _emptied(one: Compartment) -> Compartment:
    """Somebody took out what was in it, or looked; a sensor that still sees something is believed more."""
    lifted = one.blocked if one.present else one.blocked - LIFTED_BY_EMPTINESS
    content = "unknown" if one.present else "empty"
    return replace(one, content=content, handover=None, thing=None, session=None, blocked=lifted)


def _settled(evidence: Evidence, compartment: int) -> Evidence:
    """An outcome is known: no intent on this compartment waits for one any more."""
    kept = {name: one for name, one in evidence.intents.items() if one.intended.compartment != compartment}
    missed = {number: one for number, one in evidence.missed.items() if number != compartment}
    return replace(evidence, intents=kept, missed=missed)


# the machine


def _started(evidence: Evidence, body: facts.Started, fact: Fact) -> Evidence:
    unseen = {n: replace(one, door="unknown", present=None) for n, one in evidence.compartments.items()}
    kept = {name: intent for name, intent in evidence.intents.items() if not intent.harmless}
    return replace(evidence, compartments=unseen, intents=kept, approval=None)


def _configured(evidence: Evidence, body: facts.Configured, fact: Fact) -> Evidence:
    new = {one.number: Compartment() for one in body.compartments}
    return replace(evidence, compartments=new | evidence.compartments)


def _bus_silent(evidence: Evidence, body: facts.BusSilent, fact: Fact) -> Evidence:
    for number in body.compartments:
        evidence = _with(evidence, number, replace(evidence.compartment(number), door="unknown", present=None))
    return evidence


def _bus_restored(evidence: Evidence, body: facts.BusRestored, fact: Fact) -> Evidence:
    for number in body.changed:
        evidence = _with(evidence, number, _doubted(evidence.compartment(number)))
    return evidence


def _sensor_suspect(evidence: Evidence, body: facts.SensorSuspect, fact: Fact) -> Evidence:
    one = _blocked(_doubted(evidence.compartment(body.compartment)), Block.SENSOR_SUSPECT)
    return _with(evidence, body.compartment, one)


# who stood there


def _session_opened(evidence: Evidence, body: facts.SessionOpened, fact: Fact) -> Evidence:
    return replace(evidence, session=body.session, approval=None)


def _session_closed(evidence: Evidence, body: facts.SessionClosed, fact: Fact) -> Evidence:
    return replace(evidence, session=None if evidence.session == body.session else evidence.session, approval=None)


def _identified(evidence: Evidence, body: facts.Identified, fact: Fact) -> Evidence:
    """Good in the session that asked, while it lasts."""
    if body.session != evidence.session:
        return evidence
    approval = Approval(session=body.session, identification=body.identification, handovers=frozenset(body.handovers))
    return replace(evidence, approval=approval)


def _used(evidence: Evidence, handover: int) -> Evidence:
    """An approval is good for one time."""
    approval = evidence.approval
    if approval is None or handover not in approval.handovers:
        return evidence
    return replace(evidence, approval=replace(approval, handovers=approval.handovers - {handover}))


def _staff_identified(evidence: Evidence, body: facts.StaffIdentified, fact: Fact) -> Evidence:
    return replace(evidence, codes=throttle.after_staff(evidence.codes, body))


def _code_accepted(evidence: Evidence, body: facts.CodeAccepted, fact: Fact) -> Evidence:
    return replace(evidence, codes=throttle.after_acceptance(evidence.codes, body))


def _code_refused(evidence: Evidence, body: facts.CodeRefused, fact: Fact) -> Evidence:
    return replace(evidence, codes=throttle.after_refusal(evidence.codes, body, fact.at))


# doors


def _open_intended(evidence: Evidence, body: facts.OpenIntended, fact: Fact) -> Evidence:
    before = any(intent.ever_opened for intent in evidence.intents_on(body.compartment))
    evidence = _settled(evidence, body.compartment)
    one = evidence.compartment(body.compartment)
    empty_at = fact.number if one.content == "empty" else None
    intents = evidence.intents | {body.intent: Intent(intended=body, opened_before=before, empty_at=empty_at)}
    # From here on the lock may have been pulsed, also when nothing later was written down.
    return _with(replace(evidence, intents=intents), body.compartment, _doubted(one))


def _pulsed(evidence: Evidence, body: facts.Pulsed, fact: Fact) -> Evidence:
    intent = evidence.intents.get(body.intent)
    if intent is None:
        return evidence
    return replace(evidence, intents=evidence.intents | {body.intent: replace(intent, pulses=body.pulse)})


def _pulse_not_sent(evidence: Evidence, body: facts.PulseNotSent, fact: Fact) -> Evidence:
    """Nothing moved by this intent. One that opened the door before it still waits for its outcome."""
    intent = evidence.intents.get(body.intent)
    if intent is None or intent.ever_opened or intent.pulses > 1:
        return evidence
    number = intent.intended.compartment
    evidence = replace(evidence, intents={name: one for name, one in evidence.intents.items() if name != body.intent})
    one = evidence.compartment(number)
    # Empty before and nothing told in between: empty still.
    still = intent.empty_at is not None and fact.number == intent.empty_at + 1
    return _with(evidence, number, replace(one, content="empty")) if still else evidence


def _door_opened(evidence: Evidence, body: facts.DoorOpened, fact: Fact) -> Evidence:
    one = replace(_doubted(evidence.compartment(body.compartment)), door="open", present=None)
    intent = evidence.intents.get(body.intent or "")
    missed = evidence.missed.get(body.compartment)
    if intent is not None:
        opened = replace(intent, opened=True, shut=False, present=None)
        evidence = replace(evidence, intents=evidence.intents | {intent.intended.intent: opened})
        one = replace(one, blocked=one.blocked - {Block.DID_NOT_OPEN})
    elif missed is not None and missed.intent == body.intent:
        # Pulled open, or by its lever: it waits for an outcome again, and its lock is still to be looked at.
        late = Intent(intended=missed, pulses=PULSES_AN_INTENT, opened=True)
        evidence = _settled(evidence, body.compartment)
        evidence = replace(evidence, intents=evidence.intents | {missed.intent: late})
    return _with(evidence, body.compartment, one)


def _door_shut(evidence: Evidence, body: facts.DoorShut, fact: Fact) -> Evidence:
    one = replace(evidence.compartment(body.compartment), door="closed", present=body.present)
    if one.handover is None and body.present is False:
        one = _emptied(one)
    elif body.present:
        one = _doubted(one)
    intents = dict(evidence.intents)
    for intent in evidence.intents_on(body.compartment):
        name = intent.intended.intent
        intents[name] = replace(intent, shut=intent.ever_opened, present=body.present)
        if intent.harmless and intent.opened:
            del intents[name]
    return _with(replace(evidence, intents=intents), body.compartment, one)


def _open_not_detected(evidence: Evidence, body: facts.OpenNotDetected, fact: Fact) -> Evidence:
    intent = evidence.intents.get(body.intent)
    evidence = _settled(evidence, body.compartment)
    if intent is not None:
        evidence = replace(evidence, missed=evidence.missed | {body.compartment: intent.intended})
    return _with(evidence, body.compartment, _blocked(evidence.compartment(body.compartment), Block.DID_NOT_OPEN))


def _door_left_open(evidence: Evidence, body: facts.DoorLeftOpen, fact: Fact) -> Evidence:
    one = replace(_doubted(evidence.compartment(body.compartment)), door="open", present=None)
    return _with(evidence, body.compartment, _blocked(one, Block.LEFT_OPEN))


def _opened_without_command(evidence: Evidence, body: facts.OpenedWithoutCommand, fact: Fact) -> Evidence:
    one = replace(_doubted(evidence.compartment(body.compartment)), door="open", present=None)
    return _with(evidence, body.compartment, _blocked(one, Block.FORCED))


def _wrong_door(evidence: Evidence, body: facts.WrongDoor, fact: Fact) -> Evidence:
    for number in (body.pulsed, body.moved):
        one = _doubted(evidence.compartment(number))
        evidence = _with(evidence, number, _blocked(one, Block.MAPPING_FAULT))
    return evidence


def _block(evidence: Evidence, body: facts.CompartmentBlocked, fact: Fact) -> Evidence:
    return _with(evidence, body.compartment, _blocked(evidence.compartment(body.compartment), body.reason))


def _release(evidence: Evidence, body: facts.CompartmentReleased, fact: Fact) -> Evidence:
    one = evidence.compartment(body.compartment)
    return _with(evidence, body.compartment, replace(one, blocked=one.blocked - {body.reason}))


def _seen_empty(evidence: Evidence, body: facts.SeenEmpty, fact: Fact) -> Evidence:
    one = evidence.compartment(body.compartment)
    # A sensor's flicker never takes somebody's thing out of the books; a person who looked does.
    if body.staff is None and one.handover is not None:
        return evidence
    return _with(_settled(evidence, body.compartment), body.compartment, _emptied(replace(one, present=None)))


def _unexpected_content(evidence: Evidence, body: facts.UnexpectedContent, fact: Fact) -> Evidence:
    one = replace(_doubted(evidence.compartment(body.compartment)), present=True)
    if one.handover is None and one.thing is None:
        evidence = _settled(evidence, body.compartment)
    return _with(evidence, body.compartment, _blocked(one, Block.UNEXPECTED_CONTENT))


# custody


def _elsewhere_no_more(evidence: Evidence, handover: int, compartment: int) -> Evidence:
    """A thing lies in one place: where it lay before, nobody looked since; and what is still to be said of another door
    that was asked to open for it does not speak of it any more."""
    intents = {
        name: replace(one, intended=_of_nothing(one.intended, handover, compartment))
        for name, one in evidence.intents.items()
    }
    missed = {number: _of_nothing(one, handover, compartment) for number, one in evidence.missed.items()}
    evidence = replace(evidence, intents=intents, missed=missed)
    for number, one in evidence.compartments.items():
        if one.handover == handover and number != compartment:
            evidence = _with(evidence, number, replace(one, content="unknown", handover=None, session=None))
    return evidence


def _of_nothing(asked: facts.OpenIntended, handover: int, compartment: int) -> facts.OpenIntended:
    elsewhere = asked.handover == handover and asked.compartment != compartment
    return replace(asked, handover=None) if elsewhere else asked


def _loaded(evidence: Evidence, body: facts.Loaded, fact: Fact) -> Evidence:
    evidence = _settled(_elsewhere_no_more(evidence, body.handover, body.compartment), body.compartment)
    one = evidence.compartment(body.compartment)
    one = replace(one, content="holds", handover=body.handover, thing=None, session=body.session)
    return _with(evidence, body.compartment, one)


def _load_undone(evidence: Evidence, body: facts.LoadUndone, fact: Fact) -> Evidence:
    one = evidence.compartment(body.compartment)
    evidence = _settled(evidence, body.compartment)
    return _with(evidence, body.compartment, _emptied(one)) if one.handover in {None, body.handover} else evidence


def _collected(evidence: Evidence, body: facts.Collected, fact: Fact) -> Evidence:
    one = evidence.compartment(body.compartment)
    evidence = _used(_settled(evidence, body.compartment), body.handover)
    if one.handover not in {None, body.handover}:
        return evidence
    if one.door == "closed" and one.present is False:
        return _with(evidence, body.compartment, _emptied(one))
    gone = replace(one, content="unknown", handover=None, thing=None, session=None)
    return _with(evidence, body.compartment, gone)


def _not_taken(evidence: Evidence, body: facts.NotTaken, fact: Fact) -> Evidence:
    one = evidence.compartment(body.compartment)
    evidence = _settled(evidence, body.compartment)
    if one.handover not in {None, body.handover}:
        return evidence
    return _with(evidence, body.compartment, replace(one, content="holds", handover=body.handover))


def _returned(evidence: Evidence, body: facts.Returned, fact: Fact) -> Evidence:
    if body.handover is not None:
        evidence = _elsewhere_no_more(evidence, body.handover, body.compartment)
    evidence = _settled(evidence, body.compartment)
    one = evidence.compartment(body.compartment)
    put = replace(one, content="holds", handover=body.handover, thing="returned", session=body.session)
    return _with(evidence, body.compartment, put)


def _found_item(evidence: Evidence, body: facts.FoundItem, fact: Fact) -> Evidence:
    evidence = _settled(evidence, body.compartment)
    one = evidence.compartment(body.compartment)
    return _with(evidence, body.compartment, replace(one, content="holds", thing="found"))


def _taken_out(evidence: Evidence, body: facts.TakenOut, fact: Fact) -> Evidence:
    one = evidence.compartment(body.compartment)
    evidence = _settled(evidence, body.compartment)
    return _with(evidence, body.compartment, _emptied(one)) if one.handover in {None, body.handover} else evidence


def _disputed(evidence: Evidence, body: facts.Disputed, fact: Fact) -> Evidence:
    evidence = _used(evidence, body.handover)
    number = evidence.holding(body.handover) if body.compartment is None else body.compartment
    if number is None:
        return evidence
    one = evidence.compartment(number)
    evidence = _settled(evidence, number)
    if one.handover not in {None, body.handover}:
        return evidence
    return _with(evidence, number, replace(one, content="unknown", handover=body.handover))


FOLDS: Mapping[type, Fold] = {
    facts.Started: _started,
    facts.Configured: _configured,
    facts.BusSilent: _bus_silent,
    facts.BusRestored: _bus_restored,
    facts.SensorSuspect: _sensor_suspect,
    facts.SessionOpened: _session_opened,
    facts.SessionClosed: _session_closed,
    facts.StaffIdentified: _staff_identified,
    facts.CodeAccepted: _code_accepted,
    facts.CodeRefused: _code_refused,
    facts.Identified: _identified,
    facts.OpenIntended: _open_intended,
    facts.Pulsed: _pulsed,
    facts.PulseNotSent: _pulse_not_sent,
    facts.DoorOpened: _door_opened,
    facts.DoorShut: _door_shut,
    facts.OpenNotDetected: _open_not_detected,
    facts.DoorLeftOpen: _door_left_open,
    facts.OpenedWithoutCommand: _opened_without_command,
    facts.WrongDoor: _wrong_door,
    facts.CompartmentBlocked: _block,
    facts.CompartmentReleased: _release,
    facts.SeenEmpty: _seen_empty,
    facts.UnexpectedContent: _unexpected_content,
    facts.Loaded: _loaded,
    facts.LoadUndone: _load_undone,
    facts.Collected: _collected,
    facts.NotTaken: _not_taken,
    facts.Returned: _returned,
    facts.FoundItem: _found_item,
    facts.TakenOut: _taken_out,
    facts.Disputed: _disputed,
}
