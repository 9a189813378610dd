"""An application that staff enters at the desk, for somebody who cannot sign in: it is collected at the desk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.origins import keyed
from onthaal.central.foundation.people import actions as people
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.places.models import Kiosk
from onthaal.central.lockers.requests import asking, dossiers
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core import deadlines
from onthaal.core.codes import Kind
from onthaal.core.documents import never_in_wall, of_age
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import qr

OLDEST = 130
"""Years: a date of birth further back is a slip of the keyboard."""


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What staff typed from the papers before them."""

    product_id: int
    name: str
    born_on: date
    """Looked at once: whether they are of age."""
    email: str = ""
    language: str = "nl"
    urgent: bool = False
    proxy: bool = False
    old_document: bool = False
    remark: str = ""


@transaction.atomic
def enter(entered: Entered, *, by: Account) -> Request:
    """The request, received. Refuses PRODUCT_NOT_OFFERED for what is not personal or not offered; MALFORMED for who
    is not born yet, or was born more than OLDEST years ago."""
    product = catalogue.personal().filter(pk=entered.product_id).first()
    kiosk = Kiosk.objects.filter(retired_at=None).order_by("pk").first()
    if product is None or kiosk is None:
        raise Refusal(Why.PRODUCT_NOT_OFFERED)
    now = clock.now()
    today = deadlines.day_of(now)
    if entered.born_on > today or entered.born_on.year < today.year - OLDEST:
        raise Refusal(Why.MALFORMED, what="born_on")
    person = people.create_person(name=entered.name, email=entered.email.strip(), language=entered.language)
    request = Request(
        product=product,
        kiosk=kiosk,
        person=person,
        status=Request.Status.RECEIVED,
        address_key=keyed("dossier", secrets.token_urlsafe(24)),  # nobody signed in: nothing to find it again by
        link_hash=asking.hashed(secrets.token_urlsafe(24)),
        link_expires_at=now,
        remark=entered.remark.strip()[:500],
        asked_at=now,
        confirmed_at=now,
    )
    request.save()
    dossier = Dossier(
        request=request,
        number=qr.draw(Kind.LABEL),
        place=Dossier.Place.DESK,
        of_age=of_age(entered.born_on, today),
        urgent=entered.urgent,
        proxy=entered.proxy,
        fee_cents=product.fee_cents,
        old_document=Dossier.Old.OPEN if entered.old_document else Dossier.Old.NONE,
    )
    why = never_in_wall(dossiers.conditions(_with(request, dossier)))
    dossier.desk_reason = why.value if why else ""
    dossier.save()
    asking.note(request, "request.asked", by=by, at_desk=True)
    asking.note(request, "request.confirmed", by=by, place=dossier.place)
    return request


def _with(request: Request, dossier: Dossier) -> Request:
    request.dossier = dossier
    return request
