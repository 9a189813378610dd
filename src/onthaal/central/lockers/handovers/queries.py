"""Reading handovers: what waits, what must be taken out, what is in doubt, what is out on loan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from onthaal import clock
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.models import Custody
from onthaal.central.lockers.handovers.models import LIVE, Handover, Stay
from onthaal.core import deadlines, lifecycles
from onthaal.core.lifecycles import IN_THE_WALL, LOST_FROM, Direction, Stage

_WITH = ("product", "item", "person", "kiosk__site", "compartment", "request", "out__request", "back")


def get(handover_id: int) -> Handover:
    """One handover with all it names. Handover.DoesNotExist."""
    handover: Handover = _all().get(pk=handover_id)
    return handover


def several(ids: Iterable[int]) -> dict[int, Handover]:
    """Id → handover, with all each names."""
    return {handover.pk: handover for handover in _all().filter(pk__in=set(ids))}


def _all() -> QuerySet[Handover]:
    return Handover.objects.select_related(*_WITH)


def live(kiosk_id: int | None = None) -> QuerySet[Handover]:
    """All that are not closed, of one wall or of all."""
    found = _all().filter(LIVE)
    return (found if kiosk_id is None else found.filter(kiosk_id=kiosk_id)).order_by("pk")


def to_load(kiosk_id: int | None = None) -> QuerySet[Handover]:
    """Planned out: what staff must put in a wall, by the day it is wanted."""
    return live(kiosk_id).filter(direction=Direction.OUT, stage=Stage.PLANNED).order_by("starts_on", "pk")


def take_back_list(kiosk_id: int | None = None) -> QuerySet[Handover]:
    """What staff must take out: recalled things, and returned ones to inspect."""
    recalled = Q(direction=Direction.OUT, stage=Stage.RECALLED)
    returned = Q(direction=Direction.BACK, stage=Stage.LOADED)
    return live(kiosk_id).filter(recalled | returned).order_by("kiosk", "compartment__number", "pk")


def disputed(kiosk_id: int | None = None) -> QuerySet[Handover]:
    """What people must look at."""
    return live(kiosk_id).filter(stage=Stage.DISPUTED)


def in_the_wall(kiosk_id: int) -> QuerySet[Stay]:
    """What lies in each compartment now: for the live wall and the stock count sheet, by door number."""
    return (
        Stay.objects.filter(compartment__kiosk_id=kiosk_id, until=None)
        .select_related("handover__product", "handover__item", "handover__person", "compartment")
        .order_by("compartment__number")
    )


def had_personal(kiosk_id: int) -> bool:
    """Whether a personal document was ever meant for this wall."""
    return bool(Handover.objects.filter(kiosk_id=kiosk_id, product__personal=True).exists())


def loans_out() -> QuerySet[Handover]:
    """Handovers back of things that are with a borrower, the one due first on top."""
    return live().filter(direction=Direction.BACK, stage=Stage.PLANNED, out__stage=Stage.COLLECTED).order_by("ends_on")


def is_overdue(back: Handover, now: datetime) -> bool:
    """Whether a loan's last day is over."""
    return back.ends_on is not None and now > deadlines.overdue_at(back.ends_on)


def with_borrower(back: Handover) -> bool:
    """Whether, by the ledger, the borrower of this handover back has its thing."""
    return bool(
        Custody.objects.filter(
            item_id=back.item_id, until=None, holder=Custody.Holder.CITIZEN, handover_id=back.out_id
        ).exists()
    )


def may_be_lost(handover: Handover) -> bool:
    """Whether staff may say that the thing is lost through this handover: it was still at the desk, is in doubt, or is
    with its borrower. What lies in the wall by all that is known is looked for first."""
    if handover.stage not in LOST_FROM:
        return False
    held = catalogue.held_now(handover.item_id)
    if held.holder == Custody.Holder.LOST:
        return False
    if handover.stage == Stage.PLANNED and handover.direction == Direction.BACK:
        return with_borrower(handover)
    if handover.stage == Stage.PLANNED:
        return bool(held.holder in {Custody.Holder.DESK, Custody.Holder.STAFF})
    return held.handover_id in {handover.pk, handover.out_id, None}


def nobody_asks_for_it(handover: Handover) -> bool:
    """Whether the request behind it is over: withdrawn, refused, lapsed or done."""
    return bool(Handover.objects.filter(pk=handover.pk, request__ended_at__isnull=False).exists())


def resolutions(handover: Handover) -> frozenset[Stage]:
    """What staff may say that it is, in doubt: nothing in the wall when no door is known."""
    every = lifecycles.resolutions(Direction(handover.direction), ended=nobody_asks_for_it(handover))
    return every if handover.compartment_id is not None else every - IN_THE_WALL


def losing(item_id: int) -> Handover | None:
    """The handover through which staff may say that a thing is lost."""
    return next((handover for handover in live().filter(item_id=item_id) if may_be_lost(handover)), None)


def still_on_loan(item_id: int, *, other_than: int) -> Handover | None:
    """The loan of a thing that the ledger does not see at its borrower any more; not the one of the handover out
    `other_than`."""
    backs = loans_out().filter(item_id=item_id).exclude(out_id=other_than)
    return next((back for back in backs if not with_borrower(back)), None)


def others_planned(item_id: int) -> list[int]:
    """Ids of the handovers out of a thing that are planned: somebody still counts on it."""
    planned = Handover.objects.filter(item_id=item_id, direction=Direction.OUT, stage=Stage.PLANNED)
    return list(planned.order_by("pk").values_list("pk", flat=True))


def of_item(item_id: int) -> QuerySet[Handover]:
    """Every handover of a thing, the newest first."""
    return _all().filter(item_id=item_id).order_by("-pk")


def collection(handover: Handover, ready_at: datetime) -> deadlines.Collection:
    """The collection period of a handover out whose notice went at `ready_at`."""
    product = handover.product
    return deadlines.collection(
        ready_at,
        days=product.collection_days,
        reminder_day=product.reminder_day,
        starts_on=handover.starts_on,
        ends_on=handover.ends_on,
    )


def under_a_clock() -> QuerySet[Handover]:
    """Those with a deadline for their addressee: what waits to be collected, and what is out on loan."""
    waits = Q(direction=Direction.OUT, stage=Stage.WAITING)
    out = Q(direction=Direction.BACK, stage=Stage.PLANNED, out__stage=Stage.COLLECTED)
    return Handover.objects.filter(waits | out).select_related("product", "compartment").order_by("pk")


def stands_still_since(out: Handover | None) -> datetime | None:
    """Since when the deadline to collect it, or to bring it back, stands still because its wall fails; else None."""
    if out is None:
        return None
    leg = under_a_clock().filter(Q(pk=out.pk) | Q(out=out)).first()
    return leg.stuck_since if leg is not None else None


def slots_of(handover: Handover) -> dict[str, Any]:
    """What a notice on a handover can say: product in each language, place, days (ISO). Never a code.

    `until`: the last day to collect; before the notice has gone, what it is when it goes today. None of a thing that
    comes back: it is never too late for that.
    """
    kiosk, product = handover.kiosk, handover.product
    until = handover.collect_by or collection(handover, clock.now()).collect_by
    return {
        "product": catalogue.names(product),
        "item": handover.item.name,
        "kiosk": kiosk.name,
        "address": kiosk.site.address,
        "help_phone": kiosk.help_phone,
        "collection_days": product.collection_days,
        "starts_on": handover.starts_on.isoformat() if handover.starts_on else "",
        "ends_on": handover.ends_on.isoformat() if handover.ends_on else "",
        "until": deadlines.day_of(until).isoformat() if handover.direction == Direction.OUT else "",
    }
