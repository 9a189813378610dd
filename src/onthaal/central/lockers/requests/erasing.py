"""Erasing who asked: by itself some time after a request ended, or because they want it.

What happened stays: rows, journal and chains name a person by pseudonym only.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers.models import LIVE, Handover
from onthaal.central.lockers.requests import asking
from onthaal.central.lockers.requests.models import Request
from onthaal.central.lockers.requests.queries import KEPT_DAYS
from onthaal.core.refusals import Refusal, Why

AT_ONCE = 100
"""Rows a tick; the next one takes the rest."""


@transaction.atomic
def erase(*, request_id: int, by: Account) -> Request:
    """Somebody whose request is over wants to be erased now. Doing it twice is harmless.

    Refuses MOVE_NOT_ALLOWED while a request or a handover of theirs is live: without an address nobody could be told
    where their thing is, nor asked to bring it back.
    """
    request: Request = Request.objects.select_for_update(of=("self",)).select_related("person").get(pk=request_id)
    if not _erasable().filter(pk=request_id).exists() and request.person.erased_at is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status)
    if request.person.erased_at is None:
        asking.emptied(request, by)
    return request


@transaction.atomic
def erase_ended(now: datetime) -> int:
    """Erase who asked what ended more than KEPT_DAYS ago. How many requests."""
    old = _erasable().filter(ended_at__lte=now - timedelta(days=KEPT_DAYS)).order_by("pk")
    requests = list(old.select_for_update(of=("self",), skip_locked=True).select_related("person")[:AT_ONCE])
    for request in requests:
        asking.emptied(request)
    return len(requests)


def _erasable() -> QuerySet[Request]:
    """Requests that are over, of people who are not erased and for whom nothing else is under way."""
    mine = Request.objects.filter(person_id=OuterRef("person_id"), status__in=Request.LIVE)
    handed = Handover.objects.filter(LIVE, person_id=OuterRef("person_id"))
    found: QuerySet[Request] = Request.objects.filter(ended_at__isnull=False, person__erased_at=None)
    return found.filter(~Exists(mine), ~Exists(handed))
