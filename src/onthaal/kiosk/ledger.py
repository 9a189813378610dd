"""What the kiosk holds to be so: the centre's snapshot, moved on by the kiosk's own later facts.

A physical fact wins over the table of moves: what was taken is collected, whatever had been planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from onthaal.core import facts, folding, lifecycles
from onthaal.core.evidence import Evidence
from onthaal.core.facts import Channel, CodeRefused, Fact, Fitted
from onthaal.core.lifecycles import CLOSED, IN_THE_WALL, Direction, Move, Stage
from onthaal.core.protocol import Loan, ProductRule, WishedGrant, WishedHandover, Wishes
from onthaal.core.refusals import Refusal, Why


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One handover: as wished, and where it stands after the kiosk's own facts."""

    wished: WishedHandover
    stage: Stage
    compartment: int | None

    @property
    def id(self) -> int:
        return self.wished.id

    @property
    def direction(self) -> Direction:
        return self.wished.direction


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A right code: whose, and for what."""

    grant: WishedGrant
    known: Known


class Denied(msgspec.Struct, frozen=True, kw_only=True):
    """A no. `why` is what the person is told; `real` what is written down, which may say more."""

    why: Why
    real: Why | None = None
    grant: int | None = None
    counts: bool = False
    facts: dict[str, str | datetime] = {}
    """Slots for the words: `walls`, `opens_at`, `until`, `compartment`, `help_phone` where they apply."""
    until: datetime | None = None
    staff: str | None = None

    def told(self, *, session: str, channel: Channel) -> CodeRefused:
        """The fact of this refusal. It must be on disk before the answer is shown."""
        why = (self.real or self.why).value
        return CodeRefused(
            session=session, channel=channel, why=why, grant=self.grant, counts=self.counts, staff=self.staff
        )


Reason = Literal["recalled", "returned", "found", "disputed", "left"]


class TakeOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something staff should take out of the wall."""

    compartment: int
    why: Reason
    """*left*: no plan speaks of it any more (say, cancelled while the wall was offline)."""
    handover: int | None = None
    product: int | None = None


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """Snapshot, evidence and what follows from the two."""

    wishes: Wishes | None
    evidence: Evidence
    fitted: tuple[Fitted, ...]
    handovers: dict[int, Known]
    loans: dict[str, Loan]
    """By tag, upper-case hex."""

    def live(self) -> tuple[Known, ...]:
        """Every handover that is not closed."""
        return tuple(known for known in self.handovers.values() if known.stage not in CLOSED)

    def claims(self, compartment: int) -> frozenset[int]:
        """The handovers whose thing may lie there, by the log's evidence first and else by the plans. One for which the
        door was opened, without an outcome yet, is among them: nobody opens it for anything else before it has one."""
        begun = {
            one.intended.handover
            for one in self.evidence.intents_on(compartment)
            if one.ever_opened and one.intended.handover is not None
        }
        seen = self.evidence.compartment(compartment).handover
        if seen is not None:
            return frozenset({seen} | begun)
        planned = {known.id for known in self.live() if known.compartment == compartment and known.stage in IN_THE_WALL}
        return frozenset(planned | begun)

    def taken(self) -> frozenset[int]:
        """Compartments that no other thing goes into, whatever their sensors show."""
        claimed = {known.compartment for known in self.live() if known.compartment is not None}
        held = {number for number, one in self.evidence.compartments.items() if one.handover is not None}
        return frozenset(claimed | held | self.blocked_by_centre())

    def blocked_by_centre(self) -> frozenset[int]:
        return frozenset(block.compartment for block in self.wishes.blocks) if self.wishes else frozenset()

    def blocked(self, compartment: int) -> frozenset[str]:
        """Every reason why it is out of use, whoever set it."""
        blocks = self.wishes.blocks if self.wishes else ()
        centre = {block.reason for block in blocks if block.compartment == compartment}
        return self.evidence.compartment(compartment).blocked | centre

    def product(self, known: Known) -> ProductRule | None:
        rules = self.wishes.products if self.wishes else ()
        return next((rule for rule in rules if rule.id == known.wished.product), None)

    def personal(self, known: Known) -> bool:
        """Only its addressee may have it. Of a product that no list names nothing milder is known."""
        rule = self.product(known)
        return rule is None or rule.personal

    def back_for(self, out: Known) -> Known | None:
        """The planned return, at this wall, of what went out by this handover. The thing may be promised to others
        after that: both ways of one loan begin on the same day, and no two loans of one thing do."""
        returns = (
            known
            for known in self.live()
            if known.direction is Direction.BACK and known.stage is Stage.PLANNED
            if known.wished.item == out.wished.item and known.wished.starts_at == out.wished.starts_at
        )
        return min(returns, key=lambda known: (known.id < out.id, known.id), default=None)


def moved_on(ledger: Ledger, fact: Fact) -> Ledger:
    """The ledger after one more fact of this kiosk, with its evidence."""
    return replace(overlaid(ledger, fact), evidence=folding.after(ledger.evidence, fact))


def overlaid(ledger: Ledger, fact: Fact) -> Ledger:
    """The ledger with what the fact says of custody; the evidence stays as it is."""
    body = fact.body
    known = ledger.handovers.get(getattr(body, "handover", None) or 0)
    moved = _moved(known, body) if known else None
    handovers = ledger.handovers | {moved.id: moved} if moved else ledger.handovers
    return replace(ledger, handovers=handovers, loans=_loans(ledger, known, body))


_STEPS: Mapping[type, tuple[Move, Stage]] = {
    facts.Loaded: (Move.LOAD, Stage.LOADED),
    facts.Returned: (Move.LOAD, Stage.LOADED),
    facts.LoadUndone: (Move.UNDO_LOAD, Stage.PLANNED),
    facts.Collected: (Move.COLLECT, Stage.COLLECTED),
    facts.Disputed: (Move.DISPUTE, Stage.DISPUTED),
}


def _moved(known: Known, body: facts.Body) -> Known | None:
    if isinstance(body, facts.TakenOut):
        out = known.direction is Direction.OUT
        step = (Move.TAKE_BACK, Stage.TAKEN_BACK) if out else (Move.COLLECT, Stage.COLLECTED)
        return _at(known, *step, None)
    if type(body) not in _STEPS:
        return None
    where = body.compartment if isinstance(body, facts.Loaded | facts.Returned | facts.Disputed) else None
    if where is None and isinstance(body, facts.Disputed):
        where = known.compartment
    return _at(known, *_STEPS[type(body)], where)


def _at(known: Known, move: Move, physical: Stage, compartment: int | None) -> Known:
    try:
        stage = lifecycles.after(known.direction, known.stage, move)
    except Refusal:
        stage = physical
    return replace(known, stage=stage, compartment=compartment)


def _loans(ledger: Ledger, known: Known | None, body: facts.Body) -> dict[str, Loan]:
    match body:
        case facts.Returned(tag=str(tag)):
            return {held: loan for held, loan in ledger.loans.items() if held != tag.upper()}
        case facts.Returned(item=int(item)):
            return {held: loan for held, loan in ledger.loans.items() if loan.item != item}
        case facts.Collected() if known and _is_lent(ledger, known):
            return ledger.loans | _lent(ledger, known)
    return ledger.loans


def _is_lent(ledger: Ledger, known: Known) -> bool:
    rule = ledger.product(known)
    lent = rule is not None and rule.mode == "lend"
    return lent and known.direction is Direction.OUT and known.wished.tag is not None


def _lent(ledger: Ledger, known: Known) -> dict[str, Loan]:
    wished = known.wished
    if wished.tag is None or wished.item is None:
        return {}
    back = ledger.back_for(known)
    loan = Loan(item=wished.item, tag=wished.tag, product=wished.product, handover=back.id if back else None)
    return {wished.tag.upper(): loan}


def from_snapshot(
    wishes: Wishes | None, evidence: Evidence, own: Iterable[Fact], fitted: Iterable[Fitted]
) -> tuple[Ledger, tuple[Fact, ...]]:
    """The ledger of a snapshot before the own facts, and those facts in order. `evidence` is that of the whole log."""
    handovers = {
        one.id: Known(wished=one, stage=one.stage, compartment=one.compartment)
        for one in (wishes.handovers if wishes else ())
    }
    loans = {loan.tag.upper(): loan for loan in (wishes.loans if wishes else ())}
    ledger = Ledger(wishes=wishes, evidence=evidence, fitted=tuple(fitted), handovers=handovers, loans=loans)
    return ledger, tuple(own)
