"""What the clock does to requests."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from onthaal.central.foundation.identity.models import Identity
from onthaal.central.lockers.requests.applying import DRAFT_LIVES
from onthaal.central.lockers.requests.asking import lapse
from onthaal.central.lockers.requests.erasing import drop_attachments, erase_ended, forget_visitors
from onthaal.central.lockers.requests.models import Request

__all__ = ["drop_attachments", "erase_ended", "expire_unconfirmed", "forget_origins", "forget_visitors"]

ORIGINS_ARE_KEPT = timedelta(days=1)
AT_ONCE = 100


@transaction.atomic
def expire_unconfirmed(now: datetime) -> int:
    """Requests whose link nobody followed in time lapse, and what they say of a person is erased. How many.

    A draft of somebody who signed in again waits: they may be at it.
    """
    here = Identity.objects.filter(person_id=OuterRef("person_id"), erased_at=None, seen_at__gt=now - DRAFT_LIVES)
    late = Request.objects.filter(~Exists(here), status=Request.Status.UNCONFIRMED, link_expires_at__lte=now)
    requests = list(late.order_by("pk").select_for_update(skip_locked=True)[:AT_ONCE])
    for request in requests:
        lapse(request)
    return len(requests)


def forget_origins(now: datetime) -> int:
    """Where requests came from is kept a day, for the rate limit; the key of an erased person's address too.

    How many origins were forgotten.
    """
    old = Request.objects.filter(asked_at__lt=now - ORIGINS_ARE_KEPT)
    old.filter(person__erased_at__isnull=False).exclude(address_key="").update(address_key="")
    return int(old.exclude(origin_key="").update(origin_key=""))
