"""Reading requests: the asker's own page, and the staff's work list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from onthaal import clock
from onthaal.central.foundation.journal import queries as journal
from onthaal.central.foundation.people import queries as people
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.requests.asking import away, hashed
from onthaal.central.lockers.requests.models import Request
from onthaal.core import deadlines
from onthaal.core.lifecycles import Stage

A_PAGE = 50
_DIGITS = 9
"""Of the greatest request number that is looked for."""
_WITH = (
    "product", "person", "kiosk__site", "handover__item", "handover__compartment", "handover__back__compartment",
    "handover__back__kiosk", "decided_by", "dossier__identity",
)  # fmt: skip

_UNANSWERED = Q(dossier__asked_more_at__isnull=False) & (
    Q(dossier__answered_at=None) | Q(dossier__answered_at__lt=F("dossier__asked_more_at"))
)
FILTERS: dict[str, Q] = {
    "new": Q(status="received") & ~_UNANSWERED,
    "more-asked": Q(status="received") & _UNANSWERED,
    "to-prepare": Q(status="accepted", handover__stage=Stage.PLANNED, prepared_at=None),
    "to-load": Q(status="accepted", handover__stage=Stage.PLANNED, prepared_at__isnull=False),
    "in-wall": Q(handover__stage__in=[Stage.LOADED, Stage.WAITING, Stage.RECALLED, Stage.DISPUTED])
    | Q(handover__back__stage__in=[Stage.LOADED, Stage.DISPUTED]),
    "at-desk": Q(status="accepted", dossier__place="desk")
    & (Q(handover=None) | Q(handover__stage__in=[Stage.TAKEN_BACK, Stage.CANCELLED])),
    "on-loan": Q(status="accepted", handover__stage=Stage.COLLECTED, handover__back__stage=Stage.PLANNED),
    "closed": Q(status__in=["done", "refused", "withdrawn", "lapsed"], confirmed_at__isnull=False),
}
"""The work list's tabs, in the order of the work."""

_WANTED_ON = Coalesce("starts_on", TruncDate("asked_at", tzinfo=deadlines.ZONE))
"""The first day of a loan; what has none is wanted at once, from the day on which it was asked."""


@dataclass(frozen=True)
class HandedOut:
    """That a document was handed over at the desk: by whom, and by what they saw who it was (one of desk.CHECKED)."""

    at: datetime
    by: str
    checked: str


def handed_out(request_id: int) -> HandedOut | None:
    """What the journal says of it; None when it was not handed over at the desk."""
    entry = journal.of_stream(f"request:{request_id}").filter(kind="dossier.handed-out").last()
    if entry is None:
        return None
    name = people.names_of([entry.by]).get(entry.by) or entry.by[:8]
    return HandedOut(entry.at, name, entry.data["checked"])


def by_token(token: str) -> Request | None:
    """The request of a link, for its page. None when there is no such link (any more)."""
    found: Request | None = Request.objects.select_related(*_WITH).filter(link_hash=hashed(token)).first()
    if found is None or (found.confirmed_at is None and found.link_expires_at <= clock.now()):
        return None
    return found


def get(request_id: int) -> Request:
    """One request with all it names. Request.DoesNotExist."""
    found: Request = Request.objects.select_related(*_WITH).get(pk=request_id)
    return found


def worklist(filter_: str = "new", page: int = 1, product_id: int | None = None) -> Page[Request]:
    """A page of the work list, what is wanted first on top (closed ones: the newest); of one product when named.

    KeyError for no such filter.
    """
    order = ("-asked_at", "-pk") if filter_ == "closed" else (_WANTED_ON, "asked_at", "pk")
    found: QuerySet[Request] = Request.objects.select_related(*_WITH).filter(FILTERS[filter_]).order_by(*order)
    if product_id is not None:
        found = found.filter(product_id=product_id)
    return Paginator(found, A_PAGE).get_page(page)


@dataclass(frozen=True)
class Found:
    """The newest that fit, a page at most; and whether there are more."""

    rows: Sequence[Request]
    more: bool


def found(text: str) -> Found:
    """Requests by their number, or by part of a name, an organisation or a mail address; the newest first."""
    wanted = text.strip()
    if not wanted:
        return Found([], more=False)
    named = Q(person__name__icontains=wanted) | Q(person__organisation__icontains=wanted)
    condition = named | Q(person__email__icontains=wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _DIGITS:
        condition |= Q(pk=int(wanted))
    newest = Request.objects.select_related(*_WITH).filter(condition).order_by("-asked_at", "-pk")
    rows = list(newest[: A_PAGE + 1])
    return Found(rows[:A_PAGE], more=len(rows) > A_PAGE)


def counts() -> dict[str, int]:
    """How many there are under each filter."""
    return {name: Request.objects.filter(condition).count() for name, condition in FILTERS.items()}


def wait_for_wall(kiosk_id: int) -> QuerySet[Request]:
    """Confirmed requests for which something may yet be planned at this wall: undecided, or accepted without a plan;
    not those that go to the desk."""
    open_ones = Q(status=Request.Status.RECEIVED) | Q(status=Request.Status.ACCEPTED, handover=None)
    found: QuerySet[Request] = Request.objects.filter(open_ones, kiosk_id=kiosk_id).exclude(dossier__place="desk")
    return found


def live_days(product_id: int) -> Sequence[catalogue.Day]:
    """How many things of a product are free on each day that can be asked for."""
    product = Product.objects.get(pk=product_id)
    first, last = askable(product)
    return catalogue.live_days(product_id, first=first, days=(last - first).days + 1, away=away(product_id))


def free_for(asked: Request) -> dict[str, int] | None:
    """Of a loan to decide on: how many things are free on each of its days, of how many. None for anything else."""
    if asked.status != Request.Status.RECEIVED or asked.starts_on is None or asked.ends_on is None:
        return None
    product_id = asked.product_id
    free = catalogue.free_between(product_id, first=asked.starts_on, last=asked.ends_on, away=away(product_id))
    return {"free": free, "count": len(catalogue.lendable(product_id))}


def askable(product: Product) -> tuple[date, date]:
    """The first and the last day on which a loan of it may begin."""
    today = deadlines.day_of(clock.now())
    return today + timedelta(days=product.lead_days), today + timedelta(days=product.book_ahead_days)
