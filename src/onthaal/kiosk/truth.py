"""The kiosk's truth: the snapshot, plus its own facts after `heard_up_to`, plus what its own log saw.

Immutable and cheap: a new one after each fact and each snapshot. Everything a session may know or do is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from onthaal.core import placement
from onthaal.core.evidence import Compartment, Evidence
from onthaal.core.facts import Fact, Fitted, Purpose
from onthaal.core.lifecycles import Direction, Stage
from onthaal.core.protocol import Door, Loan, StaffBadge, Wishes
from onthaal.core.refusals import Why
from onthaal.kiosk import checking, pulses
from onthaal.kiosk.ledger import Accepted, Denied, Known, Ledger, Reason, TakeOut, from_snapshot, moved_on, overlaid
from onthaal.kiosk.store import Store

__all__ = ["Accepted", "Denied", "Known", "TakeOut", "Truth"]


class Truth:
    """See the module. Safe to use from a thread: nothing in it changes."""

    def __init__(
        self, wishes: Wishes | None, evidence: Evidence, own: Iterable[Fact], fitted: Iterable[Fitted]
    ) -> None:
        """`evidence`: of the whole log. `own`: the facts after the snapshot's `heard_up_to`; all of them when the
        snapshot speaks of another log."""
        ledger, later = from_snapshot(wishes, evidence, own, fitted)
        for fact in later:
            ledger = overlaid(ledger, fact)
        self._ledger = ledger

    @classmethod
    def of(cls, store: Store, fitted: Iterable[Fitted]) -> Truth:
        """The truth by what a store holds now."""
        return cls(store.wishes(), store.evidence(), store.own_facts(), fitted)

    @classmethod
    def _around(cls, ledger: Ledger) -> Truth:
        truth = cls.__new__(cls)
        truth._ledger = ledger  # noqa: SLF001 (its own class)
        return truth

    def after(self, *facts: Fact) -> Truth:
        """The truth after more facts of this kiosk, in order."""
        ledger = self._ledger
        for fact in facts:
            ledger = moved_on(ledger, fact)
        return self._around(ledger)

    # what is so

    @property
    def wishes(self) -> Wishes | None:
        return self._ledger.wishes

    @property
    def evidence(self) -> Evidence:
        return self._ledger.evidence

    def handover(self, id_: int) -> Known | None:
        """Also one that is closed by an own fact the centre has not heard yet."""
        return self._ledger.handovers.get(id_)

    def live(self) -> tuple[Known, ...]:
        return self._ledger.live()

    def blocked(self, compartment: int) -> frozenset[str]:
        return self._ledger.blocked(compartment)

    def usable(self, compartment: int) -> bool:
        """Fitted, and nobody blocks it."""
        fitted = any(one.number == compartment for one in self._ledger.fitted)
        return fitted and not self.blocked(compartment)

    def content(self, compartment: int) -> Compartment:
        return self._ledger.evidence.compartment(compartment)

    # codes

    def check_pin(
        self, text: str, *, now: datetime, pepper: bytes, centre: datetime | None = None
    ) -> Accepted | Denied:
        return checking.check_pin(self._ledger, text, now=now, pepper=pepper, centre=centre)

    def pin_pause(self, now: datetime) -> Denied | None:
        return checking.pin_pause(self._ledger, now)

    def check_qr(self, text: str, *, now: datetime, pepper: bytes) -> Accepted | Denied:
        return checking.check_qr(self._ledger, text, now=now, pepper=pepper)

    def check_badge(self, text: str, *, pepper: bytes) -> StaffBadge | None:
        return checking.check_badge(self._ledger, text, pepper=pepper)

    def check_staff_pin(self, badge: StaffBadge, pin: str, *, now: datetime, pepper: bytes) -> StaffBadge | Denied:
        return checking.check_staff_pin(self._ledger, badge, pin, now=now, pepper=pepper)

    def for_label(self, body: str) -> Known | Denied:
        return checking.for_label(self._ledger, body)

    def for_tag_loading(self, tag: str) -> Known | Denied:
        return checking.for_tag_loading(self._ledger, tag)

    def for_tag_return(self, tag: str) -> Loan | Denied:
        return checking.for_tag_return(self._ledger, tag)

    def knows_tag(self, tag: str) -> bool:
        return checking.knows_tag(self._ledger, tag)

    # for exactly one person

    def second_person(self, known: Known, staff: str) -> Denied | None:
        """Whether this staff member may load it, where two people are needed."""
        why = pulses.second_person(self._ledger, known, staff)
        return Denied(why=why) if why else None

    def needs_two(self, known: Known) -> bool:
        rule = self._ledger.product(known)
        return rule is not None and rule.two_staff

    def of_addressee(self, handovers: Iterable[int]) -> tuple[Known, ...]:
        """Of what the centre approved: what this wall itself knows as personal, on its way out, and lying here."""
        found = (self.handover(one) for one in dict.fromkeys(handovers))
        return tuple(
            known
            for known in found
            if known is not None
            and self._ledger.personal(known)
            and known.compartment is not None
            and pulses.lies_ready(self._ledger, known, known.compartment)
        )

    # compartments

    def claims(self, compartment: int) -> frozenset[int]:
        """The handovers whose thing may lie there, by the log or by the plans."""
        return self._ledger.claims(compartment)

    def place(
        self, known: Known, *, doors: Mapping[int, Door], presence: Mapping[int, bool | None] = {}
    ) -> int | Denied:
        """The compartment for this handover's thing. `doors`, `presence`: what the sensors show now."""
        need = placement.Need(size=known.wished.size, low=known.wished.low)
        return self.place_for(need, doors=doors, presence=presence)

    def place_for(
        self, need: placement.Need, *, doors: Mapping[int, Door], presence: Mapping[int, bool | None] = {}
    ) -> int | Denied:
        """The same for a thing without a handover here, say an item lent at another wall."""
        # What a sensor sees something in is not empty, whatever the log says.
        taken = self._ledger.taken() | {number for number, present in presence.items() if present}
        number = placement.choose(self.evidence, self._ledger.fitted, need, doors=doors, taken=taken)
        return Denied(why=Why.NO_COMPARTMENT_FREE) if number is None else number

    def pulse_allowed(
        self,
        compartment: int,
        purpose: Purpose,
        handover: int | None,
        *,
        session: str | None = None,
        staff: str | None = None,
    ) -> Denied | None:
        """Promises 2 and 5 by the newest truth of the log: None when this pulse may be."""
        asked = pulses.Asked(compartment=compartment, purpose=purpose, handover=handover, session=session, staff=staff)
        return self.denied(asked)

    def denied(self, asked: pulses.Asked) -> Denied | None:
        """The same, with what the sensors show at this moment: the log may not know which doors stand open."""
        return pulses.answer(self._ledger, asked)

    def to_take_out(self) -> tuple[TakeOut, ...]:
        """What staff should take out, by compartment."""
        planned = [one for known in self.live() if (one := _of_plan(known)) is not None]
        planned_for, listed = {known.id for known in self.live()}, {one.compartment for one in planned}
        seen = [
            TakeOut(compartment=number, why="left" if one.handover is not None else _why(one), handover=one.handover)
            for number, one in self.evidence.compartments.items()
            if (one.handover is None and one.thing is not None and number not in listed)
            or (one.handover is not None and one.handover not in planned_for)
        ]
        return tuple(sorted(planned + seen, key=lambda one: one.compartment))

    def unknown_contents(self) -> tuple[int, ...]:
        """Compartments that staff may look into and say they are empty: nothing known lies there, nothing proves it."""
        numbers = (one.number for one in self._ledger.fitted)
        return tuple(
            number
            for number in sorted(numbers)
            if self.content(number).content == "unknown"
            and self.content(number).thing is None
            and not self._ledger.claims(number)
        )


def _why(one: Compartment) -> Reason:
    return "found" if one.thing == "found" else "returned"


def _of_plan(known: Known) -> TakeOut | None:
    why: Reason | None = _REASONS.get((known.direction, known.stage))
    if why is None or known.compartment is None:
        return None
    return TakeOut(compartment=known.compartment, why=why, handover=known.id, product=known.wished.product)


_REASONS: Mapping[tuple[Direction, Stage], Reason] = {
    (Direction.OUT, Stage.RECALLED): "recalled",
    (Direction.OUT, Stage.DISPUTED): "disputed",
    (Direction.BACK, Stage.LOADED): "returned",
    (Direction.BACK, Stage.DISPUTED): "disputed",
}
