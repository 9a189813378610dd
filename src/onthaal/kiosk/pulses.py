"""Promise 2 in one place: whether a compartment's lock may be pulsed, for whom and to what end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from onthaal.core.evidence import Block
from onthaal.core.facts import Purpose
from onthaal.core.lifecycles import IN_THE_WALL, OPENABLE, Direction, Stage
from onthaal.core.protocol import Door
from onthaal.core.refusals import Why
from onthaal.kiosk.ledger import Denied, Known, Ledger

OPENS_ALL_THE_SAME = frozenset({Block.DID_NOT_OPEN, Block.SENSOR_SUSPECT, Block.UNEXPECTED_CONTENT})
"""Blocks that keep new things out, and yet the addressee may try to take their own."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An opening that somebody wants."""

    compartment: int
    purpose: Purpose
    handover: int | None = None
    session: str | None = None
    """Only the session that began something may open the same door for it again."""
    staff: str | None = None
    """Who opens it, where that is staff."""
    doors: Mapping[int, Door] = {}
    """What the sensors show now: the log may not say it (after a silence, after a restart)."""


def denied(ledger: Ledger, asked: Asked) -> Why | None:
    """Why this pulse may not be, or None when it may. Asked again before each intent, on the newest facts."""
    if asked.compartment not in {one.number for one in ledger.fitted}:
        return Why.COMPARTMENT_UNAVAILABLE
    if ledger.evidence.mapping_fault and asked.purpose != "doctor":
        return Why.COMPARTMENT_UNAVAILABLE
    if not _RULES[asked.purpose](ledger, asked):
        return Why.COMPARTMENT_UNAVAILABLE
    known = ledger.handovers.get(asked.handover or 0)
    return _personal(ledger, asked, known) if known is not None else None


def _personal(ledger: Ledger, asked: Asked, known: Known) -> Why | None:
    """Promise 5, and what else is asked of a personal thing."""
    if asked.purpose == "load":
        return second_person(ledger, known, asked.staff) or _alone(ledger, asked, known)
    if asked.purpose != "collect" or not ledger.personal(known):
        return None
    if not ledger.evidence.approved(known.id, asked.session):
        return Why.PROOF_TOO_WEAK
    return _alone(ledger, asked, known)


def second_person(ledger: Ledger, known: Known, staff: str | None) -> Why | None:
    """Where two people are needed: one prepared it, and another loads it."""
    rule = ledger.product(known)
    if rule is None or not rule.two_staff:
        return None
    if known.wished.first_staff is None or staff is None:
        return Why.NEEDS_SECOND_PERSON
    return Why.SAME_PERSON_TWICE if known.wished.first_staff == staff else None


def _alone(ledger: Ledger, asked: Asked, known: Known) -> Why | None:
    """For a personal thing no door opens while another stands open."""
    others = {*ledger.evidence.compartments, *asked.doors} - {asked.compartment}
    stands = any(_stands_open(ledger, number, asked.doors.get(number, "unknown")) for number in others)
    return Why.SESSION_BUSY if ledger.personal(known) and stands else None


def _stands_open(ledger: Ledger, number: int, door: Door) -> bool:
    """By its sensor or by the log. One that a pulse went to, and that was not seen to shut, is not shut by being
    *unknown*: it may have opened unseen."""
    begun = any(not intent.shut for intent in ledger.evidence.intents_on(number))
    return "open" in {door, ledger.evidence.compartment(number).door} or (begun and door != "closed")


def _its_own(ledger: Ledger, asked: Asked) -> Known | None:
    """The handover that is named, when this compartment is its and nobody else's."""
    known = ledger.handovers.get(asked.handover or 0)
    if known is None or known.compartment != asked.compartment:
        return None
    one = ledger.evidence.compartment(asked.compartment)
    if known.direction is Direction.OUT and one.thing is not None:
        return None  # something else lies there: found, or brought back
    return known if ledger.claims(asked.compartment) == {known.id} else None


def lies_ready(ledger: Ledger, known: Known, compartment: int) -> bool:
    """Whether that door would open for its addressee, but for the proof."""
    return _collects(ledger, Asked(compartment=compartment, purpose="collect", handover=known.id))


def _collects(ledger: Ledger, asked: Asked) -> bool:
    known = _its_own(ledger, asked)
    if known is None or known.direction is not Direction.OUT or known.stage not in OPENABLE:
        return False
    own = ledger.evidence.compartment(asked.compartment).blocked
    return asked.compartment not in ledger.blocked_by_centre() and own <= OPENS_ALL_THE_SAME


def _loads(ledger: Ledger, asked: Asked) -> bool:
    known = ledger.handovers.get(asked.handover or 0)
    if known is None or known.direction is not Direction.OUT:
        return False
    if known.stage is Stage.PLANNED:
        return _free(ledger, asked)
    one = ledger.evidence.compartment(asked.compartment)
    # Its mail may be quicker than who still stands there: *waiting* can be undone as well.
    undone = known.stage in OPENABLE and one.session is not None and one.session == asked.session
    return undone and _its_own(ledger, asked) is not None


def _returns(ledger: Ledger, asked: Asked) -> bool:
    if asked.handover is not None:
        known = ledger.handovers.get(asked.handover)
        if known is None or known.direction is not Direction.BACK or known.stage is not Stage.PLANNED:
            return False
    return _free(ledger, asked)


def _free(ledger: Ledger, asked: Asked) -> bool:
    """Nothing lies there and nothing may; or this very session opened it for this very thing a moment ago."""
    if asked.compartment in ledger.taken() or ledger.blocked(asked.compartment):
        return False
    one = ledger.evidence.compartment(asked.compartment)
    begun = [intent.intended for intent in ledger.evidence.intents_on(asked.compartment)]
    if not begun:
        return one.content == "empty"
    return one.content != "holds" and all(
        (intended.purpose, intended.handover, intended.session) == (asked.purpose, asked.handover, asked.session)
        for intended in begun
    )


def _takes_back(ledger: Ledger, asked: Asked) -> bool:
    claims = ledger.claims(asked.compartment)
    if asked.handover is None:
        return not claims
    known = ledger.handovers.get(asked.handover)
    if known is None or known not in ledger.live():
        return claims == {asked.handover}  # no plan speaks of it any more: staff takes out what was left
    to_be_emptied = known.stage in {Stage.RECALLED, Stage.DISPUTED} or (
        known.direction is Direction.BACK and known.stage is Stage.LOADED
    )
    return to_be_emptied and _its_own(ledger, asked) is not None


def _remote(ledger: Ledger, asked: Asked) -> bool:
    if asked.handover is None:
        holds = ledger.evidence.compartment(asked.compartment).content == "holds"
        return not holds and not ledger.claims(asked.compartment)
    known = _its_own(ledger, asked)
    return known is not None and known.stage in IN_THE_WALL  # it is a recall: good while the thing lies in the wall


def _checks(ledger: Ledger, asked: Asked) -> bool:
    """Staff looks whether it is empty. What a live handover may lie in is taken out as that, never just looked at."""
    live = {known.id for known in ledger.live()}
    return not ledger.claims(asked.compartment) & live


def _doctors(ledger: Ledger, asked: Asked) -> bool:
    holds = ledger.evidence.compartment(asked.compartment).content == "holds"
    return not holds and not ledger.claims(asked.compartment)


_RULES: Mapping[Purpose, Callable[[Ledger, Asked], bool]] = {
    "collect": _collects,
    "load": _loads,
    "return": _returns,
    "take_back": _takes_back,
    "remote": _remote,
    "check": _checks,
    "doctor": _doctors,
}


def answer(ledger: Ledger, asked: Asked) -> Denied | None:
    """The refusal in full, or None."""
    why = denied(ledger, asked)
    return Denied(why=why, facts={"compartment": str(asked.compartment)}) if why else None
