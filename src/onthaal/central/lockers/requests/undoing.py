"""What staff registered by mistake is undone, with a reason, as long as the document does not lie in a wall."""

from __future__ import annotations

from django.db import transaction

from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import two_people
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.requests import asking
from onthaal.central.lockers.requests.desk import UNDER_WAY, locked
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Refusal, Why

UNDO_REASONS = ("wrong-dossier", "mistyped", "given-back")
"""Words for the journal, which holds nobody's own text."""
UNDOABLE = (Stage.PLANNED, Stage.TAKEN_BACK)


@transaction.atomic
def undo_payment(*, request_id: int, by: Account, reason: str) -> Request:
    """It was not paid after all. Refuses REASON_MISSING for none of UNDO_REASONS; MOVE_NOT_ALLOWED when no payment was
    registered, or once the document lies in a wall or is gone.
    """
    request, walls = _opened_again(request_id, reason, by)
    dossier = request.dossier
    if dossier.paid_at is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="not-paid", move="undo")
    dossier.paid_at, dossier.paid_by, dossier.payment_reference = None, None, ""
    dossier.save(update_fields=["paid_at", "paid_by", "payment_reference"])
    asking.note(request, "dossier.payment-undone", by=by, reason=reason)
    places.raise_wishes(walls)
    return request


@transaction.atomic
def undo_old_document(*, request_id: int, by: Account, reason: str) -> Request:
    """The old document was not handed in after all. Refuses as `undo_payment` does."""
    request, walls = _opened_again(request_id, reason, by)
    dossier = request.dossier
    if dossier.old_document != Dossier.Old.HANDED_IN:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=dossier.old_document, move="undo")
    dossier.old_document = Dossier.Old.OPEN
    dossier.old_document_at = dossier.old_document_by = None
    dossier.save(update_fields=["old_document", "old_document_at", "old_document_by"])
    asking.note(request, "dossier.old-document-undone", by=by, reason=reason)
    places.raise_wishes(walls)
    return request


def may_undo(request: Request) -> bool:
    """Whether its document lies at the desk, as far as is known."""
    return request.handover is None or request.handover.stage in UNDOABLE


def _opened_again(request_id: int, reason: str, by: Account) -> tuple[Request, set[int]]:
    """The request, locked, and the walls that must hear that its envelope is not prepared any more."""
    if reason not in UNDO_REASONS:
        raise Refusal(Why.REASON_MISSING)
    request = locked(request_id, *UNDER_WAY)
    if request.handover_id is None:
        return request, set()
    out = handovers.lock([request.handover_id])[request.handover_id]
    if out.stage not in UNDOABLE:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=out.stage, move="undo")
    if not out.prepared_by or out.stage != Stage.PLANNED:
        return request, set()
    two_people.unprepared(out, by=by)
    request.prepared_at = None
    request.save(update_fields=["prepared_at"])
    return request, {out.kiosk_id}
