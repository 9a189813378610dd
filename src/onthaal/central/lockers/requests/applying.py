"""Verbs of who asks for a personal document, and signed in to do so: apply, answer, change the place, cancel.

An application is a draft until it is sent: a request that nobody confirmed yet, which lapses by itself. There is no
link in a mail, for the identity stands for it. Each verb works on requests of that identity only: for another's it
raises Request.DoesNotExist, as for one that is not there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from onthaal import clock
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.origins import keyed
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk
from onthaal.central.lockers.requests import asking, dossiers, mine
from onthaal.central.lockers.requests.arriving import birthdate
from onthaal.central.lockers.requests.models import Attachment, Dossier, Request
from onthaal.core import deadlines
from onthaal.core.codes import Kind
from onthaal.core.documents import never_in_wall, of_age
from onthaal.core.lifecycles import Move
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import qr

DRAFT_LIVES = timedelta(hours=2)
"""As long as a whole session of who writes it."""
BEGUN_A_DAY = 10
"""Drafts of one identity and product."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What only the asker can say; their name and birthdate came from the provider."""

    email: str
    language: str
    proxy: bool = False
    urgent: bool = False
    old_document: bool = False
    """They have an older one."""
    remark: str = ""


@transaction.atomic
def begin(*, identity: Identity, product_id: int, asked: Asked) -> Request:
    """Their draft for this product: a new one, or the one there is with other answers.

    Refuses PRODUCT_NOT_OFFERED; LIVE_REQUEST_EXISTS when one was sent and is under way; TOO_MANY_REQUESTS.
    """
    product = catalogue.personal().filter(pk=product_id).first()
    kiosk = Kiosk.objects.filter(retired_at=None).order_by("pk").first()
    if product is None or kiosk is None:
        raise Refusal(Why.PRODUCT_NOT_OFFERED)
    draft = _draft(identity, product)
    if draft is None:
        draft = _new_draft(identity, product, kiosk)
    person, dossier = draft.person, draft.dossier
    person.email, person.language = asked.email.strip(), asked.language
    person.save(update_fields=["email", "language"])
    dossier.proxy, dossier.urgent = asked.proxy, asked.urgent
    dossier.old_document = Dossier.Old.OPEN if asked.old_document and product.asks_old_document else Dossier.Old.NONE
    draft.remark = asked.remark.strip()[:500]
    _settle(draft)
    return draft


def _draft(identity: Identity, product: Product) -> Request | None:
    """Their draft, locked; None when there is none. Refuses LIVE_REQUEST_EXISTS when it was sent already."""
    mine_ = Request.objects.select_for_update(of=("self",)).select_related("person", "product", "dossier__identity")
    found: Request | None = mine_.filter(mine.theirs(identity), product=product, status__in=Request.LIVE).first()
    if found is not None and found.status != Request.Status.UNCONFIRMED:
        raise Refusal(Why.LIVE_REQUEST_EXISTS)
    return found


def _new_draft(identity: Identity, product: Product, kiosk: Kiosk) -> Request:
    now = clock.now()
    key = keyed("identity", identity.number_key or identity.subject_key)
    begun = Request.objects.filter(address_key=key, product=product, asked_at__gt=now - asking.A_DAY)
    if begun.count() >= BEGUN_A_DAY:
        raise Refusal(Why.TOO_MANY_REQUESTS)
    draft = Request(
        product=product,
        kiosk=kiosk,
        person=identity.person,
        asked_for=Request.For.RESIDENT,
        address_key=key,
        link_hash=asking.hashed(secrets.token_urlsafe(24)),  # no link leads to it
        link_expires_at=now + DRAFT_LIVES,
        asked_at=now,
    )
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:
        if "one_live_request_per_address" not in str(error):
            raise
        raise Refusal(Why.LIVE_REQUEST_EXISTS) from None  # they were quicker in another window
    Dossier.objects.create(
        request=draft,
        identity=identity,
        number=qr.draw(Kind.LABEL),
        place=Dossier.Place.WALL,
        of_age=False,  # until it is settled
        fee_cents=product.fee_cents,
    )
    asking.note(draft, "request.asked")
    return draft


def _settle(draft: Request) -> None:
    """Part of a verb: keep it, at the desk when it can only be there, and give it time."""
    dossier = draft.dossier
    born = birthdate(dossier.identity) if dossier.identity is not None else None
    dossier.of_age = born is not None and of_age(born, deadlines.day_of(clock.now()))
    why = never_in_wall(dossiers.conditions(draft))
    dossier.desk_reason = why.value if why else ""
    if why is not None:
        dossier.place = Dossier.Place.DESK
    dossier.save()
    draft.link_expires_at = clock.now() + DRAFT_LIVES
    draft.save()


@transaction.atomic
def choose(*, identity: Identity, request_id: int, kiosk_id: int | None, low: bool) -> Request:
    """Where the draft's document is to be collected: at a wall, or (None) at the desk.

    Refuses what keeps it out of a wall, PRODUCT_NOT_OFFERED for a wall that is not there.
    """
    draft = _mine(identity, request_id, Request.Status.UNCONFIRMED)
    _place(draft, kiosk_id)
    draft.person.low = low
    draft.person.save(update_fields=["low"])
    _settle(draft)
    return draft


def _place(request: Request, kiosk_id: int | None) -> None:
    if kiosk_id is None:
        request.dossier.place = Dossier.Place.DESK
        return
    why = mine.only_at_desk(request)
    if why is not None:
        raise Refusal(why)
    if not Kiosk.objects.filter(pk=kiosk_id, retired_at=None).exists():
        raise Refusal(Why.PRODUCT_NOT_OFFERED)
    request.dossier.place, request.kiosk_id = Dossier.Place.WALL, kiosk_id


@transaction.atomic
def attach(*, identity: Identity, request_id: int, kind: str, content: bytes) -> Attachment:
    """Add a photo or a certificate to a draft, or to an answer; what there was of its kind makes way.

    Refuses ATTACHMENT_TOO_BIG and ATTACHMENT_WRONG; MOVE_NOT_ALLOWED when nobody asks for it any more.
    """
    request = _mine(identity, request_id, Request.Status.UNCONFIRMED, Request.Status.RECEIVED, Request.Status.ACCEPTED)
    if request.status != Request.Status.UNCONFIRMED and not mine.more_is_asked(request.dossier):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="attach")
    kept = dossiers.keep(request.dossier, kind, content)
    if request.status != Request.Status.UNCONFIRMED:
        asking.note(request, "request.attached", attachment=kept.pk, what=kind)
    return kept


@transaction.atomic
def detach(*, identity: Identity, request_id: int, attachment_id: int) -> None:
    """Take an attachment off a draft: it is gone for good. Doing it twice is harmless."""
    draft = _mine(identity, request_id, Request.Status.UNCONFIRMED)
    for attachment in Attachment.objects.filter(dossier=draft.dossier, pk=attachment_id, dropped_at=None):
        dossiers.drop(attachment)


@transaction.atomic
def apply(*, identity: Identity, request_id: int) -> Request:
    """Send the draft. Sending it twice is harmless.

    Refuses ATTACHMENT_MISSING; MOVE_NOT_ALLOWED for one that lapsed or was cancelled.
    """
    request = _mine(identity, request_id)
    if request.status in (Request.Status.RECEIVED, Request.Status.ACCEPTED):
        return request
    if request.status != Request.Status.UNCONFIRMED:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="apply")
    if dossiers.missing(request):
        raise Refusal(Why.ATTACHMENT_MISSING)
    request.status, request.confirmed_at = Request.Status.RECEIVED, clock.now()
    _settle(request)
    asking.note(request, "request.confirmed", place=request.dossier.place)
    dossiers.tell(request, "dossier-received")
    return request


@transaction.atomic
def answer(*, identity: Identity, request_id: int, text: str) -> Request:
    """The answer to what staff asked for more; its attachments were added before.

    Refuses MOVE_NOT_ALLOWED when nothing more is asked.
    """
    request = _mine(identity, request_id, Request.Status.RECEIVED, Request.Status.ACCEPTED)
    dossier = request.dossier
    if not mine.more_is_asked(dossier):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="answer")
    dossier.answer, dossier.answered_at = text.strip()[:500], clock.now()
    dossier.save(update_fields=["answer", "answered_at"])
    asking.note(request, "request.answered")
    return request


@transaction.atomic
def cancel(*, identity: Identity, request_id: int) -> Request:
    """They need it no more: what was planned is called off, what lies in the wall is recalled. Twice is harmless.

    Refuses MOVE_NOT_ALLOWED once it was handed over, refused or lapsed.
    """
    request = _mine(identity, request_id)
    if request.status in Request.LIVE:
        draft = request.status == Request.Status.UNCONFIRMED
        asking.end(request, status=Request.Status.WITHDRAWN, by=None, kind="request.withdrawn")
        if draft:
            dossiers.drop_attachments(request.dossier)
    elif request.status != Request.Status.WITHDRAWN:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move=Move.CANCEL)
    return request


@transaction.atomic
def change_place(*, identity: Identity, request_id: int, kiosk_id: int | None) -> Request:
    """Another wall, or (None) the desk; a plan that was made for it moves along, or is called off.

    Refuses MOVE_NOT_ALLOWED once it lies somewhere; what keeps it out of a wall, also when staff said so;
    PRODUCT_NOT_OFFERED.
    """
    request = _mine(identity, request_id)
    if not mine.may_change_place(request):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="change-place")
    _place(request, kiosk_id)
    request.dossier.save(update_fields=["place"])
    grants: list[Grant] = []
    walls: set[int] = set()
    prepared = request.prepared_at is not None
    if request.handover_id is not None:
        grants, walls = _follow(request, kiosk_id)
    request.save(update_fields=["kiosk", "handover", "prepared_at"])
    asking.note(
        request, "request.place-changed", place=request.dossier.place, kiosk=request.kiosk_id, prepared=prepared
    )  # fmt: skip
    if grants:
        access.tell_walls(grants, also=walls)
    else:
        places.raise_wishes(walls)
    return request


def _follow(request: Request, kiosk_id: int | None) -> tuple[list[Grant], set[int]]:
    """What was planned goes along. Its grants, and the walls that must hear of it."""
    assert request.handover_id is not None
    planned = handovers.lock([request.handover_id])[request.handover_id]
    walls = {planned.kiosk_id}
    if kiosk_id is None:
        handovers.cancelled([planned], by=None, reason="to-desk")
        access.end_grants(planned.pk, status=Grant.Status.REVOKED)
        request.handover, request.prepared_at = None, None
        return [], walls
    planned.kiosk_id = kiosk_id
    planned.save(update_fields=["kiosk"])
    handovers.note(planned, "handover.moved", by=None)
    grants = list(Grant.objects.filter(handover=planned, status__in=["asleep", "awake"]).order_by("pk"))
    for grant in grants:
        grant.kiosk_id = kiosk_id
        grant.save(update_fields=["kiosk"])
    return grants, walls


def _mine(identity: Identity, request_id: int, *statuses: Request.Status) -> Request:
    """Their request, locked. Refuses MOVE_NOT_ALLOWED in another status than these, when any are given."""
    locked = Request.objects.select_for_update(of=("self",)).select_related(
        "person", "product", "kiosk__site", "handover", "dossier__identity"
    )
    found: Request = locked.filter(mine.theirs(identity)).get(pk=request_id)
    if statuses and found.status not in statuses:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=found.status, move="change")
    return found
