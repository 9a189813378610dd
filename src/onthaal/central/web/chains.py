"""Every chain there is, recomputed: the journal's streams, the kiosks' logs, and the signed digests over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from onthaal.central.foundation.journal import digests, queries
from onthaal.central.foundation.journal.chains import Head
from onthaal.central.foundation.journal.models import Digest, Entry, Stream
from onthaal.central.lockers.devices.models import Log
from onthaal.central.lockers.devices.telling import taken
from onthaal.core import chain, facts

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Checked:
    """One chain or digest, where it breaks (None: nowhere), and what else there is to say of it."""

    name: str
    break_at: str | None
    remarks: tuple[str, ...] = ()


def other_heads() -> dict[str, Head]:
    """The heads of the kiosks' logs in the scope's municipality."""
    return {f"kiosk-log:{log.name}": Head(log.heard_up_to, bytes(log.head)) for log in Log.objects.order_by("name")}


def recomputed() -> Iterator[Checked]:
    """Recompute everything of the scope's municipality."""
    for name in Stream.objects.order_by("name").values_list("name", flat=True):
        number = queries.first_break(name)
        yield Checked(name, None if number is None else f"entry {number}")
    for log in Log.objects.order_by("kiosk_id", "begun_at"):
        yield _log(log)
    for digest in Digest.objects.order_by("day"):
        yield Checked(f"digest of {digest.day}", _digest_break(digest))


def _log(log: Log) -> Checked:
    """Recompute a kiosk's log from what was told, by the rule of hearing.

    A fact that could not be read was kept verbatim, and the journal told so when it came, and where it broke the chain.
    It is no news: it is named, and so is what stands on a hash that only it knew; both must still say what they said
    then. Nor is a gap that the journal told when it came, with the hash that the log went on from. Anything else that
    does not follow is one. Only the journal is believed: it is chained, the columns beside a fact are not.
    """
    name = f"kiosk-log:{log.name}"
    signed, gaps, malformed, broken = _signed(name), _gaps(log), _malformed(log), _broken(log)
    remarks: list[str] = []
    head, expected, unread = chain.genesis(facts.stream(log.name)), 1, False
    rows = log.facts.order_by("number").values_list("number", "told")
    for number, text in rows.iterator(_ROWS_AT_ONCE):
        head, expected, remarks = _over_a_gap(gaps, head, expected, remarks)
        told = taken(number, text.encode())
        if number in malformed:
            remarks.append(f"fact {number} is malformed, kept verbatim")
        follows = told.follows(head) or told.follows_as_told(head)
        was_told = (number in malformed or unread) and broken.get(number) == told.words
        if number != expected or not (follows or was_told):
            return Checked(name, f"fact {expected}", tuple(remarks))
        head, expected, unread = told.head(head), number + 1, number in malformed and not follows
        if signed.get(number, head) != head:
            return Checked(name, f"fact {number}, which is not what was signed", tuple(remarks))
    head, expected, remarks = _over_a_gap(gaps, head, expected, remarks)
    whole = head == bytes(log.head) and expected == log.heard_up_to + 1
    return Checked(name, None if whole else f"fact {expected}", tuple(remarks))


def _signed(name: str) -> dict[int, bytes]:
    """Per number of facts that a digest was signed at: the hash of then."""
    heads = (digest.heads.get(name) for digest in Digest.objects.order_by("day"))
    return {head[0]: bytes.fromhex(head[1]) for head in heads if head is not None}


def _gaps(log: Log) -> dict[int, tuple[int, str]]:
    """Per first number that is missing: the last one, and the hash that the log went on from."""
    noted = _noted(log, "kiosk.log-gap").values_list("data", flat=True)
    return {said["first"]: (said["last"], said["hash"]) for said in noted}


def _malformed(log: Log) -> set[int]:
    """The numbers of the facts that could not be read when they came."""
    return set(_noted(log, "kiosk.fact-malformed").values_list("about__fact__1", flat=True))


def _broken(log: Log) -> dict[int, str | None]:
    """Per number of a fact that did not follow when it came: the SHA-256 of what it said then."""
    return dict(_noted(log, "kiosk.chain-broken").values_list("about__fact__1", "data__words"))


def _noted(log: Log, kind: str) -> QuerySet[Entry]:
    return Entry.objects.filter(stream=f"kiosk:{log.kiosk_id}", kind=kind, about__fact__0=log.name)


def _over_a_gap(
    gaps: dict[int, tuple[int, str]], head: bytes, expected: int, remarks: list[str]
) -> tuple[bytes, int, list[str]]:
    """Where the chain goes on, when nothing was heard from `expected` on and the journal says so."""
    if expected not in gaps:
        return head, expected, remarks
    last, onwards = gaps[expected]
    return bytes.fromhex(onwards), last + 1, [*remarks, f"facts {expected} to {last} were no longer kept anywhere"]


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
