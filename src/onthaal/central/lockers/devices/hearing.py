"""Hearing: facts come in once, in order, and the ledger follows. It never refuses a fact, only a body that is none.

Three statements a POST: lock, read, write. What was decided in between is pure (`decide`). What follows from a fact
(mail, task, alert) hangs on the journal entries it left; nothing of it happens here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from django.db import DatabaseError, connection
from psycopg import errors

from onthaal import clock
from onthaal.central.foundation.journal import followers
from onthaal.central.foundation.journal.chains import Head, Note, chain_rows
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.devices import ledger as rows
from onthaal.central.lockers.devices import statements, telling
from onthaal.central.lockers.devices.decide import Outcome, decide
from onthaal.central.lockers.devices.models import Device, HeardFact
from onthaal.central.lockers.devices.naming import Named, named_in
from onthaal.central.lockers.devices.telling import Post, Told
from onthaal.central.lockers.places import actions as places
from onthaal.core import chain, facts
from onthaal.core.protocol import Heard, Pruned

TRIES = 8
"""Of the whole transaction, when another one crossed it."""

log = structlog.get_logger(__name__)
_CROSSED = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation)


class Crossed(Exception):
    """Another transaction was quicker; beginning again settles it."""


class _Log(msgspec.Struct, frozen=True):
    id: int
    heard_up_to: int
    head: bytes
    handovers: list[int]
    version: int
    """Of the kiosk's wishes."""


class _Read(msgspec.Struct, frozen=True):
    """The one JSON value that the reading statement answers."""

    heads: list[tuple[str, int, str]] | None = None
    compartments: list[tuple[int, int]] | None = None
    handovers: tuple[rows.HandoverNow, ...] | None = None
    stays: tuple[rows.StayNow, ...] | None = None
    custodies: tuple[rows.CustodyNow, ...] | None = None
    grants: tuple[rows.GrantNow, ...] | None = None
    items: tuple[rows.ItemNow, ...] | None = None
    commands: tuple[str, ...] | None = None
    approvals: tuple[rows.Approval, ...] | None = None
    spare_ids: tuple[int, ...] | None = None
    behind: float | None = None


_read = msgspec.json.Decoder(_Read)


def hear(device: Device, body: bytes) -> Heard:
    """Take in one POST of a kiosk. The answer says up to where this log was heard: facts behind a gap come again.

    Refuses (MALFORMED) a body that is not facts at all. Telling twice, and two POSTs at once, are harmless.
    """
    post = telling.read(body)
    try:
        return _tried(device, post)
    except DatabaseError as error:
        rule = _broken_by(error)
        log.error("hearing: no row may say that", device=device.pk, rule=rule)  # noqa: TRY400 (it would quote the row)
    for each in post.told:
        _alone(device, msgspec.structs.replace(post, told=(each,)))
    return _tried(device, post)


def _alone(device: Device, post: Post) -> None:
    """Hear one fact. What breaks a rule of the database is a mistake of ours, and no reason to be deaf to that wall for
    ever: it is kept as it came, and moves nothing."""
    try:
        _tried(device, post)
    except DatabaseError as error:
        (told,) = post.told
        unfit = msgspec.structs.replace(told, breaks=_broken_by(error))
        _tried(device, msgspec.structs.replace(post, told=(unfit,)))


def _broken_by(error: DatabaseError) -> str:
    """The name of the rule that a fact's rows broke; raises any other error again."""
    cause = error.__cause__
    if not isinstance(cause, errors.IntegrityError | errors.DataError):
        raise error
    return cause.diag.constraint_name or type(cause).__name__


def _tried(device: Device, post: Post) -> Heard:
    for attempt in range(TRIES):
        try:
            with acting_for(device.municipality_id):
                return _hear(device, post)
        except Crossed:
            if attempt == TRIES - 1:
                raise
        except DatabaseError as error:
            if not isinstance(error.__cause__, _CROSSED) or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _hear(device: Device, post: Post) -> Heard:
    name, named = post.log, named_in(post.told)
    log, begun = _locked(device, name, named)
    again = [each for each in post.told if each.number <= log.heard_up_to]
    same_up_to = _same_up_to(log.id, again) if again else None
    log, gap = _bridged(log, post.pruned)
    put_back = same_up_to is not None and same_up_to < again[-1].number
    fresh = () if put_back else tuple(_fresh(post.told, log.heard_up_to))
    if not fresh and not begun and gap is None:
        return Heard(log=name, heard_up_to=log.heard_up_to, version=log.version, same_up_to=same_up_to)
    for each in reversed(fresh):
        if each.fact is not None and isinstance(each.fact.body, facts.Configured):
            places.fit(kiosk_id=device.kiosk, configured=each.fact.body)
            break
    now = clock.now()
    read = _context(device, named, log.handovers)
    outcome = decide(_before(device, read), fresh, log=name, head=log.head, now=now)
    if begun == "replaced":
        outcome.ledger.noting(0, now, "")
        outcome.ledger.note_kiosk("kiosk.log-replaced")
    if gap is not None:
        outcome.ledger.noting(gap.first, now, "")
        outcome.ledger.note_kiosk("kiosk.log-gap", first=gap.first, last=gap.last, hash=gap.hash)
    heard_up_to = log.heard_up_to + len(fresh)
    raised = _write(_Writing(device, log.id, heard_up_to, now), read, outcome)
    return Heard(log=name, heard_up_to=heard_up_to, version=raised or log.version, same_up_to=same_up_to)


def _same_up_to(log: int, again: Sequence[Told]) -> int:
    """Up to where what is told again is what was heard: another hash under a number is another history. An element
    without a hash, which was kept as it came or is now, says nothing of that."""
    kept = HeardFact.objects.filter(log_id=log, number__in=[each.number for each in again])
    heard = {number: telling.claimed(text.encode()) for number, text in kept.values_list("number", "told")}
    for each in again:
        before = heard.get(each.number)
        if before is not None and each.claims is not None and before != each.claims:
            return each.number - 1
    return again[-1].number


class _Gap(msgspec.Struct, frozen=True):
    """Facts that were never heard, and that nobody keeps any more."""

    first: int
    last: int
    hash: str
    """What the next fact stands on, as the kiosk says."""


def _bridged(log: _Log, pruned: Pruned | None) -> tuple[_Log, _Gap | None]:
    """The log as it goes on when the kiosk does not keep what comes next here: this centre was restored from a backup
    older than that, or is new to an old kiosk. What is missing stays missing, and people must look."""
    if pruned is None or pruned.number <= log.heard_up_to:
        return log, None
    gap = _Gap(log.heard_up_to + 1, pruned.number, pruned.hash)
    return msgspec.structs.replace(log, heard_up_to=pruned.number, head=bytes.fromhex(pruned.hash)), gap


def _fresh(told: Iterable[Told], heard_up_to: int) -> Iterator[Told]:
    """Those that follow what was heard, up to the first gap."""
    for each in told:
        if each.number > heard_up_to + 1:
            return
        if each.number == heard_up_to + 1:
            heard_up_to += 1
            yield each


# the statements


def _locked(device: Device, name: str, named: Named) -> tuple[_Log, str]:
    """The log, locked with everything the facts speak of; and whether it is a `first` or a `replaced` one."""
    more = (statements.LOCK_ITEMS if named.unplanned else "") + (statements.LOCK_GRANTS if named.grants else "")
    query = statements.LOCK.format(more=more)
    values = {"kiosk": device.kiosk, **msgspec.structs.asdict(named)}
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        logs = cursor.fetchall()
        mine = next((log for log in logs if log[3] == name), None)
        if mine is not None:
            return _Log(mine[0], mine[1], bytes(mine[2]), mine[4], mine[5]), ""
        begin_log(device, name)
        cursor.execute(query, values)
        mine = next(log for log in cursor.fetchall() if log[3] == name)
    told_before = any(heard for _, heard, *_ in logs)
    return _Log(mine[0], mine[1], bytes(mine[2]), mine[4], mine[5]), "replaced" if told_before else "first"


def begin_log(device: Device, name: str) -> None:
    """A log that nobody heard of: the kiosk is new, or its disk is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lockers_log (municipality_id, kiosk_id, name, heard_up_to, head, begun_at)"
            " VALUES (%s, %s, %s, 0, %s, %s) ON CONFLICT DO NOTHING",
            [device.municipality_id, device.kiosk, name, chain.genesis(facts.stream(name)), clock.now()],
        )


def _context(device: Device, named: Named, handovers: list[int]) -> _Read:
    """Everything the facts speak of, read in one snapshot after the locks were had."""
    by_item = bool(named.items or named.tags)
    query = statements.READ.format(
        tags="OR tag = ANY (%(tags)s::text[])" if named.tags else "",
        grants="OR id = ANY (%(grants)s::bigint[])" if named.grants else "",
        more=(statements.READ_COMMANDS if named.nonces else "")
        + (statements.READ_APPROVALS if named.identifications else "")
        + (statements.READ_SPARE if named.unplanned else ""),
    )
    values: dict[str, Any] = {
        "municipality": device.municipality_id,
        "kiosk": device.kiosk,
        "handovers": handovers,
        "streams": [f"kiosk:{device.kiosk}", *(f"handover:{number}" for number in handovers)],
        "doors": list(named.doors),
        "items": list(named.items) if by_item else [],
        "tags": list(named.tags),
        "grants": list(named.grants),
        "nonces": list(named.nonces),
        "identifications": list(named.identifications),
        "spare": named.unplanned,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        (answer,) = cursor.fetchone()
    return _read.decode(answer)


def _before(device: Device, read: _Read) -> rows.Before:
    return rows.Before(
        kiosk=device.kiosk,
        compartments=dict(read.compartments or ()),
        handovers=read.handovers or (),
        stays=read.stays or (),
        custodies=read.custodies or (),
        grants=read.grants or (),
        items=read.items or (),
        commands=read.commands or (),
        approvals=read.approvals or (),
        spare_ids=read.spare_ids or (),
        behind=max(0.0, read.behind or 0.0),
    )


class _Writing(msgspec.Struct, frozen=True):
    device: Device
    log: int
    heard_up_to: int
    now: datetime


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _write(writing: _Writing, read: _Read, outcome: Outcome) -> int:
    """One writable statement of the parts that are not empty. The wish version it raised the kiosk to, or 0."""
    ledger = outcome.ledger
    parts, values = [statements.FACTS], _fact_values(writing, outcome)
    for name, (part, table) in _tables(ledger).items():
        if table:
            parts.append(part)
            values[name] = _json(table)
    streams = _entry_values(values, read, ledger)
    if streams:
        parts.append(statements.ENTRIES)
    if ledger.changed or ledger.changed_grants or ledger.loans_changed:
        parts.append(statements.WISHES.format(after=statements.AFTER_HEADS if streams else ""))
        values["all"] = ledger.loans_changed
    version = "(SELECT wish_version FROM wishes WHERE id = %(kiosk)s)" if "all" in values else "NULL"
    count = "(SELECT count(*) FROM head)" if streams else "0"
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {','.join(parts)} SELECT {version}::bigint, {count}", values)
        raised, written = cursor.fetchone()
    if written != streams:
        raise Crossed
    return int(raised or 0)


def _fact_values(writing: _Writing, outcome: Outcome) -> dict[str, Any]:
    return {
        "municipality": writing.device.municipality_id,
        "kiosk": writing.device.kiosk,
        "now": writing.now,
        "log": writing.log,
        "heard_up_to": writing.heard_up_to,
        "head": outcome.head,
        "broken_at": outcome.broken_at,
        "facts": _json([
            {
                "number": verdict.told.number,
                "at": verdict.told.fact.at if verdict.told.fact else None,
                "kind": verdict.kind,
                "told": verdict.told.text,
                "verdict": verdict.verdict,
                "remark": verdict.remark[:200],
            }
            for verdict in outcome.verdicts
        ]),
    }  # fmt: skip


def _tables(ledger: rows.Ledger) -> dict[str, tuple[str, list[Any]]]:
    """Per table: its part of the statement, and its rows."""
    changed = [ledger.handovers[number] for number in sorted(ledger.changed)]
    stays_ended = [stay for stay in ledger.stays if stay.id and stay.until]
    custodies_ended = [held for held in ledger.custodies if held.id and held.until]
    stays = statements.STAYS + (statements.AFTER_STAYS if stays_ended else "")
    custodies = statements.CUSTODIES + (statements.AFTER_CUSTODIES if custodies_ended else "")
    answers = [{"nonce": nonce, "outcome": outcome, "at": at} for nonce, (outcome, at) in ledger.answers.items()]
    return {
        "planned": (statements.PLANNED, [each for each in changed if each.id in ledger.planned]),
        "handovers": (statements.HANDOVERS, [each for each in changed if each.id not in ledger.planned]),
        "stays_ended": (statements.STAYS_ENDED, stays_ended),
        "stays": (stays + ")", [stay for stay in ledger.stays if stay.id is None]),
        "custodies_ended": (statements.CUSTODIES_ENDED, custodies_ended),
        "custodies": (custodies + ")", [held for held in ledger.custodies if held.id is None]),
        "grants": (statements.GRANTS, [ledger.grants[number] for number in sorted(ledger.changed_grants)]),
        "commands": (statements.COMMANDS, answers),
    }


def _entry_values(values: dict[str, Any], read: _Read, ledger: rows.Ledger) -> int:
    """Chain the notes behind the heads that are locked. How many streams they stand in."""
    if not ledger.notes:
        return 0
    heads = {name: Head(length, bytes.fromhex(head)) for name, length, head in read.heads or ()}
    chained, after = chain_rows(heads, ledger.notes)
    touched = {entry.note.stream for entry in chained}
    values["entries"] = _json([
        {**_plain(entry.note), "number": entry.number, "hash": entry.hash.hex()} for entry in chained
    ])  # fmt: skip
    values["heads"] = _json([
        {
            "name": stream,
            "length": after[stream].length,
            "head": after[stream].hash.hex(),
            "was": heads[stream].length if stream in heads else 0,
        }
        for stream in sorted(touched)
    ])  # fmt: skip
    kinds = {entry.note.kind for entry in chained}
    values["followers"] = _json([
        {"kind": kind, "follower": name} for kind in sorted(kinds) for name in followers.of_kind(kind)
    ])  # fmt: skip
    return len(touched)


def _plain(note: Note) -> dict[str, Any]:
    return msgspec.structs.asdict(note)
