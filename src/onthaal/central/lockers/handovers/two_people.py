"""What two people do to a personal document: one prepares and another loads, one takes out and another receives.

That the two differ is held by the database too. Lock order: handovers by id, items by id, chain heads, wish versions.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from onthaal import clock
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers.actions import lock, note
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.handovers.queries import get
from onthaal.core.lifecycles import Move, Stage
from onthaal.core.refusals import Refusal, Why


def prepared(handover: Handover, *, by: Account) -> None:
    """Part of a verb that locked it and raises the wishes last: it lies in its envelope, and somebody else loads it.

    Refuses MOVE_NOT_ALLOWED once it is in the wall or gone.
    """
    if handover.stage != Stage.PLANNED:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move=Move.LOAD)
    handover.prepared_by, handover.prepared_at = str(by.pseudonym), clock.now()
    handover.save(update_fields=["prepared_by", "prepared_at"])
    note(handover, "handover.prepared", by=by)


def unprepared(handover: Handover, *, by: Account) -> None:
    """Part of a verb that locked it and raises the wishes last: the envelope was opened again, nobody prepared it.

    Refuses MOVE_NOT_ALLOWED once it is in the wall or gone.
    """
    if handover.stage != Stage.PLANNED:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move=Move.UNDO_LOAD)
    handover.prepared_by, handover.prepared_at = "", None
    handover.save(update_fields=["prepared_by", "prepared_at"])
    note(handover, "handover.unprepared", by=by)


@transaction.atomic
def receive(*, handover_id: int, by: Account) -> Handover:
    """A document that somebody took out of the wall is at the desk, says another. Twice is harmless.

    Refuses MOVE_NOT_ALLOWED for what was not taken back, or what somebody else received; SAME_PERSON_TWICE for who took
    it out.
    """
    handover = lock([handover_id])[handover_id]
    if handover.stage != Stage.TAKEN_BACK or not handover.product.two_staff:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move=Move.TAKE_BACK)
    if handover.received_by == str(by.pseudonym):
        return handover
    if handover.received_by:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="received", move=Move.TAKE_BACK)
    handover.received_by, handover.received_at = str(by.pseudonym), clock.now()
    try:
        with transaction.atomic():
            handover.save(update_fields=["received_by", "received_at"])
    except IntegrityError as error:
        if "two_people_take_back" not in str(error):
            raise
        raise Refusal(Why.SAME_PERSON_TWICE) from None
    note(handover, "handover.received", by=by)
    return get(handover_id)


def to_receive() -> Sequence[Handover]:
    """Personal documents that were taken out of a wall and that nobody received yet, the first taken on top."""
    found = Handover.objects.filter(stage=Stage.TAKEN_BACK, product__two_staff=True, received_by="")
    return list(found.select_related("product", "item", "kiosk", "compartment", "request").order_by("closed_at", "pk"))
