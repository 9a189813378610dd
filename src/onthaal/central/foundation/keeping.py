"""What is kept how long, in foundation's tables; the rest is emptied or deleted."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore

from onthaal.central.foundation.journal.models import Following
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.foundation.people.signing_in import forget_old_tries
from onthaal.central.foundation.tenancy import scope

NOTICES_ARE_KEPT = timedelta(days=90)
"""So long a mail can bounce, or somebody can ask what was sent."""
WORK_IS_KEPT = timedelta(days=30)


def tidy_scope(now: datetime) -> None:
    """What sent notices said and to where they bounce, in the scope's municipality."""
    old = Notice.objects.filter(
        status__in=[Notice.Status.SENT, Notice.Status.BOUNCED, Notice.Status.DROPPED],
        created_at__lt=now - NOTICES_ARE_KEPT,
    )
    ids = list(old.values_list("pk", flat=True)[:1000])
    ReturnAddress.objects.filter(municipality_id=scope(), notice__in=ids).delete()
    Notice.objects.filter(pk__in=ids).delete()


def tidy_unscoped(now: datetime) -> None:
    """Sessions that ended, wrong passwords long ago, work that was done."""
    forget_old_tries(now)
    SessionStore.clear_expired()  # by Django's own clock, which wrote when they end
    Following.objects.filter(done_at__lt=now - WORK_IS_KEPT).delete()
