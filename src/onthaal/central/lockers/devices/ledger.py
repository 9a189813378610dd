"""The rows that facts speak of, as values, and the moves that facts make on them. Pure: no database.

`Before` is what the rows say; a `Ledger` is a working copy that takes moves; what it gathered is what must be written.
Several facts of one POST may move the same thing: a stay or a custody that began and ended in between is written
with both its moments.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from onthaal.central.foundation.journal.chains import Note
from onthaal.core.custody import Holder, held_by
from onthaal.core.lifecycles import CLOSED, MOVES, Direction, Move, Stage

CLOCKS_DIFFER = timedelta(minutes=15)
"""What a kiosk's clock may be off beside what its last state shows."""


class HandoverNow(msgspec.Struct, kw_only=True):
    """A handover's row, as far as facts change it. `compartment` is a row's id, never a door number."""

    id: int
    direction: Direction
    stage: Stage
    item: int
    product: int
    person: int
    kiosk: int
    out: int | None = None
    two_staff: bool = False
    personal: bool = False
    prepared_by: str = ""
    taken_out_by: str = ""
    received_by: str = ""
    tagged: bool = False
    planned_at: datetime | None = None
    """By the centre's clock; None: planned backwards."""
    compartment: int | None = None
    loaded_at: datetime | None = None
    loaded_by: str = ""
    recalled_at: datetime | None = None
    closed_at: datetime | None = None
    dispute: str = ""
    grade: str = ""

    def allows(self, move: Move) -> bool:
        return move in MOVES[self.direction][self.stage]

    def take(self, move: Move, at: datetime) -> None:
        self.become(MOVES[self.direction][self.stage][move], at)

    def become(self, stage: Stage, at: datetime) -> None:
        self.stage = stage
        self.closed_at = at if stage in CLOSED else None
        if stage is not Stage.TAKEN_BACK:
            self.received_by = ""  # whoever takes it out another time, another one receives it then


class Span(msgspec.Struct, kw_only=True):
    """A stay or a custody; `id` None: it began in this POST."""

    since: datetime
    until: datetime | None = None
    id: int | None = None

    def end(self, at: datetime) -> datetime:
        """Never before it began, whatever a kiosk's clock says."""
        self.until = max(self.since, at)
        return self.until


class StayNow(Span, kw_only=True):
    handover: int
    compartment: int


class CustodyNow(Span, kw_only=True):
    item: int
    holder: Holder
    compartment: int | None = None
    handover: int | None = None
    grade: str = ""


class GrantNow(msgspec.Struct, kw_only=True):
    id: int
    handover: int
    status: str
    pin_tries: int = 0
    pin_closed_at: datetime | None = None
    ended_at: datetime | None = None


class ItemNow(msgspec.Struct, kw_only=True):
    id: int
    product: int
    tag: str | None = None


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What the centre approved at this kiosk for one session of one boot."""

    id: int
    boot: str
    session: str
    handovers: tuple[int, ...]


class Before(msgspec.Struct, kw_only=True):
    """What the rows say before these facts, all of one kiosk."""

    kiosk: int
    compartments: dict[int, int]
    """Door number → row."""
    handovers: tuple[HandoverNow, ...] = ()
    stays: tuple[StayNow, ...] = ()
    custodies: tuple[CustodyNow, ...] = ()
    grants: tuple[GrantNow, ...] = ()
    items: tuple[ItemNow, ...] = ()
    commands: tuple[str, ...] = ()
    """The nonces asked about that this kiosk was given."""
    approvals: tuple[Approval, ...] = ()
    """Of the identifications that the facts name."""
    spare_ids: tuple[int, ...] = ()
    """For handovers back that have to be planned backwards."""
    behind: float = 0.0
    """Seconds: how far the kiosk's clock was behind the centre's when it last told its state; 0 for one before it."""


class Ledger:
    """The working copy. `noting` says which fact is being heard: every note names it."""

    def __init__(self, before: Before, log: str) -> None:
        self.kiosk = before.kiosk
        self.log = log
        self.compartments: Mapping[int, int] = before.compartments
        self.handovers = {handover.id: handover for handover in before.handovers}
        self.grants = {grant.id: grant for grant in before.grants}
        self.items = {item.id: item for item in before.items}
        self.commands = set(before.commands)
        self.approvals = {approval.id: approval for approval in before.approvals}
        self.stays = list(before.stays)
        self.custodies = list(before.custodies)
        self.changed: set[int] = set()
        self.planned: list[int] = []
        self.changed_grants: set[int] = set()
        self.answers: dict[str, tuple[str, datetime]] = {}
        self.notes: list[Note] = []
        self.loans_changed = False
        self._spare = list(before.spare_ids)
        self._behind = timedelta(seconds=before.behind)
        self._doors = {row: number for number, row in before.compartments.items()}
        self.at: datetime
        self.number, self.boot = 0, ""

    def noting(self, number: int, at: datetime, boot: str) -> None:
        self.number, self.at, self.boot = number, at, boot

    def approved(self, handover: int, *, identification: int | None, session: str) -> bool:
        """Whether the centre let this handover be taken in this very session (promise 5)."""
        approval = self.approvals.get(identification or 0)
        return (
            approval is not None
            and (approval.boot, approval.session) == (self.boot, session)
            and handover in approval.handovers
        )

    def before_its_plan(self, handover: HandoverNow) -> bool:
        """Whether what is being heard happened before this handover was planned: then it was said of another one, which
        had this number until a backup was put back."""
        return handover.planned_at is not None and self.at + self._behind < handover.planned_at - CLOCKS_DIFFER

    # finding

    def place(self, number: int | None) -> int | None:
        return None if number is None else self.compartments.get(number)

    def find(self, handover: int | None) -> HandoverNow | None:
        """A handover of this kiosk."""
        found = self.handovers.get(handover or 0)
        return found if found and found.kiosk == self.kiosk else None

    def stay_in(self, place: int | None) -> StayNow | None:
        return next((stay for stay in self.stays if stay.compartment == place and stay.until is None), None)

    def stay_of(self, handover: HandoverNow) -> StayNow | None:
        return next((stay for stay in self.stays if stay.handover == handover.id and stay.until is None), None)

    def custody_of(self, item: int) -> CustodyNow | None:
        return next((held for held in self.custodies if held.item == item and held.until is None), None)

    def item(self, item: int | None, tag: str | None) -> ItemNow | None:
        if item is not None:
            return self.items.get(item)
        return next((known for known in self.items.values() if tag is not None and known.tag == tag), None)

    def back_of(self, item: int) -> HandoverNow | None:
        """The handover back that is planned for an item, at whichever kiosk: that of whoever has it. Others may have
        been promised the same thing, for later."""
        held = self.custody_of(item)
        return next(
            (
                handover
                for handover in self.handovers.values()
                if held is not None and held.handover is not None and held.handover in {handover.out, handover.id}
                if handover.direction is Direction.BACK and handover.stage is Stage.PLANNED
            ),
            None,
        )

    # moving

    def put(self, handover: HandoverNow, place: int, grade: str) -> bool:
        """The thing of this handover lies in `place` now. True when another had to make way."""
        displaced = self.displace(place, other_than=handover)
        stay = self.stay_of(handover)
        if stay is None or stay.compartment != place:
            self.lift(handover)
            self.stays.append(StayNow(handover=handover.id, compartment=place, since=self.at))
        handover.compartment, handover.grade = place, grade
        self.give(handover, Holder.COMPARTMENT, grade, place=place)
        self.touch(handover)
        return displaced

    def put_perhaps(self, handover: HandoverNow, place: int) -> None:
        """It may lie there: nobody else gets that compartment, and custody stays with who had it."""
        self.stays.append(StayNow(handover=handover.id, compartment=place, since=self.at))
        handover.compartment = place

    def lift(self, handover: HandoverNow) -> None:
        """It lies nowhere any more."""
        stay = self.stay_of(handover)
        if stay is not None:
            stay.end(self.at)

    def displace(self, place: int | None, *, other_than: HandoverNow | None = None) -> bool:
        """What the ledger thought to lie in `place` does not, by the evidence of another fact."""
        stay = self.stay_in(place)
        if stay is None or (other_than is not None and stay.handover == other_than.id):
            return False
        stay.end(self.at)
        self.overrule(self.handovers[stay.handover])
        return True

    def overrule(self, handover: HandoverNow, why: str = "conflict") -> None:
        """The physical fact wins over the plan: people must look."""
        if handover.stage is not Stage.DISPUTED:
            handover.become(Stage.DISPUTED, self.at)
            handover.dispute = why
            self.note(handover, "handover.disputed", why=why)
        self.touch(handover)

    def give(self, handover: HandoverNow, holder: Holder, grade: str, *, place: int | None = None) -> None:
        """Its item passes to another holder."""
        held = held_by(holder, handover=handover.id, compartment=place, out=handover.out)
        custody = CustodyNow(
            item=handover.item,
            holder=held.holder,
            compartment=held.compartment,
            handover=held.handover,
            grade=grade,
            since=self.at,
        )
        self.pass_on(handover.item, custody)
        self.loans_changed |= handover.tagged

    def pass_on(self, item: int, custody: CustodyNow) -> None:
        held = self.custody_of(item)
        if held is not None:
            if (held.holder, held.compartment, held.handover) == (
                custody.holder,
                custody.compartment,
                custody.handover,
            ):
                return
            custody.since = held.end(custody.since)
        self.custodies.append(custody)

    def plan_back(self, item: ItemNow, out: HandoverNow) -> HandoverNow | None:
        """A handover back that nobody planned: the thing stands in the wall all the same."""
        if not self._spare:
            return None
        taken = any(known.out == out.id for known in self.handovers.values())
        back = HandoverNow(
            id=self._spare.pop(0),
            direction=Direction.BACK,
            stage=Stage.PLANNED,
            item=item.id,
            product=item.product,
            person=out.person,
            kiosk=self.kiosk,
            out=None if taken else out.id,
            tagged=item.tag is not None,
        )
        self.handovers[back.id] = back
        self.planned.append(back.id)
        self.note(back, "handover.planned", backwards=True)
        return back

    def end_grants(self, handover: HandoverNow, status: str) -> None:
        for grant in self.grants.values():
            if grant.handover == handover.id and grant.status in {"asleep", "awake"}:
                grant.status = status
                grant.ended_at = self.at if status in {"used", "revoked"} else None
                self.changed_grants.add(grant.id)

    # noting

    def touch(self, handover: HandoverNow) -> None:
        self.changed.add(handover.id)

    def note(self, handover: HandoverNow, kind: str, *, by: str | None = None, **data: object) -> None:
        self.touch(handover)
        about = {"handover": handover.id, "item": handover.item}
        door = self._doors.get(handover.compartment or 0)
        self._note(
            f"handover:{handover.id}", kind, by=by, about=about | ({"compartment": door} if door else {}), data=data
        )

    def note_kiosk(
        self,
        kind: str,
        *,
        by: str | None = None,
        door: int | None = None,
        handover: int | None = None,
        item: int | None = None,
        **data: object,
    ) -> None:
        """`handover` as the kiosk said it: named only when it is one of this municipality's that we know."""
        named = {
            "compartment": door,
            "handover": handover if handover in self.handovers else None,
            "item": item,
        }
        about = {name: value for name, value in named.items() if value is not None}
        said = {name: value for name, value in data.items() if value is not None}
        self._note(f"kiosk:{self.kiosk}", kind, by=by, about=about, data=said)

    def _note(self, stream: str, kind: str, *, by: str | None, about: dict[str, Any], data: dict[str, Any]) -> None:
        about = {**about, "kiosk": self.kiosk, "fact": [self.log, self.number]}
        by = f"kiosk:{self.kiosk}" if by is None else by
        self.notes.append(Note(stream=stream, kind=kind, at=self.at, by=by, about=about, data=data))
