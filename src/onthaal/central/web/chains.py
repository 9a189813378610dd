"""Every chain there is, recomputed: the journal's streams, the kiosks' logs, and the signed digests over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from onthaal.central.foundation.journal import digests, queries
from onthaal.central.foundation.journal.chains import Head
from onthaal.central.foundation.journal.models import Digest, Stream
from onthaal.central.lockers.devices.models import Log
from onthaal.core import chain, facts

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Checked:
    """One chain or digest, and where it breaks (None: nowhere)."""

    name: str
    break_at: str | None


def other_heads() -> dict[str, Head]:
    """The heads of the kiosks' logs in the scope's municipality."""
    return {f"kiosk-log:{log.name}": Head(log.heard_up_to, bytes(log.head)) for log in Log.objects.order_by("name")}


def recomputed() -> Iterator[Checked]:
    """Recompute everything of the scope's municipality."""
    for name in Stream.objects.order_by("name").values_list("name", flat=True):
        number = queries.first_break(name)
        yield Checked(name, None if number is None else f"entry {number}")
    for log in Log.objects.order_by("kiosk_id", "begun_at"):
        number = _log_break(log)
        yield Checked(f"kiosk-log:{log.name}", None if number is None else f"fact {number}")
    for digest in Digest.objects.order_by("day"):
        yield Checked(f"digest of {digest.day}", _digest_break(digest))


def _log_break(log: Log) -> int | None:
    """The number of the first fact that is missing or whose hash does not follow, recomputed from what was told."""
    previous, expected = chain.genesis(facts.stream(log.name)), 1
    for number, text in log.facts.order_by("number").values_list("number", "told").iterator(_ROWS_AT_ONCE):
        if number != expected or (link := _link(previous, text)) is None:
            return expected
        previous, expected = link, number + 1
    return None if previous == bytes(log.head) and expected == log.heard_up_to + 1 else expected


def _link(previous: bytes, text: str) -> bytes | None:
    """The hash that a told fact carries, when it follows; else None."""
    try:
        said = msgspec.json.decode(text)
        told = chain.canonical({part: said[part] for part in ("number", "at", "boot", "body")})
        claimed = bytes.fromhex(said["hash"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
    return claimed if chain.link(previous, told) == claimed else None


def _digest_break(digest: Digest) -> str | None:
    """A signature that does not fit, or a stream that has become shorter or other than it was signed."""
    if not digests.is_genuine(digest):
        return "its signature"
    now = {**queries.heads(), **other_heads()}
    for name, (length, _) in digest.heads.items():
        if name not in now or now[name].length < length:
            return f"{name} is shorter than it was that day"
    return _rewritten(digest)


def _rewritten(digest: Digest) -> str | None:
    for name, (length, signed) in digest.heads.items():
        entry = queries.of_stream(name).filter(number=length).first()
        if entry is not None and bytes(entry.hash).hex() != signed:
            return f"{name} entry {length} is not what was signed"
    return None
