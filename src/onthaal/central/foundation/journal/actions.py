"""Noting what happened: in the transaction of the verb that made it happen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from onthaal import clock
from onthaal.central.foundation.journal import followers
from onthaal.central.foundation.journal.chains import Head, Note, begin, chain_rows
from onthaal.central.foundation.journal.models import Entry, Following
from onthaal.central.foundation.tenancy import scope

_LOCKED_HEAD = """
    INSERT INTO foundation_stream (municipality_id, name, length, head) VALUES (%s, %s, 0, %s)
    ON CONFLICT (municipality_id, name) DO UPDATE SET length = foundation_stream.length
    RETURNING length, head
"""
_HELD = "SELECT id FROM foundation_stream WHERE municipality_id = %s AND name = %s FOR NO KEY UPDATE"
_GROWN = "UPDATE foundation_stream SET length = %s, head = %s WHERE municipality_id = %s AND name = %s"


def note(  # noqa: PLR0913 (an entry has six parts)
    *,
    stream: str,
    kind: str,
    at: datetime | None = None,
    by: str = "",
    about: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> Entry:
    """Append one entry to the chain of `stream`, and one row of work for each follower of `kind`.

    The stream's head stays locked until the transaction ends: take locks on rows before. Behind it come tasks, alerts
    and notices alone, then wish versions.
    """
    now = clock.now()
    told = Note(stream=stream, kind=kind, at=at or now, by=by, about=about or {}, data=data or {})
    (chained,), heads = chain_rows({stream: locked_head(stream)}, [told])
    entry = Entry(
        stream=stream, number=chained.number, at=chained.note.at, noted_at=now, kind=kind, by=by,
        about=chained.note.about, data=chained.note.data, hash=chained.hash,
    )  # fmt: skip
    entry.save(force_insert=True)
    _grow(stream, heads[stream])
    following = followers.of_kind(kind)
    if following:
        Following.objects.bulk_create(
            Following(municipality_id=entry.municipality_id, entry=entry.pk, follower=name, due_at=now)
            for name in following
        )
    return entry


def locked_head(stream: str) -> Head:
    """The head of a stream, locked; begun when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED_HEAD, [scope(), stream, begin(stream).hash])
        length, head = cursor.fetchone()
    return Head(length, bytes(head))


def hold(stream: str) -> None:
    """Lock the head of a stream before what is locked behind heads: whoever changes a task, an alert or a notice may
    have noted something about the same subject before, or notes it after."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [scope(), stream])
        if cursor.fetchone() is None:
            locked_head(stream)


def _grow(stream: str, head: Head) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GROWN, [head.length, head.hash, scope(), stream])
