"""How entries are chained: pure, so that whoever writes many rows at once computes the same hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from onthaal.core import chain


class Head(NamedTuple):
    """The end of a stream: how many entries, and the last one's hash."""

    length: int
    hash: bytes


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be noted. `about` and `data` hold numbers, pseudonyms and plain words: nothing that identifies."""

    stream: str
    kind: str
    at: datetime
    by: str = ""
    about: dict[str, Any] = {}
    data: dict[str, Any] = {}

    def plain(self) -> Note:
        """The same, as it comes back from the database: plain JSON values, UTC."""
        return msgspec.structs.replace(
            self,
            at=self.at.astimezone(UTC),
            about=msgspec.to_builtins(self.about, str_keys=True),
            data=msgspec.to_builtins(self.data, str_keys=True),
        )


class Chained(NamedTuple):
    """A note with its place in its stream."""

    note: Note
    number: int
    hash: bytes


def begin(stream: str) -> Head:
    """The head of a stream that has no entries yet."""
    return Head(0, chain.genesis(stream))


def entry_bytes(note: Note, number: int) -> bytes:
    """The canonical bytes of an entry: what its hash is taken over. `note` must be plain."""
    return chain.canonical(
        {
            "stream": note.stream, "number": number, "at": note.at, "kind": note.kind, "by": note.by,
            "about": note.about, "data": note.data,
        }
    )  # fmt: skip


def chain_rows(heads: Mapping[str, Head], notes: Iterable[Note]) -> tuple[list[Chained], dict[str, Head]]:
    """Each note with its number and hash, and the heads after them. A stream that has no head in `heads` is new."""
    after = dict(heads)
    chained = []
    for note in notes:
        plain = note.plain()
        length, previous = after.get(plain.stream) or begin(plain.stream)
        head = Head(length + 1, chain.link(previous, entry_bytes(plain, length + 1)))
        after[plain.stream] = head
        chained.append(Chained(plain, head.length, head.hash))
    return chained, after
