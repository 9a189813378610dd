"""Verbs of the staff on requests: accept, refuse, prepared; and how a request ends.

Lock order in `accept` and `prepared`: the request, its product (so that two clerks allot one after the other),
handovers by id, items by id, chain heads, wish versions last.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue import queries as products
from onthaal.central.lockers.catalogue.models import Product, Promise
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.requests import asking, dossiers
from onthaal.central.lockers.requests.mine import only_at_desk
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core import deadlines, lending
from onthaal.core.lending import Span
from onthaal.core.lifecycles import Direction, Move, Stage
from onthaal.core.refusals import Refusal, Why


@transaction.atomic
def accept(*, request_id: int, by: Account) -> Request:
    """It will be handed over: a thing is allotted, the handover planned, the grant asleep.

    Nothing of the wall is reserved: the kiosk chooses the compartment. Refuses MOVE_NOT_ALLOWED unless it was
    confirmed and not decided; NO_ITEM_FREE; PERIOD_OVER; LOCKER_NOT_ALLOWED; WALL_RETIRED; for a personal one see
    `_accept_personal`.
    """
    request = _locked(request_id, Request.Status.RECEIVED)
    product = Product.objects.select_for_update(no_key=True).get(pk=request.product_id)
    if product.personal:
        return _accept_personal(request, by)
    if not product.locker_allowed:
        raise Refusal(Why.LOCKER_NOT_ALLOWED)
    _wall_is_in_use(request)
    kiosks = {request.kiosk_id}
    span = None
    if product.mode == Product.Mode.LEND:
        assert request.starts_on is not None
        assert request.ends_on is not None
        _not_over(request)
        span = Span(request.starts_on, request.ends_on)
        request.promise, moved = _promise(product, span, by)
        item = request.promise.item
        kiosks |= moved
    else:
        item = catalogue.make_single_use(product=product, by=by)
    out = handovers.plan_out(item=item, person=request.person, kiosk_id=request.kiosk_id, span=span, by=by)
    if span is not None:
        handovers.plan_back(out=out, by=by)
    grant = access.make_grant(out, awake=False, by=by)
    request.status, request.handover = Request.Status.ACCEPTED, out
    request.decided_at, request.decided_by = clock.now(), by
    request.save()
    asking.note(request, "request.accepted", by=by)
    asking.tell(request, "request-accepted")
    access.tell_walls([grant], also=kiosks)
    return request


def _wall_is_in_use(request: Request) -> None:
    if request.kiosk.retired_at is not None:
        raise Refusal(Why.WALL_RETIRED)


def _accept_personal(request: Request, by: Account) -> Request:
    """For a wall it is planned at once; at the desk nothing is planned.

    Refuses ATTACHMENT_MISSING; for a wall whatever makes it desk only: IDENTITY_CARD_DESK_ONLY, MINOR, PROXY, URGENT,
    PROOF_TOO_WEAK, LOCKER_NOT_ALLOWED; WALL_RETIRED.
    """
    dossier = Dossier.objects.filter(request=request).first()
    if dossier is None:  # asked for before its product became personal: nobody signed in for it
        raise Refusal(Why.PROOF_TOO_WEAK)
    if dossier.identity_id is not None and dossiers.missing(request):
        raise Refusal(Why.ATTACHMENT_MISSING)
    request.status, request.decided_at, request.decided_by = Request.Status.ACCEPTED, clock.now(), by
    grants = [_plan_personal(request, by)] if dossier.place == Dossier.Place.WALL else []
    request.save()
    asking.note(request, "request.accepted", by=by, place=dossier.place)
    dossiers.tell(request, "dossier-accepted")
    access.tell_walls(grants)
    return request


def _plan_personal(request: Request, by: Account) -> Grant:
    """Part of a verb that tells the wall last: an envelope with its label, and the grant of who asked."""
    why = only_at_desk(request)
    if why is not None:
        raise Refusal(why)
    _wall_is_in_use(request)
    identity = request.dossier.identity
    if identity is None:
        raise Refusal(Why.PROOF_TOO_WEAK)
    item = catalogue.make_single_use(product=request.product, by=by)
    request.handover = handovers.plan_out(item=item, person=request.person, kiosk_id=request.kiosk_id, span=None, by=by)
    return access.make_identity_grant(request.handover, identity, by=by)


@transaction.atomic
def plan_for_wall(*, request_id: int, by: Account) -> Request:
    """An accepted personal request goes to a wall after all (its asker chose so): an envelope is planned.

    Twice is harmless. Refuses what makes it desk only; WALL_RETIRED; MOVE_NOT_ALLOWED when it goes to the desk, or lies
    there.
    """
    request = _locked(request_id, Request.Status.ACCEPTED)
    Product.objects.select_for_update(no_key=True).get(pk=request.product_id)
    if request.handover_id is not None:
        return request
    if not request.product.personal or request.dossier.place != Dossier.Place.WALL or request.prepared_at is not None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="plan")
    grant = _plan_personal(request, by)
    request.save(update_fields=["handover"])
    access.tell_walls([grant])
    return request


def _promise(product: Product, span: Span, by: Account) -> tuple[Promise, set[int]]:
    """The promise of a concrete thing, and the kiosks whose plans moved for it."""
    locked = _may_move(product)
    plan = asking.could_be_lent(product.pk, span)
    promise = catalogue.promise(allocation=plan, starts_on=span.first, ends_on=span.last)
    return promise, _follow_moves(plan.moved, locked, by)


def _may_move(product: Product) -> dict[int, Handover]:
    """What is planned of a product, locked with all its things: nobody prepares or loads any of it meanwhile."""
    planned = Handover.objects.filter(product=product, stage=Stage.PLANNED).values_list("pk", flat=True)
    locked = handovers.lock(planned)
    catalogue.lock_items(products.lendable(product.pk))
    return {pk: handover for pk, handover in locked.items() if handover.stage == Stage.PLANNED}


def _follow_moves(to: Mapping[int, int], locked: dict[int, Handover], by: Account) -> set[int]:
    """The handovers of promises that moved go with them: out and back."""
    kiosks = set()
    moved = Request.objects.filter(promise_id__in=list(to)).values_list("promise_id", "handover_id")
    for promise_id, out_id in sorted(moved, key=lambda pair: pair[1]):
        for handover in sorted(locked.values(), key=lambda one: one.pk):
            if out_id in (handover.pk, handover.out_id):
                handover.item_id = to[promise_id]
                handover.save(update_fields=["item"])
                handovers.note(handover, "handover.reallotted", by=by)
                kiosks.add(handover.kiosk_id)
    return kiosks


@transaction.atomic
def refuse(*, request_id: int, by: Account, reason: str) -> Request:
    """A no with its reason, which is mailed. What was planned is called off; a document that came back to the desk may
    still be refused, when nobody ever comes for it.

    Refuses REASON_MISSING; MOVE_NOT_ALLOWED for one that is not confirmed, or whose thing is in the wall or gone.
    """
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    request = _locked(request_id, Request.Status.RECEIVED, Request.Status.ACCEPTED)
    back_at_desk = request.product.personal and request.handover and request.handover.stage == Stage.TAKEN_BACK
    if request.handover is not None and request.handover.stage != Stage.PLANNED and not back_at_desk:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.handover.stage, move=Move.CANCEL)
    request.refusal = reason.strip()[:500]
    request.save(update_fields=["refusal"])
    asking.end(request, status=Request.Status.REFUSED, by=by, kind="request.refused")
    if request.product.personal:
        dossiers.tell(request, "dossier-refused", reason=request.refusal)
    else:
        asking.tell(request, "request-refused", reason=request.refusal)
    return request


@transaction.atomic
def prepared(*, request_id: int, by: Account) -> Request:
    """The thing lies ready at the desk, with its label: from now on it is this thing and no other.

    When the promised one does not lie at the desk (it did not come back yet, or is lost, also after it stood ready) it
    is one that does and is free: its handover names it. Twice is harmless. Refuses NO_ITEM_FREE when there is none;
    PERIOD_OVER; MOVE_NOT_ALLOWED for a personal document: its labels are scanned (`preparing`), or it is ready at the
    desk (`desk`).
    """
    request = _locked(request_id, Request.Status.ACCEPTED)
    if request.product.personal:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="prepare")
    kiosks = _lies_at_desk(request, by)
    if request.prepared_at is None or kiosks:
        request.prepared_at = clock.now()
        request.save(update_fields=["prepared_at"])
        asking.note(request, "request.prepared", by=by)
        places.raise_wishes(kiosks)
    return request


def _lies_at_desk(request: Request, by: Account) -> set[int]:
    """Its handover, locked, is of a thing that lies at the desk. The kiosks whose plans moved for that."""
    if request.promise_id is None:
        handovers.lock([request.handover_id] if request.handover_id else [])
        return set()
    product = Product.objects.select_for_update(no_key=True).get(pk=request.product_id)
    locked = _may_move(product)
    out = locked.get(request.handover_id or 0)
    if out is None:  # loaded before anybody said so
        return set()
    _not_over(request)
    at_desk = products.at_the_desk(product.pk)
    if out.item_id in at_desk:
        return set()
    return _another(request, set(at_desk), locked, by)


def _another(request: Request, at_desk: set[int], locked: dict[int, Handover], by: Account) -> set[int]:
    """Another thing for a promise: one at the desk that does not stand ready for somebody else. It leaves the others
    from today on, so it is free from today on. The kiosks whose plans moved."""
    assert request.promise_id is not None
    assert request.starts_on is not None
    assert request.ends_on is not None
    ready = Request.objects.filter(handover__in=locked, prepared_at__isnull=False)
    among = sorted(at_desk - set(ready.values_list("handover__item_id", flat=True)))
    others = [one for one in asking.promised(request.product_id) if one.id != request.promise_id]
    wanted = Span(min(request.starts_on, deadlines.day_of(clock.now())), request.ends_on)
    plan = lending.allocate(products.lendable(request.product_id), others, wanted, among=among)
    to = {**plan.moved, request.promise_id: plan.item}
    catalogue.move_promises(to)
    return _follow_moves(to, locked, by)


def _not_over(request: Request) -> None:
    """Refuses PERIOD_OVER for a loan whose days have gone."""
    if request.ends_on is not None and request.ends_on < deadlines.day_of(clock.now()):
        raise Refusal(Why.PERIOD_OVER)


def _locked(request_id: int, *statuses: Request.Status) -> Request:
    rows = Request.objects.select_for_update(of=("self",)).select_related("product", "person", "kiosk__site")
    request: Request = rows.get(pk=request_id)
    if request.status not in statuses:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move=Move.LOAD)
    return request


@transaction.atomic
def complete(*, handover_id: int) -> None:
    """A handover of it closed: the request is done when nothing is left to happen, and the promise with it.

    For followers; doing it twice is harmless.
    """
    handover = Handover.objects.get(pk=handover_id)
    out_id = handover.out_id or handover.pk
    request = Request.objects.select_for_update().filter(handover_id=out_id).first()
    if request is None:
        return
    out = handover if handover.pk == out_id else Handover.objects.get(pk=out_id)
    back = Handover.objects.filter(out_id=out_id).first()
    if out.stage == Stage.TAKEN_BACK and request.product.personal:
        # Its addressee can still have it: at the desk, once a second person received it there.
        Dossier.objects.filter(request=request).update(place=Dossier.Place.DESK)
    elif out.stage == Stage.TAKEN_BACK or _was_lost(out):
        _close(request, Request.Status.LAPSED)
        _drop_back(back)
    elif out.stage == Stage.COLLECTED and (back is None or back.stage in {Stage.COLLECTED, Stage.CANCELLED}):
        _close(request, Request.Status.DONE)


def _was_lost(out: Handover) -> bool:
    """Cancelled under a request that still counted on it: whoever calls a request off ends it first."""
    return bool(out.stage == Stage.CANCELLED)


def is_settled(handover_id: int) -> bool:
    """Whether who asked needs what was handed over by it no more, does not get it, or has it."""
    ended = (Request.Status.WITHDRAWN, Request.Status.REFUSED, Request.Status.DONE)
    return bool(Request.objects.filter(handover_id=handover_id, status__in=ended).exists())


def _close(request: Request, status: Request.Status) -> None:
    if request.promise_id is not None:
        catalogue.end_promise(promise_id=request.promise_id)
    if request.status == Request.Status.ACCEPTED:
        request.status, request.ended_at = status, clock.now()
        request.save(update_fields=["status", "ended_at"])


def _drop_back(back: Handover | None) -> None:
    """What was taken back will not be brought back."""
    if back is not None and back.stage == Stage.PLANNED and back.direction == Direction.BACK:
        handovers.cancel(handover_id=back.pk, by=None, reason="never-collected")
