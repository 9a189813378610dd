"""Reading one's own requests: only ever those of the identity that is signed in."""

from __future__ import annotations

from django.db.models import Q

from onthaal.central.foundation.identity.knowing import issuers_with_number
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.requests import dossiers
from onthaal.central.lockers.requests.models import Attachment, Dossier, Request
from onthaal.core.documents import never_in_wall
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Why

_WITH = ("product", "person", "kiosk__site", "dossier__identity", "handover__compartment")
MORE_THAN_ANYBODY_HAS = 100


def theirs(identity: Identity) -> Q:
    """Requests of this identity: the same one, or, while both providers may tell it, the same national number (its
    pseudonym)."""
    same = Q(dossier__identity=identity)
    may_tell = issuers_with_number() if identity.number_key else set()
    if identity.issuer in may_tell:
        same |= Q(
            dossier__identity__number_key=identity.number_key, dossier__identity__issuer__in=may_tell,
            dossier__identity__erased_at=None,
        )  # fmt: skip
    return same


def requests_of(identity: Identity) -> list[Request]:
    """What they asked for, drafts too; what is under way first, then the newest."""
    found = Request.objects.select_related(*_WITH).filter(theirs(identity)).exclude(confirmed_at=None, status="lapsed")
    found = found.exclude(confirmed_at=None, status="withdrawn").order_by("-asked_at", "-pk")
    return sorted(found[:MORE_THAN_ANYBODY_HAS], key=lambda request: request.ended_at is not None)


def request_of(identity: Identity, request_id: int) -> Request | None:
    """One of their requests; None for another's as for one that is not there."""
    found: Request | None = Request.objects.select_related(*_WITH).filter(theirs(identity), pk=request_id).first()
    return found


def draft_of(identity: Identity, product: Product) -> Request | None:
    """What they began to ask for and did not send yet."""
    return _live(identity, product, [Request.Status.UNCONFIRMED])


def sent_of(identity: Identity, product: Product) -> Request | None:
    """Their request for it that is under way."""
    return _live(identity, product, [Request.Status.RECEIVED, Request.Status.ACCEPTED])


def _live(identity: Identity, product: Product, statuses: list[Request.Status]) -> Request | None:
    mine = Request.objects.select_related(*_WITH).filter(theirs(identity), product=product, status__in=statuses)
    found: Request | None = mine.first()
    return found


def attachment_of(identity: Identity, attachment_id: int) -> Attachment | None:
    """One of their attachments, with its sealed content; None when it is not there, not theirs, or dropped."""
    found: Attachment | None = (
        Attachment.objects.filter(pk=attachment_id, dropped_at=None)
        .filter(dossier__request__in=Request.objects.filter(theirs(identity)))
        .first()
    )
    return found


def more_is_asked(dossier: Dossier) -> bool:
    """Staff asked for something more, and waits for the answer."""
    if dossier.asked_more_at is None:
        return False
    return dossier.answered_at is None or dossier.answered_at < dossier.asked_more_at


def may_change_place(request: Request) -> bool:
    """Nothing lies anywhere for them yet."""
    if request.status not in (Request.Status.RECEIVED, Request.Status.ACCEPTED):
        return False
    if request.handover is not None:
        return bool(request.handover.stage == Stage.PLANNED)
    return request.prepared_at is None


def only_at_desk(request: Request) -> Why | None:
    """Why it cannot go to a wall now: what its rules say, or for one that was sent what was decided about it."""
    why = never_in_wall(dossiers.conditions(request))
    decided = request.dossier.desk_reason if request.status != Request.Status.UNCONFIRMED else ""
    return why or (Why(decided) if decided else None)


def may_cancel(request: Request) -> bool:
    """It is under way, and they do not have it yet."""
    out = request.handover
    if request.status not in Request.LIVE:
        return False
    return out is None or out.stage in (Stage.PLANNED, Stage.LOADED, Stage.WAITING, Stage.RECALLED)
