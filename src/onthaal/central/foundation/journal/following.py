"""Doing what follows: each (entry, follower) is claimed by one worker with one UPDATE, retried alone, done once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import connection
from django.db.models import QuerySet

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal import followers
from onthaal.central.foundation.journal.models import Entry, Following
from onthaal.central.foundation.tenancy import acting_for

log = structlog.get_logger()

CLAIM_HOLDS = timedelta(minutes=2)
"""A worker that died gives its claim back after this long."""
TRIES = 8
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)

_CLAIM = """
    UPDATE foundation_following SET claimed_until = %(until)s, tries = tries + 1 WHERE id = (
        SELECT id FROM foundation_following
        WHERE done_at IS NULL AND gave_up_at IS NULL AND due_at <= %(due)s
          AND (claimed_until IS NULL OR claimed_until < %(now)s)
        ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, municipality_id, entry, follower, tries
"""


class Claimed(NamedTuple):
    id: int
    municipality: int
    entry: int
    follower: str
    tries: int


def work(now: datetime, limit: int) -> int:
    """Do up to `limit` rows of work that are due at `now`. The number of rows tried."""
    time = clock.going_on(now)  # some take long: a claim of then would be over when it is made
    for done in range(limit):
        claimed = _claim(now, time())
        if claimed is None:
            return done
        try:
            _follow(claimed, time())
        except Exception as error:  # noqa: BLE001 (one follower's bug must not stop the others; it is told and retried)
            _missed(claimed, time(), error)
    return limit


def try_again(now: datetime) -> int:
    """Put back to work whatever was given up, after its fault was mended. The number of rows."""
    rows = list(given_up().order_by("id"))
    for row in rows:
        with acting_for(row.municipality_id):
            attention.alert_over("follower-gave-up", f"entry:{row.entry}")
            Following.objects.filter(pk=row.pk).update(gave_up_at=None, claimed_until=None, tries=0, due_at=now)
    return len(rows)


def given_up() -> QuerySet[Following]:
    """What should have followed and did not, after every try."""
    return Following.objects.filter(done_at=None, gave_up_at__isnull=False)


def _claim(due: datetime, now: datetime) -> Claimed | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"due": due, "now": now, "until": now + CLAIM_HOLDS})
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _follow(claimed: Claimed, now: datetime) -> None:
    with acting_for(claimed.municipality):
        entry = Entry.objects.get(pk=claimed.entry)
        followers.named(claimed.follower)(entry)
        Following.objects.filter(pk=claimed.id).update(done_at=now, error="")


def _missed(claimed: Claimed, now: datetime, error: Exception) -> None:
    kind = type(error).__name__
    log.error("follower failed", follower=claimed.follower, entry=claimed.entry, tries=claimed.tries, error=kind)
    mine = Following.objects.filter(pk=claimed.id)
    if claimed.tries < TRIES:
        wait = min(FIRST_WAIT * 3 ** (claimed.tries - 1), LONGEST_WAIT)
        mine.update(due_at=now + wait, claimed_until=None, error=kind)
        return
    with acting_for(claimed.municipality):
        mine.update(gave_up_at=now, error=kind)
        attention.raise_alert(
            kind="follower-gave-up", level=Alert.Level.CRITICAL, about=f"entry:{claimed.entry}",
            slots={"follower": claimed.follower},
        )  # fmt: skip
