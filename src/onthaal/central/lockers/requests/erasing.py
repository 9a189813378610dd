"""Erasing who asked: by itself some time after a request ended, or because they want it.

What happened stays: rows, journal and chains name a person by pseudonym only.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.people import actions as people
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers.models import LIVE, Handover
from onthaal.central.lockers.requests import asking, dossiers
from onthaal.central.lockers.requests.asking import KEPT
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core.refusals import Refusal, Why

AT_ONCE = 100
"""Rows a tick; the next one takes the rest."""
ATTACHMENTS_ARE_KEPT = timedelta(days=7)
"""After a request ended: somebody may still ask why."""
VISITORS_ARE_KEPT = timedelta(days=1)
"""Who signed in and asked for nothing."""


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
    """Erase who asked what ended more than KEPT_DAYS ago, and nothing since. How many requests."""
    later = Request.objects.filter(person_id=OuterRef("person_id"), ended_at__gt=now - KEPT)
    old = _erasable().filter(~Exists(later), ended_at__lte=now - KEPT).order_by("pk")
    requests = list(old.select_for_update(of=("self",), skip_locked=True).select_related("person")[:AT_ONCE])
    for request in requests:
        asking.emptied(request)
    return len(requests)


@transaction.atomic
def drop_attachments(now: datetime) -> int:
    """The attachments of what ended more than a week ago are gone for good. How many."""
    old = Dossier.objects.filter(
        request__ended_at__lte=now - ATTACHMENTS_ARE_KEPT, attachments__dropped_at=None, attachments__isnull=False
    )
    some = Dossier.objects.select_for_update(skip_locked=True).filter(pk__in=old.values("pk")).order_by("pk")
    return sum(dossiers.drop_attachments(dossier) for dossier in some[:AT_ONCE])


@transaction.atomic
def forget_visitors(now: datetime) -> int:
    """Erase who signed in more than a day ago and asked for nothing. How many."""
    asked = Request.objects.filter(person_id=OuterRef("person_id"))
    idle = Identity.objects.filter(~Exists(asked), erased_at=None, seen_at__lte=now - VISITORS_ARE_KEPT).order_by("pk")
    some = list(idle.select_for_update(of=("self",), skip_locked=True).select_related("person")[:AT_ONCE])
    for identity in some:
        identities.erase(identity, now=now)
        people.erase_person(identity.person)
    return len(some)


def _erasable() -> QuerySet[Request]:
    """Requests that are over, of people who are not erased and for whom nothing else is under way."""
    mine = Request.objects.filter(person_id=OuterRef("person_id"), status__in=Request.LIVE)
    handed = Handover.objects.filter(LIVE, person_id=OuterRef("person_id"))
    found: QuerySet[Request] = Request.objects.filter(ended_at__isnull=False, person__erased_at=None)
    return found.filter(~Exists(mine), ~Exists(handed))
