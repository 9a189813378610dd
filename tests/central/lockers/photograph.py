"""What test after test begins with: made by the real verbs once a process, and then laid out again row by row.

Laid out are the rows as they stood when it had been made, by the application and inside the fence: with the test's own
municipality, and with the numbers they had, which no sequence gives out again. The objects are copies of those made.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model
from psycopg import sql

from onthaal.central.foundation.tenancy import scope

if TYPE_CHECKING:
    from tests.central.lockers.town import turned_clock

T = TypeVar("T")

BEFORE = timedelta(minutes=1)
"""So long before the test begins it is made: what the test does at once comes after it, however slow the making was."""

_TABLES = """
    SELECT relname, EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'municipality_id' AND NOT attisdropped)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_COLUMNS = """
    SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s
    AND is_generated = 'NEVER' AND column_name <> 'municipality_id' ORDER BY ordinal_position
"""
_LAY = (
    "INSERT INTO {table} (municipality_id, {columns})"
    " SELECT current_setting('onthaal.municipality')::bigint, {columns}"
    " FROM jsonb_populate_recordset(NULL::{table}, {rows}::jsonb)"
)


class Rows(NamedTuple):
    """What stands in the database: the municipality's own rows as JSON, by table; how many there are in the others."""

    own: dict[str, str]
    others: dict[str, int]


class Photograph(NamedTuple):
    """What was made, for which municipality, the statement that lays its rows out, and for how many seconds the making
    turned the clock."""

    made: Any
    municipality: int
    given: tuple[object, ...]
    laying: str
    turned: float


_taken: dict[tuple[Callable[..., Any], datetime], Photograph] = {}
_used: list[turned_clock] = []  # the clock of the last test that had one; a second would have the same numbers


def once(make: Callable[..., T], clock: turned_clock, *given: object) -> T:
    """What `make(clock, *given)` makes in the scope's municipality, which has nothing yet.

    It may keep the objects that it is given; it may depend on nothing else but when the clock began.
    """
    if clock in _used or not clock.just_began():
        return make(clock, *given)
    _used[:] = [clock]
    taken = _taken.get((make, clock.start))
    if taken is None:
        return _first(make, clock, *given)
    clock.turn(seconds=taken.turned)
    made: T = _again(taken, (clock, *given))
    return made


def _first(make: Callable[..., T], clock: turned_clock, *given: object) -> T:
    before, began = _rows(), clock.ahead()
    clock.turn(seconds=-BEFORE.total_seconds())
    made = make(clock, *given)
    clock.turn(seconds=BEFORE.total_seconds())
    after = _rows()
    if not before.own and before.others == after.others:  # else it is not the whole of what was made
        kept = (clock, *given)
        copied = copy.deepcopy(made, {id(one): one for one in kept})
        _taken[make, clock.start] = Photograph(copied, scope(), kept, _laying(after.own), clock.ahead() - began)
    return made


def _again(taken: Photograph, given: tuple[object, ...]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(taken.laying)
    copied: dict[int, Any] = {id(then): now for then, now in zip(taken.given, given, strict=True)}
    made = copy.deepcopy(taken.made, copied)
    for one in copied.values():
        if isinstance(one, Model) and getattr(one, "municipality_id", None) == taken.municipality:
            one.municipality_id = scope()  # type: ignore[attr-defined]
    return made


def _rows() -> Rows:
    own = sql.SQL("SELECT {}, 0, jsonb_agg(to_jsonb(one))::text FROM {} one WHERE municipality_id = {}")
    other = sql.SQL("SELECT {}, count(*), NULL FROM {} one")
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        asked = [
            (own if owned else other).format(table, sql.Identifier(table), scope())
            for table, owned in cursor.fetchall()
        ]
        cursor.execute(sql.SQL(" UNION ALL ").join(asked).as_string())
        found = cursor.fetchall()
    return Rows({table: rows for table, _, rows in found if rows}, {table: count for table, count, _ in found})


def _laying(own: dict[str, str]) -> str:
    """All tables in one statement."""
    parts = []
    with connection.cursor() as cursor:
        for table, rows in own.items():
            cursor.execute(_COLUMNS, [table])
            columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
            parts.append(sql.SQL(_LAY).format(table=sql.Identifier(table), columns=columns, rows=rows))
    laid = (sql.SQL("{} AS ({})").format(sql.Identifier(f"laid_{n}"), part) for n, part in enumerate(parts))
    return sql.SQL("WITH {} SELECT").format(sql.SQL(", ").join(laid)).as_string()
