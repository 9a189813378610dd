"""What a session asks, answered from the truth in the session's own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from onthaal.core.evidence import Block
from onthaal.core.facts import Channel
from onthaal.core.lifecycles import Direction
from onthaal.core.placement import Need
from onthaal.core.protocol import StaffBadge, Words3
from onthaal.core.refusals import Why
from onthaal.kiosk.ledger import Accepted, Denied, Known
from onthaal.kiosk.ports import Door
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.state import Spot, Staff, TakeOut, Thing, ToCheck
from onthaal.kiosk.truth import Truth

LOCAL = ZoneInfo("Europe/Brussels")
UNTOLD = Need(size="M")
"""For a thing of which nobody told this wall how big it is."""


class Doors(Protocol):
    """What the sensors show now."""

    def doors(self) -> Mapping[int, Door]:
        """Every door."""

    def presence(self) -> Mapping[int, bool | None]:
        """Every presence sensor that there is."""


def spot(doors: Doors, compartment: int) -> Spot:
    return Spot(
        compartment=compartment,
        door=doors.doors().get(compartment, "unknown"),
        present=doors.presence().get(compartment),
    )


def product_names(truth: Truth, product: int | None) -> Words3 | None:
    rules = truth.wishes.products if truth.wishes else ()
    return next((rule.names for rule in rules if rule.id == product), None)


def thing(truth: Truth, known: Known) -> Thing:
    wished = known.wished
    return Thing(
        handover=wished.id,
        item=wished.item,
        tag=wished.tag.upper() if wished.tag else None,
        names=product_names(truth, wished.product),
        tagged=wished.tag is not None,
        first_staff=wished.first_staff if truth.needs_two(known) else None,
        back=wished.direction is Direction.BACK,
    )


def of_code(
    truth: Truth, doors: Doors, answer: Accepted | Denied, *, session: str, channel: Channel
) -> told.Granted | told.Denied:
    """A PIN or QR. Outward the compartment is known; a guard asked here already saves the person a wait."""
    if isinstance(answer, Denied):
        return refused(answer, session=session, channel=channel)
    known = answer.known
    if known.direction is Direction.BACK:
        return told.Granted(session=session, channel=channel, grant=answer.grant.id, thing=thing(truth, known))
    if known.compartment is None:
        return told.Denied(session=session, channel=channel, why=Why.COMPARTMENT_UNAVAILABLE, grant=answer.grant.id)
    return told.Granted(
        session=session,
        channel=channel,
        grant=answer.grant.id,
        thing=thing(truth, known),
        spot=spot(doors, known.compartment),
    )


def refused(no: Denied, *, session: str, channel: Channel) -> told.Denied:
    return told.Denied(
        session=session,
        channel=channel,
        why=no.why,
        real=no.real,
        grant=no.grant,
        counts=no.counts,
        staff=no.staff,
        facts={name: _worded(value) for name, value in no.facts.items()},
    )


def _worded(value: str | datetime) -> str:
    """A time as people there read it on a clock."""
    return value.astimezone(LOCAL).strftime("%H:%M") if isinstance(value, datetime) else value


def of_return_tag(truth: Truth, tag: str, *, session: str) -> told.ThingFound | told.Denied:
    loan = truth.for_tag_return(tag)
    if isinstance(loan, Denied):
        return refused(loan, session=session, channel="tag")
    names = product_names(truth, loan.product)
    found = Thing(handover=loan.handover, item=loan.item, tag=tag, names=names, tagged=True, back=True)
    return told.ThingFound(thing=found, by_tag=True)


def of_loading(
    truth: Truth, answer: Known | Denied, *, by_tag: bool, staff: str
) -> told.ThingFound | told.ThingUnknown:
    """What staff loads. Where two people are needed, this is the second one."""
    if not isinstance(answer, Denied):
        answer = truth.second_person(answer, staff) or answer
    if isinstance(answer, Denied):
        return told.ThingUnknown(why=answer.why)
    return told.ThingFound(thing=thing(truth, answer), by_tag=by_tag)


def of_place(truth: Truth, doors: Doors, what: Thing) -> told.Placed | told.NoPlace:
    known = truth.handover(what.handover) if what.handover is not None else None
    now, sees = doors.doors(), doors.presence()
    need = _need(truth, what)
    where = truth.place(known, doors=now, presence=sees) if known else truth.place_for(need, doors=now, presence=sees)
    if isinstance(where, Denied):
        return told.NoPlace(why=where.why)
    return told.Placed(spot=spot(doors, where))


def _need(truth: Truth, what: Thing) -> Need:
    """Of a thing without a handover here, say one lent at another wall: its product's size, by the list of loans."""
    wishes = truth.wishes
    if wishes is None:
        return UNTOLD
    product = next((loan.product for loan in wishes.loans if loan.item == what.item), None)
    size = next((rule.size for rule in wishes.products if rule.id == product), None)
    return Need(size=size) if size else UNTOLD


def of_badge(badge: StaffBadge | None, *, session: str) -> told.BadgeKnown | told.Denied:
    if badge is None:
        return told.Denied(session=session, channel="badge", why=Why.BADGE_UNKNOWN)
    return told.BadgeKnown(badge=badge.account, shown_as=badge.shown_as)


def of_staff_pin(answer: StaffBadge | Denied, *, session: str) -> told.StaffKnown | told.Denied:
    if isinstance(answer, Denied):
        return refused(answer, session=session, channel="badge")
    staff = Staff(account=answer.account, shown_as=answer.shown_as, rights=answer.rights)
    return told.StaffKnown(session=session, staff=staff)


def takeouts(truth: Truth) -> told.Listed:
    entries = tuple(
        TakeOut(
            compartment=one.compartment,
            kind=one.why,
            handover=one.handover,
            names=product_names(truth, one.product),
        )
        for one in truth.to_take_out()
    )
    return told.Listed(takeouts=entries)


def checks(truth: Truth, numbers: tuple[int, ...]) -> told.Listed:
    """What staff should look into, and blocks of the kiosk's own that only need lifting."""
    unknown = set(truth.unknown_contents())
    entries: list[ToCheck] = []
    for number in numbers:
        reasons = tuple(sorted(truth.content(number).blocked))
        if number not in unknown and not reasons:
            continue
        wall_stopped = truth.evidence.mapping_fault
        looks = truth.pulse_allowed(number, "check", None) is None and not wall_stopped
        sealed = not looks or (number not in unknown and not _may_hold_stray(truth, number))
        if sealed and not reasons:
            continue
        entries.append(ToCheck(compartment=number, reasons=reasons, sealed=sealed))
    return told.Listed(checks=tuple(entries))


def _may_hold_stray(truth: Truth, number: int) -> bool:
    return Block.UNEXPECTED_CONTENT in truth.content(number).blocked or truth.content(number).handover is None
