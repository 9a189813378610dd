"""Verbs of the staff on personal requests: what is still open, the way to the desk, and handing out there.

Lock order in each: the request, its product where it matters, handovers by id, items by id, chain heads, wish
versions last.
"""

from __future__ import annotations

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue import clearances
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.requests import asking, dossiers
from onthaal.central.lockers.requests.models import Attachment, Dossier, Request
from onthaal.core.custody import Held, Holder
from onthaal.core.documents import never_in_wall
from onthaal.core.lifecycles import OPENABLE, Move, Stage
from onthaal.core.refusals import Refusal, Why

DESK_REASONS = (
    Why.AGE_UNKNOWN, Why.OTHER_PROVIDER, Why.MINOR, Why.PROXY, Why.URGENT, Why.PROOF_TOO_WEAK, Why.PAYMENT_OPEN,
    Why.OLD_DOCUMENT_OPEN, Why.LOCKER_NOT_ALLOWED,
)  # fmt: skip
"""Why a document is handed out at the desk instead."""
CHECKED = ("identity-card", "passport", "residence-card", "driving-licence", "proxy")
"""By what the staff saw who stood at the desk; `proxy`: a signed proxy beside the proxy's own identity card."""
UNDER_WAY = (Request.Status.RECEIVED, Request.Status.ACCEPTED)


def locked(request_id: int, *statuses: Request.Status) -> Request:
    """A personal request, locked. Refuses MOVE_NOT_ALLOWED in another status, or for what is not personal."""
    found: Request | None = (
        Request.objects.select_for_update(of=("self",))
        .select_related("product", "person", "kiosk__site", "dossier__identity")
        .filter(pk=request_id, dossier__isnull=False)
        .first()
    )
    if found is None or found.status not in statuses:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=found.status if found else "", move="decide")
    return found


@transaction.atomic
def ask_more(*, request_id: int, by: Account, text: str) -> Request:
    """Staff needs to know or see more: mailed in its words. Refuses REASON_MISSING."""
    if not text.strip():
        raise Refusal(Why.REASON_MISSING)
    request = locked(request_id, *UNDER_WAY)
    dossier = request.dossier
    dossier.asked_more, dossier.asked_more_at = text.strip()[:500], clock.now()
    dossier.save(update_fields=["asked_more", "asked_more_at"])
    asking.note(request, "dossier.more-asked", by=by)
    dossiers.tell(request, "dossier-more", asked=dossier.asked_more)
    return request


@transaction.atomic
def register_payment(*, request_id: int, by: Account, cents: int, reference: str) -> Request:
    """It was paid. Twice is harmless.

    Refuses REASON_MISSING without a reference; MALFORMED for another amount than its fee; MOVE_NOT_ALLOWED when it was
    paid already by another reference, which is then not kept: whoever paid twice gets one of them back.
    """
    request = locked(request_id, *UNDER_WAY)
    dossier, reference = request.dossier, reference.strip()[:40]
    if dossier.paid_at is not None:
        if reference != dossier.payment_reference:
            raise Refusal(Why.MOVE_NOT_ALLOWED, stage="paid", move="pay")
        return request
    if not reference:
        raise Refusal(Why.REASON_MISSING)
    if cents != dossier.fee_cents:
        raise Refusal(Why.MALFORMED, what="amount")
    dossier.paid_at, dossier.paid_by, dossier.payment_reference = clock.now(), by, reference
    dossier.save(update_fields=["paid_at", "paid_by", "payment_reference"])
    asking.note(request, "dossier.paid", by=by, cents=cents)
    return request


@transaction.atomic
def register_old_document(*, request_id: int, by: Account) -> Request:
    """The old document was handed in. Twice is harmless; refuses MOVE_NOT_ALLOWED when there was none."""
    request = locked(request_id, *UNDER_WAY)
    dossier = request.dossier
    if dossier.old_document == Dossier.Old.NONE:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=dossier.old_document, move="hand-in")
    if dossier.old_document == Dossier.Old.OPEN:
        dossier.old_document = Dossier.Old.HANDED_IN
        dossier.old_document_at, dossier.old_document_by = clock.now(), by
        dossier.save(update_fields=["old_document", "old_document_at", "old_document_by"])
        asking.note(request, "dossier.old-document", by=by)
    return request


@transaction.atomic
def mark(*, request_id: int, by: Account, urgent: bool, proxy: bool) -> Request:
    """Urgent procedure or proxy, as staff finds it: what then can only be the desk goes there at once.

    A mark taken off again leaves who asked free to choose the wall, unless the desk was decided for another reason.
    """
    request = locked(request_id, *UNDER_WAY)
    dossier = request.dossier
    taken_off = {Why.URGENT: dossier.urgent and not urgent, Why.PROXY: dossier.proxy and not proxy}
    dossier.urgent, dossier.proxy = urgent, proxy
    why = never_in_wall(dossiers.conditions(request))
    if any(off and dossier.desk_reason == mark.value for mark, off in taken_off.items()):
        dossier.desk_reason = why.value if why is not None else ""
    dossier.save(update_fields=["urgent", "proxy", "desk_reason"])
    asking.note(request, "dossier.marked", by=by, urgent=urgent, proxy=proxy)
    if why is not None and dossier.place == Dossier.Place.WALL:
        places.raise_wishes(moved_to_desk(request, why, by=by))
    return request


@transaction.atomic
def to_desk(*, request_id: int, by: Account, reason: Why) -> Request:
    """It will be handed out at the desk: what was planned is called off, what lies in a wall is recalled.

    Refuses REASON_MISSING for none of DESK_REASONS; MOVE_NOT_ALLOWED while nobody knows where it is.
    """
    if reason not in DESK_REASONS:
        raise Refusal(Why.REASON_MISSING)
    request = locked(request_id, *UNDER_WAY)
    places.raise_wishes(moved_to_desk(request, reason, by=by))
    return request


def moved_to_desk(request: Request, reason: Why, *, by: Account) -> set[int]:
    """Part of a verb that locked the request: the walls whose wishes must be raised last. Who asked is told at once,
    and why.
    """
    dossier = request.dossier
    walls: set[int] = set()
    told = dossier.place == Dossier.Place.WALL
    if request.handover_id is not None:
        out = handovers.lock([request.handover_id])[request.handover_id]
        walls.add(out.kiosk_id)
        if out.stage == Stage.PLANNED:
            handovers.cancelled([out], by=by, reason="to-desk")
            request.handover, request.prepared_at = None, None
            request.save(update_fields=["handover", "prepared_at"])
        elif out.stage in OPENABLE:
            handovers.recalled(out, by=by, reason="to-desk")
        elif out.stage in (Stage.RECALLED, Stage.TAKEN_BACK):
            told = False  # they were, when it was recalled
        else:
            raise Refusal(Why.MOVE_NOT_ALLOWED, stage=out.stage, move=Move.RECALL)
        access.end_grants(out.pk, status=Grant.Status.REVOKED, by=by)
    dossier.place, dossier.desk_reason = Dossier.Place.DESK, reason.value
    dossier.save(update_fields=["place", "desk_reason"])
    asking.note(request, "dossier.to-desk", by=by, why=reason.value)
    if told:
        dossiers.tell(request, "dossier-desk-instead", why=dossiers.why_at_the_desk(reason))
    return walls


@transaction.atomic
def ready_at_desk(*, request_id: int, by: Account) -> Request:
    """It lies at the desk, and who asked is mailed. Twice is harmless; refuses MOVE_NOT_ALLOWED for one that goes to,
    or lies in, a wall.
    """
    request = locked(request_id, Request.Status.ACCEPTED)
    if request.dossier.place != Dossier.Place.DESK or request.handover_id is not None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="ready-at-desk")
    if request.prepared_at is None:
        _is_at_desk(request, by=by)
    return request


@transaction.atomic
def back_at_desk(*, handover_id: int) -> None:
    """A second person received what came out of a wall: from now on the desk hands it out. For followers."""
    found = Request.objects.filter(handover_id=handover_id, status=Request.Status.ACCEPTED).first()
    if found is None or not Dossier.objects.filter(request=found).exists():
        return
    request = locked(found.pk, *UNDER_WAY)
    request.dossier.place = Dossier.Place.DESK
    request.dossier.save(update_fields=["place"])
    _is_at_desk(request, by=None)


def _is_at_desk(request: Request, *, by: Account | None) -> None:
    request.prepared_at = clock.now()
    request.save(update_fields=["prepared_at"])
    asking.note(request, "dossier.ready-at-desk", by=by)
    dossiers.tell(request, "dossier-at-desk")


@transaction.atomic
def hand_out(*, request_id: int, by: Account, checked: str) -> Request:
    """The addressee has it, from the hands of the staff, who saw who it was by `checked` (one of CHECKED).

    Refuses REASON_MISSING for anything else; PAYMENT_OPEN; OLD_DOCUMENT_OPEN; MOVE_NOT_ALLOWED while it does not lie
    at the desk, or a second person has not received it there.
    """
    if checked not in CHECKED:
        raise Refusal(Why.REASON_MISSING)
    request = locked(request_id, Request.Status.ACCEPTED)
    known = dossiers.conditions(request)
    if not is_at_desk(request):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="hand-out")
    if not known.paid:
        raise Refusal(Why.PAYMENT_OPEN)
    if known.old_document_open:
        raise Refusal(Why.OLD_DOCUMENT_OPEN)
    now = clock.now()
    if request.handover_id is not None:
        out = handovers.lock([request.handover_id])[request.handover_id]
        held = Held(Holder.CITIZEN, handover=out.pk)
        catalogue.move_custody(item_id=out.item_id, to=held, at=now, grade="D")
    request.status, request.ended_at = Request.Status.DONE, now
    request.save(update_fields=["status", "ended_at"])
    asking.note(request, "dossier.handed-out", by=by, checked=checked)
    return request


def is_at_desk(request: Request) -> bool:
    """Whether the desk can hand it out now."""
    if request.dossier.place != Dossier.Place.DESK or request.prepared_at is None:
        return False
    out = request.handover
    return out is None or (out.stage == Stage.TAKEN_BACK and bool(out.received_by))


def to_activate(*, request_id: int | None, handover_id: int | None) -> int | None:
    """The request that this is about, when its document must still be activated; None otherwise."""
    waits = Request.objects.filter(product__needs_activation=True, dossier__activated_at=None)
    found = waits.filter(pk=request_id) if request_id is not None else waits.filter(handover_id=handover_id)
    return found.values_list("pk", flat=True).first()


@transaction.atomic
def register_activation(*, request_id: int, by: Account) -> Request:
    """It was activated elsewhere, after it was handed over. Twice is harmless; refuses MOVE_NOT_ALLOWED before."""
    request = locked(request_id, Request.Status.DONE)
    dossier = request.dossier
    if not request.product.needs_activation:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="activate")
    if dossier.activated_at is None:
        dossier.activated_at, dossier.activated_by = clock.now(), by
        dossier.save(update_fields=["activated_at", "activated_by"])
        asking.note(request, "dossier.activated", by=by)
    return request


@transaction.atomic
def view_attachment(*, request_id: int, attachment_id: int, by: Account) -> tuple[str, bytes]:
    """What was attached: its media type and content. Who looked stands in the journal, each time.

    Raises Attachment.DoesNotExist for one of another request, or one that was dropped.
    """
    attachment: Attachment = Attachment.objects.select_related("dossier__request").get(
        pk=attachment_id, dossier__request_id=request_id, dropped_at=None
    )
    asking.note(attachment.dossier.request, "attachment.viewed", by=by, attachment=attachment.pk, what=attachment.kind)
    return attachment.media_type, dossiers.content(attachment)


@transaction.atomic
def withdraw_clearance(*, product_id: int, by: Account, recall: bool) -> int:
    """No new document of this product goes into a wall; what was planned goes to the desk. `recall`: what lies in a
    wall now comes back too, otherwise it waits there for its addressee. How many requests went to the desk.

    Refuses NOT_YOURS for who is no administrator; MOVE_NOT_ALLOWED when nothing was allowed.
    """
    if not by.has_role("administrator"):
        raise Refusal(Why.NOT_YOURS)
    live = Request.objects.select_for_update(of=("self",)).filter(product_id=product_id, status__in=UNDER_WAY)
    requests = list(live.select_related("product", "person", "kiosk__site", "dossier__identity").order_by("pk"))
    product = clearances.locked(product_id)
    if not product.locker_allowed:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="desk-only", move="withdraw")
    clearances.withdrawn(product, by=by)
    handovers.lock(request.handover_id for request in requests if request.handover_id is not None)
    moved = [request for request in requests if _moves(request, recall=recall)]
    walls: set[int] = set()
    for request in moved:
        walls |= moved_to_desk(request, Why.LOCKER_NOT_ALLOWED, by=by)
    places.raise_wishes(walls)
    return len(moved)


def _moves(request: Request, *, recall: bool) -> bool:
    if not has_dossier(request) or request.dossier.place == Dossier.Place.DESK:
        return False
    if request.handover is None or request.handover.stage == Stage.PLANNED:
        return True
    return recall and request.handover.stage in OPENABLE


def has_dossier(request: Request) -> bool:
    """Whether it is a personal request."""
    return getattr(request, "dossier", None) is not None
