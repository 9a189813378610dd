"""Verbs on handovers that people and the clock do. What happens at a wall comes in by hearing its facts.

Lock order in each: handovers by id, their items by id, the journal's chain heads, wish versions last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account, Person
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue.models import Item
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places import actions as places
from onthaal.core import lifecycles
from onthaal.core.custody import BY_RESOLUTION, held_by
from onthaal.core.lending import Span
from onthaal.core.lifecycles import CLOSED, IN_THE_WALL, OPENABLE, Direction, Move, Stage
from onthaal.core.refusals import Refusal, Why

NOBODY_ALONE = frozenset({Stage.COLLECTED, Stage.PLANNED})
"""Ends of a doubt after which a personal document lies in no wall, and nobody else receives it."""


def lock(ids: Iterable[int]) -> dict[int, Handover]:
    """Lock handovers by id, then their items by id. Id → handover, as it is now."""
    wanted = set(ids)
    if not wanted:  # as at nearly every tick
        return {}
    rows = Handover.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    found = {handover.pk: handover for handover in rows}
    catalogue.lock_items(handover.item_id for handover in found.values())
    return found


def plan_out(*, item: Item, person: Person, kiosk_id: int, span: Span | None, by: Account | None) -> Handover:
    """A thing will go to somebody through this wall. `span`: the days of a loan, none for what is kept.

    Part of a verb: the caller makes the grant and raises the wishes last.
    """
    planned = Handover(
        direction=Direction.OUT,
        product_id=item.product_id,
        item=item,
        person=person,
        kiosk_id=kiosk_id,
        starts_on=span.first if span else None,
        ends_on=span.last if span else None,
        planned_at=clock.now(),
    )
    planned.save()
    note(planned, "handover.planned", by=by)
    return planned


def plan_back(*, out: Handover, by: Account | None) -> Handover:
    """The thing of a handover out will come back through the same wall. Part of a verb, like `plan_out`."""
    planned = Handover(
        direction=Direction.BACK,
        product_id=out.product_id,
        item_id=out.item_id,
        person_id=out.person_id,
        kiosk_id=out.kiosk_id,
        out=out,
        starts_on=out.starts_on,
        ends_on=out.ends_on,
        planned_at=clock.now(),
    )
    planned.save()
    note(planned, "handover.planned", by=by)
    return planned


@transaction.atomic
def recall(*, handover_id: int, by: Account | None, reason: str) -> Handover:
    """Take it back out of the wall: from now on only staff opens for it. `reason` is a word of the journal.

    Refuses MOVE_NOT_ALLOWED for one that does not lie in the wall.
    """
    handover = lock([handover_id])[handover_id]
    recalled(handover, by=by, reason=reason)
    places.raise_wishes([handover.kiosk_id])
    return handover


def recalled(handover: Handover, *, by: Account | None, reason: str) -> None:
    """Part of a verb that locked it and raises the wishes last."""
    _move(handover, Move.RECALL)
    handover.recalled_at, handover.reminder_at = clock.now(), None
    handover.save()
    note(handover, "handover.recalled", by=by, data={"reason": reason})


@transaction.atomic
def cancel(*, handover_id: int, by: Account | None, reason: str) -> list[Handover]:
    """Call off what was planned: a handover out with the one back that goes with it. Those that were cancelled.

    Refuses MOVE_NOT_ALLOWED when the thing is in the wall (recall it) or gone.
    """
    ids = Handover.objects.filter(out_id=handover_id).values_list("pk", flat=True)
    both = lock([handover_id, *ids])
    cancelled(both.values(), by=by, reason=reason)
    places.raise_wishes({handover.kiosk_id for handover in both.values()})
    return list(both.values())


def cancelled(handovers: Iterable[Handover], *, by: Account | None, reason: str) -> None:
    """Part of a verb that locked them and raises the wishes last."""
    for handover in handovers:
        _move(handover, Move.CANCEL)
        handover.closed_at, handover.reminder_at = clock.now(), None
        handover.save()
        note(handover, "handover.cancelled", by=by, data={"reason": reason})


@transaction.atomic
def resolve(*, handover_id: int, to: Stage, by: Account, reason: str) -> Handover:
    """Staff looked, and says what a disputed handover is.

    Refuses REASON_MISSING; MOVE_NOT_ALLOWED for anything not in doubt, for a place in the wall when none is known, or
    for what would go to its addressee when nobody asks for it any more; COMPARTMENT_UNAVAILABLE when something else
    lies there by now; NEEDS_SECOND_PERSON when it says that a personal document is in no wall (`findings`).
    """
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    handover = lock([handover_id])[handover_id]
    if needs_two(handover) and to in NOBODY_ALONE:
        raise Refusal(Why.NEEDS_SECOND_PERSON)
    resolved(handover, to, by=by, reason=reason)
    places.raise_wishes([handover.kiosk_id])
    return handover


def needs_two(handover: Handover) -> bool:
    """Whether nobody decides alone where its thing has gone."""
    return bool(handover.product.two_staff or handover.product.personal)


def resolved(handover: Handover, to: Stage, *, by: Account, reason: str) -> None:
    """Part of a verb that locked it and raises the wishes last. Refuses as `resolve` does."""
    direction = Direction(handover.direction)
    ended = queries.nobody_asks_for_it(handover)
    stage = lifecycles.resolved(direction, Stage(handover.stage), to, ended=ended)
    if stage in IN_THE_WALL and handover.compartment_id is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=Stage.DISPUTED, move=to)
    lies_there = Stay.objects.filter(compartment_id=handover.compartment_id, until=None).exclude(handover=handover)
    if stage in IN_THE_WALL and lies_there.exists():
        raise Refusal(Why.COMPARTMENT_UNAVAILABLE)
    handover.stage, was, handover.dispute = stage, handover.dispute, ""
    handover.resolution = reason.strip()[:200]
    if handover.product.two_staff:
        _vouches(handover, stage, by)
    _settle(handover, stage)
    held = held_by(
        BY_RESOLUTION[direction][stage],
        handover=handover.pk,
        compartment=handover.compartment_id,
        out=handover.out_id,
    )
    catalogue.move_custody(item_id=handover.item_id, to=held, at=clock.now(), grade="D")
    note(handover, "handover.resolved", by=by, data={"to": stage, "was": was})


def _vouches(handover: Handover, stage: Stage, by: Account) -> None:
    """Who decides where a personal document is stands for who loaded it, or took it out: another one than who prepared
    it, and than who will receive it. Refuses SAME_PERSON_TWICE."""
    if stage is Stage.TAKEN_BACK:
        handover.taken_out_by = str(by.pseudonym)
    elif stage is Stage.LOADED and not handover.loaded_by:
        if handover.prepared_by == str(by.pseudonym):
            raise Refusal(Why.SAME_PERSON_TWICE)
        handover.loaded_by = str(by.pseudonym)


def _settle(handover: Handover, stage: Stage) -> None:
    """Its moments and its stay, for the stage that staff decided."""
    now = clock.now()
    handover.ready_at = handover.collect_by = handover.reminder_at = None
    handover.recalled_at = now if stage is Stage.RECALLED else handover.recalled_at
    handover.closed_at = now if stage in CLOSED else None
    stay = Stay.objects.filter(handover=handover, until=None).first()
    if stage in IN_THE_WALL and stay is None:
        Stay(handover=handover, compartment=handover.compartment, since=now).save()
    if stage not in IN_THE_WALL and stay is not None:
        stay.until = max(now, stay.since)
        stay.save(update_fields=["until"])
    if stage is Stage.PLANNED:
        handover.compartment_id = handover.loaded_at = None
        handover.loaded_by = ""
    handover.save()


@transaction.atomic
def notified(*, handover_id: int, at: datetime) -> bool:
    """The notice has gone: the thing *waits*, and the collection period begins. False when it is not there to wait."""
    handover = lock([handover_id])[handover_id]
    if handover.direction != Direction.OUT or handover.stage != Stage.LOADED:
        return False
    _move(handover, Move.NOTIFY)
    period = queries.collection(handover, at)
    handover.ready_at, handover.collect_by, handover.reminder_at = at, period.collect_by, period.reminder_at
    handover.stuck_since = None
    handover.save()
    note(handover, "handover.waiting", by=None, at=at, data={"collect_by": period.collect_by.isoformat()})
    places.raise_wishes([handover.kiosk_id])
    return True


@transaction.atomic
def bounced(*, handover_id: int) -> bool:
    """The notice came back: nobody was told, so no period runs. False when the thing does not wait any more."""
    handover = lock([handover_id])[handover_id]
    if handover.stage != Stage.WAITING:
        return False
    _move(handover, Move.BOUNCE)
    handover.ready_at = handover.collect_by = handover.reminder_at = None
    handover.save()
    note(handover, "handover.bounced", by=None)
    places.raise_wishes([handover.kiosk_id])
    return True


def can_be_opened(handover: Handover) -> bool:
    """Whether the addressee's code opens for it now: to collect, or to bring back what they hold."""
    if handover.direction == Direction.OUT:
        return handover.stage in OPENABLE
    return handover.stage == Stage.PLANNED and handover.out is not None and handover.out.stage == Stage.COLLECTED


def _move(handover: Handover, move: Move) -> None:
    handover.stage = lifecycles.after(Direction(handover.direction), Stage(handover.stage), move)


def note(
    handover: Handover,
    kind: str,
    *,
    by: Account | None,
    at: datetime | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """A journal entry in the handover's stream, naming its item, kiosk and door: numbers only."""
    door = handover.compartment.number if handover.compartment else None
    named = {"handover": handover.pk, "item": handover.item_id, "kiosk": handover.kiosk_id, "compartment": door}
    journal.note(
        stream=f"handover:{handover.pk}",
        kind=kind,
        at=at or clock.now(),
        by=str(by.pseudonym) if by else "",
        about={name: value for name, value in named.items() if value is not None},
        data=dict(data or {}),
    )
