"""What each fact does to the ledger: one small verb per kind, in one table. Pure.

A verb answers with a remark: empty when the fact fits the plan, else why it conflicts. A conflict never stops the
hearing: the physical fact wins, what it contradicts is displaced and becomes disputed, and people are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from onthaal.central.lockers.devices import happenings
from onthaal.central.lockers.devices.ledger import Before, Ledger
from onthaal.central.lockers.devices.telling import Told
from onthaal.core import facts
from onthaal.core.lifecycles import CLOSED

PIN_TRIES = 5
"""Wrong secrets behind one grant's selector: then its PIN is closed, its QR is not."""


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
        if not each.follows(head):
            broken_at = broken_at or each.number
            ledger.noting(each.number, now, "")
            ledger.note_kiosk("kiosk.chain-broken", words=each.words)
        ledger.noting(each.number, each.fact.at if each.fact else now, each.fact.boot if each.fact else "")
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
    remark = _unfit(ledger, told) if told.breaks else verb(ledger, body) if verb else ""
    kind = kind_of(body)
    if not remark:
        return Verdict(told, "good", kind)
    handover, door = getattr(body, "handover", None), getattr(body, "compartment", None)
    ledger.note_kiosk("kiosk.fact-conflict", door=door, handover=handover, why=remark, told=kind)
    return Verdict(told, "conflict", kind, remark)


def _unfit(ledger: Ledger, told: Told) -> str:
    """What it would move cannot be written: its handover is in doubt, and people look."""
    handover = ledger.find(getattr(told.fact and told.fact.body, "handover", None))
    if handover is not None and handover.stage not in CLOSED:
        ledger.overrule(handover)
    return f"breaks:{told.breaks}"


# codes and commands


def _code_refused(ledger: Ledger, body: facts.CodeRefused) -> str:
    if body.grant is None or not body.counts or body.channel != "pin":
        return ""
    grant = ledger.grants.get(body.grant)
    handover = ledger.find(grant.handover) if grant else None
    if grant is None or handover is None:  # none at all, or one of another wall
        return "grant-unknown"
    grant.pin_tries = min(grant.pin_tries + 1, 1000)
    ledger.changed_grants.add(grant.id)
    if grant.pin_tries >= PIN_TRIES and grant.pin_closed_at is None:
        grant.pin_closed_at = ledger.at
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
    facts.LogBegun: "kiosk.log-begun",
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
    facts.Loaded: happenings.loaded,
    facts.LoadUndone: happenings.undone,
    facts.Identified: happenings.identified,
    facts.Collected: happenings.collected,
    facts.NotTaken: happenings.not_taken,
    facts.Returned: happenings.returned,
    facts.FoundItem: happenings.found,
    facts.TakenOut: happenings.taken_out,
    facts.Disputed: happenings.disputed,
    facts.SeenEmpty: happenings.seen_empty,
    facts.CodeRefused: _code_refused,
    facts.CommandAnswered: _command_answered,
    facts.Configured: _configured,
    **dict.fromkeys(_TOLD_ON, _told_on),
}
"""What is not here (sessions, identifications, intents, pulses, doors) is kept, and moves nothing."""
