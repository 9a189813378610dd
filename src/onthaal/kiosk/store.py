"""The kiosk's disk: its log of facts, the last snapshot of wishes, what was heard. SQLite, WAL, every commit synced.

Used from one thread, synchronously: a commit is one fsync.
"""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import apsw
import msgspec
import structlog

from onthaal.clock import Clock
from onthaal.core import chain, facts, folding
from onthaal.core.evidence import Evidence
from onthaal.core.facts import Body, EpochAccepted, Fact, LogBegun
from onthaal.core.protocol import Pruned, Wishes
from onthaal.core.refusals import Fault
from onthaal.kiosk import schema

KEPT = timedelta(days=90)
"""How long heard facts stay, so that a restored centre can hear them again."""
MIN_FREE_BYTES = 64 * 1024 * 1024
"""Below this no new session begins: what is opened must be written down."""
BUSY_MS = 2000

log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class StoreFault(Fault):
    """The disk refuses: full (passing) or damaged (lasting). What was asked did not happen, and nothing may open."""

    passing = False
    advice = "fault.store"


class Store:
    """One kiosk's store. Every method raises StoreFault when the disk refuses."""

    _evidence: Evidence

    def __init__(self, connection: apsw.Connection, path: Path, clock: Clock) -> None:
        """Use `Store.open`."""
        self._sql = connection
        self._path = path
        self._clock = clock
        self.boot = secrets.token_hex(8)
        """New at every opening."""
        self.min_free_bytes = MIN_FREE_BYTES
        self.log = str(self._one("SELECT log FROM meta"))
        """The name of this disk's log: a replaced disk has another."""
        self._wishes = self._read_wishes()
        self._reload()

    @classmethod
    def open(cls, path: Path, *, clock: Clock, vfs: str | None = None) -> Store:
        """The store at `path`, made when missing and migrated when old. `vfs`: another SQLite file layer, for tests."""
        with _disk():
            connection = apsw.Connection(str(_made(path)), vfs=vfs)
            try:
                _prepare(connection)
                return cls(connection, path, clock)
            except (ValueError, msgspec.DecodeError) as damage:
                connection.close()
                raise StoreFault(f"{path}: {damage}") from damage
            except BaseException:
                connection.close()
                raise

    def close(self) -> None:
        self._sql.close()

    # facts

    @property
    def last_number(self) -> int:
        return self._number

    @property
    def heard_up_to(self) -> int:
        """What the centre said it heard last."""
        return self._heard

    def append(self, *bodies: Body) -> tuple[Fact, ...]:
        """Write down what happened, all or nothing. On disk when this returns."""
        fresh = self._sealed(bodies)
        self._committing(lambda: self._insert(fresh))
        return fresh

    def facts_after(self, number: int, limit: int = 1_000_000) -> list[Fact]:
        """At most `limit` facts with higher numbers, in order, as far as they are kept."""
        with _disk():
            rows = self._sql.execute(
                "SELECT told FROM fact WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
            ).fetchall()
        return [_fact.decode(cast("bytes", told)) for (told,) in rows]

    def own_facts(self) -> list[Fact]:
        """The facts that the kept snapshot does not know of: all, when it speaks of another log; and of a log that
        this disk ended, also those after the snapshot that were heard of it."""
        wishes = self._wishes
        if wishes is None or wishes.log == self.log:
            return self.facts_after(wishes.heard_up_to if wishes else 0)
        with _disk():
            rows = self._sql.execute(_HEARD_OF_FORMER, (wishes.log, wishes.heard_up_to)).fetchall()
        return [*(_fact.decode(cast("bytes", told)) for (told,) in rows), *self.facts_after(0)]

    def pruned(self) -> Pruned | None:
        """What stands before the first fact that is kept; None while all of this log is."""
        with _disk():
            row = self._sql.execute("SELECT up_to, head FROM checkpoint WHERE up_to > 0").fetchone()
        return Pruned(number=int(row[0]), hash=str(row[1])) if row else None

    def begin_anew(self, same_up_to: int | None) -> None:
        """The disk was put back to an earlier state, and the centre heard other facts under these numbers: go on under
        a new name. `same_up_to`: the last fact that both have; None: the last that this disk knows to be heard.

        The new log tells how it began, and then what the old one held behind that fact, with its own times. The
        evidence goes on, and the old log's facts stay on the disk.
        """
        folded, head, up_to = self._checkpoint()
        known = max(up_to, self._heard if same_up_to is None else same_up_to)
        kept = self.facts_after(up_to)
        for fact in (fact for fact in kept if fact.number <= known):
            folded, head = folding.after(folded, fact), bytes.fromhex(fact.hash)
        name = uuid.uuid4().hex
        genesis = chain.genesis(facts.stream(name))
        begun = _Told(self.boot, self._clock.now(), LogBegun(former=self.log, same_up_to=known))
        unheard = [_Told(fact.boot, fact.at, fact.body) for fact in kept if fact.number > known]
        fresh = _chained([begun, *unheard], after=0, head=genesis)

        def write() -> None:
            self._sql.execute("INSERT INTO former SELECT ?, number, at, told FROM fact", (self.log,))
            self._sql.execute("INSERT INTO ended (log, up_to, head) VALUES (?, ?, ?)", (self.log, known, head.hex()))
            self._sql.execute("DELETE FROM fact")
            self._sql.execute("UPDATE meta SET log = ?, heard_up_to = 0", (name,))
            self._keep_checkpoint(0, genesis, _renumbered(folded))
            self._sql.executemany(_INSERT_FACT, _rows(fresh))

        self._committing(write)
        self.log = name
        self._reload()

    def heard(self, up_to: int) -> None:
        """The centre heard so far. Less than before, when it was restored: it is told again from there."""
        if not 0 <= up_to <= self._number:
            raise ValueError(f"heard up to {up_to} of {self._number}")
        if up_to != self._heard:
            self._committing(lambda: self._set_heard(up_to))

    def prune(self, now: datetime) -> int:
        """Drop heard facts older than 90 days, the evidence of everything kept in a checkpoint. Returns how many.

        None by a time before the newest fact: then nobody knows how old the others are.
        """
        newest = self._one("SELECT max(at) FROM fact")
        if newest is not None and now.timestamp() < float(newest):
            log.warning("store.clock-implausible")
            return 0
        before = (now - KEPT).timestamp()
        oldest = self._one("SELECT min(number) FROM fact WHERE at >= ? OR number > ?", before, self._heard)
        last = self._number if oldest is None else int(oldest) - 1
        if not self._one("SELECT count(*) FROM fact WHERE number <= ?", last):
            return 0
        return self._committing(lambda: self._drop(last))

    def evidence(self) -> Evidence:
        """What the whole log of this disk shows."""
        return self._evidence

    # wishes

    def wishes(self) -> Wishes | None:
        return self._wishes

    def keep_wishes(self, wishes: Wishes) -> bool:
        """Keep a newer snapshot. False, and nothing changes, for an older one; a newer epoch is accepted once, with a
        fact that says so, and the centre is told again from what it says it heard."""
        held = self._wishes
        if held is not None and not _newer(wishes, held):
            return False
        restored = held is not None and wishes.epoch > held.epoch
        fresh = self._sealed((EpochAccepted(epoch=wishes.epoch, was=held.epoch),)) if held and restored else ()

        def write() -> None:
            self._insert(fresh)
            snapshot = chain.canonical(wishes)
            self._sql.execute("INSERT OR REPLACE INTO wishes (one, snapshot) VALUES (1, ?)", (snapshot,))
            if restored:
                self._set_heard(min(wishes.heard_up_to, self._heard) if wishes.log == self.log else 0)

        self._committing(write)
        self._wishes = wishes
        return True

    # room

    def free_bytes(self) -> int:
        """Bytes left for this program on the store's disk."""
        room = os.statvfs(self._path.parent)
        return room.f_bavail * room.f_frsize

    def has_room(self) -> bool:
        """Whether a new session may begin."""
        return self.free_bytes() >= self.min_free_bytes

    # inside

    def _sealed(self, bodies: tuple[Body, ...]) -> tuple[Fact, ...]:
        now = self._clock.now()
        return _chained([_Told(self.boot, now, body) for body in bodies], after=self._number, head=self._head)

    def _insert(self, fresh: tuple[Fact, ...]) -> None:
        self._sql.executemany(_INSERT_FACT, _rows(fresh))
        for fact in fresh:
            self._take_in(fact)

    def _take_in(self, fact: Fact) -> None:
        self._number, self._head = fact.number, bytes.fromhex(fact.hash)
        self._evidence = folding.after(self._evidence, fact)

    def _set_heard(self, up_to: int) -> None:
        self._sql.execute("UPDATE meta SET heard_up_to = ?", (up_to,))
        self._heard = up_to

    def _drop(self, last: int) -> int:
        folded, head, _ = self._checkpoint()
        for fact in self._rows_up_to(last):
            folded, head = folding.after(folded, fact), bytes.fromhex(fact.hash)
        self._keep_checkpoint(last, head, folded)
        self._sql.execute("DELETE FROM fact WHERE number <= ?", (last,))
        return self._sql.changes()

    def _keep_checkpoint(self, up_to: int, head: bytes, evidence: Evidence) -> None:
        self._sql.execute(
            "INSERT OR REPLACE INTO checkpoint (one, up_to, head, evidence) VALUES (1, ?, ?, ?)",
            (up_to, head.hex(), msgspec.json.encode(evidence)),
        )

    def _rows_up_to(self, last: int) -> Iterator[Fact]:
        for (told,) in self._sql.execute("SELECT told FROM fact WHERE number <= ? ORDER BY number", (last,)):
            yield _fact.decode(told)

    def _committing(self, write: Callable[[], _T]) -> _T:
        """Run `write` in one transaction. When the disk refuses, what is known is read from it anew."""
        try:
            with _disk():
                with self._sql:
                    done = write()
                return done  # noqa: RET504 (mypy: the connection might swallow what `write` raises)
        except StoreFault:
            self._reload_if_it_can()
            raise

    def _reload_if_it_can(self) -> None:
        try:
            self._reload()
        except StoreFault as second:
            log.warning("store.unreadable", detail=str(second))

    def _reload(self) -> None:
        """Number, head and evidence from the disk; StoreFault when the chain does not hold."""
        self._heard = int(self._one("SELECT heard_up_to FROM meta"))
        self._evidence, self._head, self._number = self._checkpoint()
        for fact in self.facts_after(self._number):
            if fact.number != self._number + 1 or not facts.follows(fact, self._head):
                raise StoreFault(f"the chain breaks at fact {fact.number}")
            self._take_in(fact)

    def _checkpoint(self) -> tuple[Evidence, bytes, int]:
        with _disk():
            row = self._sql.execute("SELECT evidence, head, up_to FROM checkpoint").fetchone()
        if row is None:
            return Evidence.empty(), chain.genesis(facts.stream(self.log)), 0
        return _evidence.decode(row[0]), bytes.fromhex(row[1]), int(row[2])

    def _read_wishes(self) -> Wishes | None:
        held = self._one("SELECT snapshot FROM wishes")
        return _wishes.decode(held) if held is not None else None

    def _one(self, sql: str, *values: float) -> Any:
        with _disk():
            return self._sql.execute(sql, values).get


_INSERT_FACT = "INSERT INTO fact (number, at, told) VALUES (?, ?, ?)"
_HEARD_OF_FORMER = """SELECT told FROM former JOIN ended USING (log)
    WHERE log = ? AND number > ? AND number <= up_to ORDER BY number"""


class _Told(NamedTuple):
    """A fact before it has its number."""

    boot: str
    at: datetime
    body: Body


def _chained(told: Iterable[_Told], *, after: int, head: bytes) -> tuple[Fact, ...]:
    """The facts that follow number `after`, whose hash is `head`."""
    fresh: list[Fact] = []
    for number, one in enumerate(told, start=after + 1):
        fresh.append(facts.sealed(number=number, at=one.at, boot=one.boot, body=one.body, previous=head))
        head = bytes.fromhex(fresh[-1].hash)
    return tuple(fresh)


def _renumbered(evidence: Evidence) -> Evidence:
    """The same before the first fact of another log."""
    intents = {name: msgspec.structs.replace(one, empty_at=None) for name, one in evidence.intents.items()}
    return msgspec.structs.replace(evidence, number=0, intents=intents)


def _rows(fresh: Iterable[Fact]) -> list[tuple[int, float, bytes]]:
    return [(fact.number, fact.at.timestamp(), chain.canonical(fact)) for fact in fresh]


_fact = msgspec.json.Decoder(Fact)
_wishes = msgspec.json.Decoder(Wishes)
_evidence = msgspec.json.Decoder(Evidence)


@contextmanager
def _disk() -> Iterator[None]:
    """SQLite's and the system's complaints, as one fault of ours."""
    try:
        yield
    except (apsw.FullError, apsw.BusyError) as passing:
        raise StoreFault(str(passing), passing=True, advice="fault.store-full") from passing
    except (apsw.Error, OSError) as lasting:
        raise StoreFault(f"{type(lasting).__name__}: {lasting}") from lasting


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return path


def _prepare(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(BUSY_MS)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    if connection.pragma("quick_check") != "ok":
        raise ValueError("the file is damaged")
    schema.bring_up(connection)
    connection.execute("INSERT OR IGNORE INTO meta (one, log) VALUES (1, ?)", (uuid.uuid4().hex,))


def _newer(wishes: Wishes, held: Wishes) -> bool:
    if wishes.epoch != held.epoch:
        return wishes.epoch > held.epoch
    if wishes.log != held.log:
        return wishes.version >= held.version
    return (wishes.version, wishes.heard_up_to) > (held.version, held.heard_up_to)
