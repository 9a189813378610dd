"""Reading the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from onthaal.central.foundation.journal.chains import Head, Note, begin, entry_bytes
from onthaal.central.foundation.journal.models import Entry, Stream
from onthaal.core import chain

_ROWS_AT_ONCE = 1000


def of_stream(name: str) -> QuerySet[Entry]:
    """The entries of one stream, oldest first."""
    found: QuerySet[Entry] = Entry.objects.filter(stream=name).order_by("number")
    return found


def of_streams(names: Iterable[str]) -> QuerySet[Entry]:
    """The entries of several streams, in the order in which things happened."""
    found: QuerySet[Entry] = Entry.objects.filter(stream__in=list(names)).order_by("at", "id")
    return found


def search(
    *, kind: str = "", stream: str = "", since: datetime | None = None, before: datetime | None = None
) -> QuerySet[Entry]:
    """The entries that fit every condition given, the newest first. `kind`: whole, or its beginning up to the dot."""
    found: QuerySet[Entry] = Entry.objects.order_by("-at", "-id")
    if kind:
        found = found.filter(kind=kind) if "." in kind else found.filter(kind__startswith=f"{kind}.")
    if stream:
        found = found.filter(stream=stream)
    if since is not None:
        found = found.filter(at__gte=since)
    if before is not None:
        found = found.filter(at__lt=before)
    return found


def kinds() -> list[str]:
    """Every kind that was ever noted, in order."""
    return list(Entry.objects.order_by("kind").values_list("kind", flat=True).distinct())


def about(**named: int | str) -> QuerySet[Entry]:
    """The entries that name all of these (`about(handover=12)`), oldest first."""
    # A containment test could use no index under row-level security; a journal is read one subject at a time.
    found: QuerySet[Entry] = Entry.objects.filter(about__contains=named).order_by("at", "id")
    return found


def heads() -> dict[str, Head]:
    """The heads of every stream of this municipality."""
    rows = Stream.objects.order_by("name").values_list("name", "length", "head")
    return {name: Head(length, bytes(head)) for name, length, head in rows}


def first_break(name: str) -> int | None:
    """Recompute one stream. The number of the first entry that does not follow, or None; a head that is not the
    last entry's counts as a break just after the last entry. What is noted meanwhile is none."""
    before, reached = _head(name), begin(name)
    passed = reached == before
    for number, entry, stored in _entries(name):
        expected = Head(reached.length + 1, chain.link(reached.hash, entry))
        if number != expected.length or stored != expected.hash:
            return expected.length
        reached = expected
        passed = passed or reached == before
    after = _head(name)
    whole = passed and (after == reached or after.length > reached.length)
    return None if whole else reached.length + 1


def _head(name: str) -> Head:
    return heads_of([name]).get(name) or begin(name)


def heads_of(names: list[str]) -> dict[str, Head]:
    rows = Stream.objects.filter(name__in=names).values_list("name", "length", "head")
    return {name: Head(length, bytes(head)) for name, length, head in rows}


def _entries(name: str) -> Iterator[tuple[int, bytes, bytes]]:
    for entry in of_stream(name).iterator(_ROWS_AT_ONCE):
        note = Note(stream=entry.stream, kind=entry.kind, at=entry.at, by=entry.by, about=entry.about, data=entry.data)
        yield entry.number, entry_bytes(note, entry.number), bytes(entry.hash)
