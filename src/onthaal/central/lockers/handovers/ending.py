"""Verbs that end a handover otherwise than through a wall: the thing came back by another way, or it is lost.

Lock order as in `actions`: handovers by id, their items by id, chain heads, wish versions last.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.handovers.actions import lock, needs_two, note
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places import actions as places
from onthaal.core import lifecycles
from onthaal.core.custody import AT_THE_DESK
from onthaal.core.lifecycles import CLOSED, Direction, Move, Stage
from onthaal.core.refusals import Refusal, Why


@transaction.atomic
def received_at_desk(*, handover_id: int, by: Account) -> Handover:
    """A borrowed thing came back over the counter: its handover back is not needed any more.

    Refuses MOVE_NOT_ALLOWED unless the thing is with the borrower.
    """
    back = _on_loan(handover_id)
    if not queries.with_borrower(back):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=back.stage, move=Move.CANCEL)
    _cancelled(back)
    catalogue.move_custody(item_id=back.item_id, to=AT_THE_DESK, at=clock.now(), grade="D")
    note(back, "handover.inspected", by=by, data={"grade": "D", "at_desk": True})
    places.raise_all_wishes()
    return back


@transaction.atomic
def came_back(*, handover_id: int, by: Account) -> Handover:
    """A borrowed thing came back past every wall and desk, and is somewhere else by now: its loan is over.

    Whoever holds it by the ledger goes on holding it. Refuses MOVE_NOT_ALLOWED for what is no loan under way, or as
    long as the ledger says that the borrower has it.
    """
    back = _on_loan(handover_id)
    if queries.with_borrower(back):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=back.stage, move=Move.CANCEL)
    _cancelled(back)
    note(back, "handover.came-back", by=by)
    places.raise_wishes([back.kiosk_id])
    return back


@transaction.atomic
def lost(*, handover_id: int, by: Account, reason: str) -> list[Handover]:
    """Nobody has the thing any more: its handover ends, the one back that goes with it too, and it is out of service.

    Those that ended. `reason` stands with the handover until its person is erased, never in the journal. Refuses
    REASON_MISSING; MOVE_NOT_ALLOWED for what is closed, or lies in the wall by all that is known: look first;
    NEEDS_SECOND_PERSON for a personal document (`findings`).
    """
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    both = locked(handover_id)
    if needs_two(both[handover_id]):
        raise Refusal(Why.NEEDS_SECOND_PERSON)
    ended = was_lost(both, handover_id, by=by, reason=reason)
    places.raise_all_wishes()
    return ended


def locked(handover_id: int) -> dict[int, Handover]:
    """A handover and the one back that goes with it, locked. Id → handover."""
    backs = Handover.objects.filter(out_id=handover_id).values_list("pk", flat=True)
    return lock([handover_id, *backs])


def was_lost(both: Mapping[int, Handover], handover_id: int, *, by: Account, reason: str) -> list[Handover]:
    """Part of a verb that locked `both` and raises all wishes last. Refuses MOVE_NOT_ALLOWED as `lost` does."""
    named = both[handover_id]
    _may_be_lost(named)
    ended = [named, *(one for one in both.values() if one.pk != named.pk and one.stage not in CLOSED)]
    for handover in ended:
        was = handover.stage
        handover.stage = lifecycles.lost(Stage(handover.stage))
        handover.resolution, handover.dispute = reason.strip()[:200], ""
        _close(handover)
        note(handover, "handover.lost", by=by, data={"was": was})
    catalogue.retire(item_id=named.item_id, by=by, lost=True)
    return ended


def _may_be_lost(handover: Handover) -> None:
    """A thing whose loan ended otherwise, or that somebody else holds by now, is not lost through this handover."""
    if not queries.may_be_lost(handover):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move=Move.CANCEL)


def _on_loan(handover_id: int) -> Handover:
    """The handover back of a loan under way, locked with its thing."""
    back = lock([handover_id])[handover_id]
    out = Handover.objects.filter(pk=back.out_id).first()
    under_way = back.stage == Stage.PLANNED and out is not None and out.stage == Stage.COLLECTED
    if back.direction != Direction.BACK or not under_way:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=back.stage, move=Move.CANCEL)
    return back


def _cancelled(back: Handover) -> None:
    back.stage = lifecycles.after(Direction.BACK, Stage(back.stage), Move.CANCEL)
    _close(back)


def _close(handover: Handover) -> None:
    """Its moments end, and its stay if it seemed to lie somewhere."""
    now = clock.now()
    handover.closed_at, handover.reminder_at = now, None
    handover.collect_by = handover.ready_at = None
    handover.save()
    stay = Stay.objects.filter(handover=handover, until=None).first()
    if stay is not None:
        stay.until = max(now, stay.since)
        stay.save(update_fields=["until"])
