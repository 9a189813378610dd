"""Verbs of who asks: ask, confirm by the link in the mail, withdraw. Staff's answers stand in `deciding`.

A request counts once its address was confirmed. Whether an address has a request already is told to that address
only, never to who typed it in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from onthaal import clock
from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.foundation.origins import keyed
from onthaal.central.foundation.people import actions as people
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.tenancy import scope
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue import queries as products
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import LIVE, Finding, Handover
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk
from onthaal.central.lockers.requests import dossiers
from onthaal.central.lockers.requests.models import Request
from onthaal.core import deadlines, lending
from onthaal.core.lending import Promised, Span
from onthaal.core.lifecycles import CLOSED, OPENABLE, Move, Stage
from onthaal.core.refusals import Refusal, Why

LINK_LIVES = timedelta(hours=24)
LINK_STAYS = timedelta(minutes=15)
"""So long another's asking with the same address sends the same link again, and puts nothing in its place."""
A_DAY = timedelta(days=1)
KEPT_DAYS = 30
"""So long after a request ended it is still known who asked."""
KEPT = timedelta(days=KEPT_DAYS)
ASKED_A_DAY_PER_ORIGIN = 30
"""A library's or a school's visitors share one address."""
ASKED_A_DAY_PER_ADDRESS = 5


@transaction.atomic
def ask(  # noqa: PLR0913 (a form has this many fields)
    *,
    product_id: int,
    kiosk_id: int,
    asked_for: str,
    name: str,
    organisation: str = "",
    email: str,
    language: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    low: bool = False,
    remark: str = "",
    origin: str,
) -> Request | None:
    """Ask for a product; the link to confirm it goes to the address. `origin`: the network address asked from.

    None when that address has a live request for the product, or asked too often today: it was mailed a note or its
    link again, and the page says the same as always. An unconfirmed request of that address makes way, unless somebody
    elsewhere asked it a moment ago. Refuses PRODUCT_NOT_OFFERED, PERIOD_INVALID, NO_ITEM_FREE, TOO_MANY_REQUESTS (of
    the origin).
    """
    product = _offered(product_id, asked_for, kiosk_id)
    span = _span(product, starts_on, ends_on)
    address_key, origin_key = keyed("mail-address", email.strip().lower()), keyed("origin", origin)
    _throttle(origin_key)
    if span is not None:
        could_be_lent(product.pk, span)
    if not _may_ask(address_key, origin_key, product):
        return None
    person = people.create_person(name=name, organisation=organisation, email=email.strip(), language=language, low=low)
    now = clock.now()
    token = _token(address_key, product.pk, now)
    request = Request(
        product=product,
        kiosk_id=kiosk_id,
        person=person,
        asked_for=asked_for,
        address_key=address_key,
        origin_key=origin_key,
        starts_on=span.first if span else None,
        ends_on=span.last if span else None,
        remark=remark.strip()[:500],
        link_hash=hashed(token),
        link_expires_at=now + LINK_LIVES,
        asked_at=now,
    )
    return _begun(request, token)


def _begun(request: Request, token: str) -> Request | None:
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        if "one_live_request_per_address" not in str(error):
            raise
        people.erase_person(request.person)  # somebody was quicker: the address gets that one's link
        return None
    note(request, "request.asked")
    tell(request, "request-link", token=token)
    return request


def _offered(product_id: int, asked_for: str, kiosk_id: int) -> Product:
    product: Product | None = Product.objects.filter(pk=product_id).first()
    kiosk = Kiosk.objects.filter(pk=kiosk_id, retired_at=None).exists()
    if product is None or not kiosk or not products.open_to(product, asked_for):
        raise Refusal(Why.PRODUCT_NOT_OFFERED)
    return product


def _span(product: Product, starts_on: date | None, ends_on: date | None) -> Span | None:
    """The days of a loan; what is kept has none."""
    if product.mode != Product.Mode.LEND:
        return None
    today = deadlines.day_of(clock.now())
    earliest = today + timedelta(days=product.lead_days)
    latest = today + timedelta(days=product.book_ahead_days)
    if starts_on is None or ends_on is None or not earliest <= starts_on <= latest:
        raise Refusal(Why.PERIOD_INVALID, days=product.max_loan_days, ahead=product.book_ahead_days)
    if not timedelta(0) <= ends_on - starts_on < timedelta(days=product.max_loan_days):
        raise Refusal(Why.PERIOD_INVALID, days=product.max_loan_days, ahead=product.book_ahead_days)
    return Span(starts_on, ends_on)


def could_be_lent(product_id: int, span: Span) -> lending.Allocation:
    """How the loan would be allotted if it were accepted now. Refuses NO_ITEM_FREE."""
    return lending.allocate(products.lendable(product_id), promised(product_id), span)


def promised(product_id: int) -> list[Promised]:
    """What the things of a product are promised for by now. What staff prepared, or what is away, is that thing."""
    live = Request.objects.filter(product_id=product_id, promise__live=True)
    fixed = live.exclude(handover__stage=Stage.PLANNED, prepared_at=None).values_list("promise_id", flat=True)
    today = deadlines.day_of(clock.now())
    return products.promised(product_id, fixed=set(fixed), away=away(product_id), today=today)


def away(product_id: int) -> set[int]:
    """The promises of a product whose thing lies in a wall, is with its borrower, or is in doubt."""
    live = Request.objects.filter(product_id=product_id, promise__live=True)
    return set(live.exclude(handover__stage=Stage.PLANNED).values_list("promise_id", flat=True))


def _token(address_key: str, product_id: int, asked_at: datetime) -> str:
    """What the link in the mail carries: nothing here keeps it, and it can be sent again. 192 bits, hex."""
    return keyed("request-link", f"{scope()}:{address_key}:{product_id}:{asked_at.isoformat()}")[:48]


def _one_at_a_time(key: str) -> None:
    """Whoever counts this key waits for whoever counts it now, until the end of its transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"asking:{scope()}:{key}"])


def _throttle(origin_key: str) -> None:
    _one_at_a_time(origin_key)
    since = clock.now() - A_DAY
    if Request.objects.filter(origin_key=origin_key, asked_at__gt=since).count() >= ASKED_A_DAY_PER_ORIGIN:
        raise Refusal(Why.TOO_MANY_REQUESTS)


def _may_ask(address_key: str, origin_key: str, product: Product) -> bool:
    """Whether this address may ask now; an older request of it that nobody confirmed makes way."""
    _one_at_a_time(address_key)
    now = clock.now()
    mine = Request.objects.filter(address_key=address_key)
    if mine.filter(asked_at__gt=now - A_DAY).count() >= ASKED_A_DAY_PER_ADDRESS:
        return False
    live = mine.select_for_update().filter(product=product, status__in=Request.LIVE).first()
    if live is None:
        return True
    if live.status != Request.Status.UNCONFIRMED:
        told = Notice.objects.filter(kind="request-exists", about=f"request:{live.pk}", created_at__gt=now - A_DAY)
        if not told.exists():
            tell(live, "request-exists")
        return False
    if live.origin_key != origin_key and now - live.asked_at < LINK_STAYS:
        _ask_again(live, origin_key)
        return False
    lapse(live)
    return True


def _ask_again(live: Request, origin_key: str) -> None:
    """Somebody elsewhere typed the address of who just asked: that one's link goes again, and the asking counts."""
    now = clock.now()
    counted = Request(
        product=live.product,
        kiosk_id=live.kiosk_id,
        person=people.create_person(name="", email="", language=live.person.language),
        asked_for=live.asked_for,
        address_key=live.address_key,
        origin_key=origin_key,
        status=Request.Status.LAPSED,
        link_hash=hashed(secrets.token_urlsafe(24)),
        link_expires_at=now,
        asked_at=now,
        ended_at=now,
    )
    counted.save()
    people.erase_person(counted.person)
    tell(live, "request-link", token=_token(live.address_key, live.product_id, live.asked_at))


@transaction.atomic
def confirm(*, token: str) -> Request:
    """The address is the asker's. Doing it twice is harmless. Refuses LINK_EXPIRED."""
    request = _by_token(token)
    if request.status == Request.Status.UNCONFIRMED and request.link_expires_at > clock.now():
        request.status, request.confirmed_at = Request.Status.RECEIVED, clock.now()
        request.save(update_fields=["status", "confirmed_at"])
        note(request, "request.confirmed")
    elif request.confirmed_at is None:
        raise Refusal(Why.LINK_EXPIRED)
    return request


@transaction.atomic
def withdraw(*, token: str) -> Request:
    """Whoever asked needs it no more: what was planned is called off, what lies in the wall is recalled.

    Doing it twice is harmless. Refuses LINK_EXPIRED; MOVE_NOT_ALLOWED once it was collected.
    """
    request = _by_token(token)
    if request.status in Request.LIVE:
        end(request, status=Request.Status.WITHDRAWN, by=None, kind="request.withdrawn")
    elif request.status != Request.Status.WITHDRAWN:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move=Move.CANCEL)
    return request


def end(request: Request, *, status: Request.Status, by: Account | None, kind: str) -> None:
    """Part of a verb that locked the request: it ends here, and what was planned for it is called off or recalled.

    Refuses MOVE_NOT_ALLOWED once the thing was collected, or while nobody knows where it is.
    """
    now = clock.now()
    request.status, request.decided_at, request.decided_by = status, now, by or request.decided_by
    request.ended_at = now
    request.save(update_fields=["status", "decided_at", "decided_by", "ended_at"])
    kiosks: set[int] = set()
    if request.handover_id is not None:
        kiosks = _call_off(request, request.handover_id, by)
    note(request, kind, by=by)
    places.raise_wishes(kiosks)


def _call_off(request: Request, out_id: int, by: Account | None) -> set[int]:
    backs = Handover.objects.filter(out_id=out_id).values_list("pk", flat=True)
    both = handovers.lock([out_id, *backs])
    out = both[out_id]
    if out.stage in OPENABLE:
        handovers.recalled(out, by=by, reason="withdrawn")
    elif out.stage == Stage.PLANNED:
        handovers.cancelled([one for one in both.values() if one.stage not in CLOSED], by=by, reason="withdrawn")
        if request.promise_id is not None:
            catalogue.end_promise(promise_id=request.promise_id)
    elif out.stage != Stage.RECALLED and not (request.product.personal and out.stage == Stage.TAKEN_BACK):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=out.stage, move=Move.CANCEL)
    access.end_grants(out.pk, status=Grant.Status.REVOKED, by=by)
    return {one.kiosk_id for one in both.values()}


def lapse(request: Request) -> None:
    """Part of a verb: nobody confirmed it, so what it says of a person is erased; the person too, unless another
    request of theirs ended no longer than KEPT_DAYS ago: its days run on."""
    request.status, request.ended_at = Request.Status.LAPSED, clock.now()
    request.save(update_fields=["status", "ended_at"])
    note(request, "request.lapsed")
    others = Request.objects.filter(person_id=request.person_id, ended_at__gt=clock.now() - KEPT)
    if others.exclude(pk=request.pk).exclude(confirmed_at=None).exists():
        _forget(request)
    else:
        emptied(request)


def emptied(request: Request, by: Account | None = None) -> None:
    """Part of a verb that locked it: nothing of it says any more who asked. Rows, journal and chains stay whole.

    Who signed in to ask is the same person in all their requests: they are forgotten with the last one under way.
    """
    _forget(request)
    others = Request.objects.filter(person_id=request.person_id).exclude(pk=request.pk).order_by("pk")
    handed = Handover.objects.filter(LIVE, person_id=request.person_id)
    if others.filter(status__in=Request.LIVE).exists() or handed.exists():
        return
    for other in others:
        _forget(other)
    Handover.objects.filter(person=request.person).exclude(resolution="").update(resolution="")
    Finding.objects.filter(handover__person=request.person).exclude(reason="").update(reason="")
    for identity in dossiers.identities(request):
        identities.erase(identity, now=clock.now())
    people.erase_person(request.person, by=by)


def _forget(request: Request) -> None:
    notices.drop(f"request:{request.pk}")
    request.remark = request.refusal = ""
    request.link_hash = hashed(secrets.token_urlsafe(24))  # the mail's link leads nowhere any more
    request.save(update_fields=["remark", "refusal", "link_hash"])
    dossiers.emptied(request)


def hashed(token: str) -> str:
    """What is kept of a link's token: hex, 64 characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def _by_token(token: str) -> Request:
    request = Request.objects.select_for_update().filter(link_hash=hashed(token)).first()
    if request is None:
        raise Refusal(Why.LINK_EXPIRED)
    found: Request = request
    return found


def tell(request: Request, kind: str, **more: Any) -> None:
    """Write the asker about a request. Nobody is written who was erased."""
    if not request.person.email:
        return
    kiosk = request.kiosk
    slots = {
        "product": products.names(request.product),
        "kiosk": kiosk.name,
        "address": kiosk.site.address,
        "help_phone": kiosk.help_phone,
        "starts_on": request.starts_on.isoformat() if request.starts_on else "",
        "ends_on": request.ends_on.isoformat() if request.ends_on else "",
    }
    notices.send(kind=kind, person=request.person, about=f"request:{request.pk}", slots={**slots, **more})


def note(request: Request, kind: str, *, by: Account | None = None, at: datetime | None = None, **data: object) -> None:
    """A journal entry in the request's stream: numbers and pseudonyms only."""
    named = {"request": request.pk, "product": request.product_id, "handover": request.handover_id}
    journal.note(
        stream=f"request:{request.pk}",
        kind=kind,
        at=at or clock.now(),
        by=str(by.pseudonym) if by else "",
        about={name: value for name, value in named.items() if value is not None}
        | {"person": str(request.person.pseudonym)},
        data=data,
    )
