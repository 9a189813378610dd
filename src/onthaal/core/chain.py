"""Hash chains: each journal stream is one. SHA-256 over the previous hash and the entry's canonical bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

_canonical = msgspec.json.Encoder(order="sorted")


def canonical(entry: object) -> bytes:
    """JSON with sorted keys and no white space: the same bytes for the same content, everywhere."""
    return _canonical.encode(entry)


def genesis(stream: str) -> bytes:
    """The 32 bytes that a stream's first entry builds on: the hash of the stream's name."""
    return hashlib.sha256(stream.encode()).digest()


def link(previous: bytes, entry: bytes) -> bytes:
    """The 32-byte hash of an entry's canonical bytes behind `previous`."""
    return hashlib.sha256(previous + entry).digest()


def breaks(stream: str, entries: Iterable[tuple[bytes, bytes]]) -> int | None:
    """The index of the first (canonical bytes, stored hash) that does not follow, or None when all do."""
    head = genesis(stream)
    for index, (entry, stored) in enumerate(entries):
        head = link(head, entry)
        if head != stored:
            return index
    return None
