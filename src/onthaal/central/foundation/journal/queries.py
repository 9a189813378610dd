"""Reading the journal."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from onthaal.central.foundation.journal.chains import Head, Note, begin, entry_bytes
from onthaal.central.foundation.journal.models import Entry, Stream
from onthaal.core import chain

_ROWS_AT_ONCE = 1000


def of_stream(name: str) -> QuerySet[Entry]:
    """The entries of one stream, oldest first."""
    found: QuerySet[Entry] = Entry.objects.filter(stream=name).order_by("number")
    return found


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
    last entry's counts as a break just after the last entry."""
    reached = begin(name)
    for number, entry, stored in _entries(name):
        expected = Head(reached.length + 1, chain.link(reached.hash, entry))
        if number != expected.length or stored != expected.hash:
            return expected.length
        reached = expected
    head = heads_of([name]).get(name, begin(name))
    return None if head == reached else reached.length + 1


def heads_of(names: list[str]) -> dict[str, Head]:
    rows = Stream.objects.filter(name__in=names).values_list("name", "length", "head")
    return {name: Head(length, bytes(head)) for name, length, head in rows}


def _entries(name: str) -> Iterator[tuple[int, bytes, bytes]]:
    for entry in of_stream(name).iterator(_ROWS_AT_ONCE):
        note = Note(stream=entry.stream, kind=entry.kind, at=entry.at, by=entry.by, about=entry.about, data=entry.data)
        yield entry.number, entry_bytes(note, entry.number), bytes(entry.hash)
