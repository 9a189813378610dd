"""Figures, folded from the journal when they are asked for: small, honest, and None where nothing can be said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

import msgspec
from django.db.models import QuerySet

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core import deadlines

COLLECTED = "handover.collected"
"""The addressee took it: of handovers out only."""


class Period(msgspec.Struct, frozen=True):
    """Days, both included."""

    first: date
    last: date

    def days(self) -> int:
        return (self.last - self.first).days + 1

    def entries(self, kind: str) -> QuerySet[Entry]:
        """The journal's entries of a kind that happened in these days."""
        since, until = deadlines.start_of(self.first), deadlines.end_of(self.last)
        found: QuerySet[Entry] = Entry.objects.filter(kind=kind, at__gte=since, at__lte=until).order_by("at", "id")
        return found


class Share(msgspec.Struct, frozen=True):
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Rounded; None of nothing."""
        return None if not self.whole else round(100 * self.part / self.whole)


class Duration(msgspec.Struct, frozen=True):
    """How long something took, over so many times."""

    times: int
    median: timedelta | None


def outside_opening_hours(period: Period) -> Share:
    """Collections while the human counter was closed. Walls whose hours are not set are left out. Holidays count as
    any other day of the week."""
    hours = {kiosk.pk: week_of(kiosk.opening_hours) for kiosk in Kiosk.objects.all()}
    moments = [(hours.get(entry.about.get("kiosk", 0)), entry.at) for entry in period.entries(COLLECTED)]
    told = [(week, at) for week, at in moments if week is not None]
    return Share(sum(not _open(week, at) for week, at in told), len(told))


Week = Mapping[int, tuple[tuple[time, time], ...]]
"""Day of the week (Monday 0) → when the counter is open, local time."""


def week_of(opening_hours: Mapping[str, Any]) -> Week | None:
    """The hours in `opening_hours["week"]`: seven lists of ["09:00", "12:00"]. None where there are none."""
    week = opening_hours.get("week")
    if not week:
        return None
    return {
        day: tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans)
        for day, spans in enumerate(week)
    }


def _open(week: Week, at: datetime) -> bool:
    local = at.astimezone(deadlines.ZONE)
    return any(opens <= local.time() < closes for opens, closes in week.get(local.weekday(), ()))


def ready_to_collected(period: Period, *, product_id: int | None = None) -> Duration:
    """From the notice that went out to the thing taken; of what was collected in the period."""
    ids = {entry.about["handover"]: entry.at for entry in period.entries(COLLECTED)}
    found = Handover.objects.filter(pk__in=ids, ready_at__isnull=False)
    if product_id is not None:
        found = found.filter(product_id=product_id)
    took = [ids[pk] - ready_at for pk, ready_at in found.values_list("pk", "ready_at")]
    return Duration(len(took), median(took) if took else None)


def days_with_a_collection(period: Period) -> Share:
    """Days on which somebody collected something."""
    days = {deadlines.day_of(entry.at) for entry in period.entries(COLLECTED)}
    return Share(len(days), period.days())


def open_loans() -> QuerySet[Handover]:
    """What is out on loan, the one due first on top."""
    return handovers.loans_out()


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the stock count sheet: what must lie behind a door."""

    door: int
    label: str
    tag: str | None
    name: str
    product: Mapping[str, str]
    handover: int
    stage: str
    since: datetime


def stock_count(kiosk_id: int) -> list[Counted]:
    """The sheet to count a wall with: every thing that the ledger says lies in it, by door."""
    return [
        Counted(
            door=stay.compartment.number,
            label=stay.handover.item.label,
            tag=stay.handover.item.tag,
            name=stay.handover.item.name,
            product=catalogue.names(stay.handover.product),
            handover=stay.handover_id,
            stage=stay.handover.stage,
            since=stay.since,
        )
        for stay in handovers.in_the_wall(kiosk_id)
    ]


def journal_of_item(item_id: int) -> list[Entry]:
    """Everything that the journal says of a thing, oldest first: its own entries and those that name it."""
    named: QuerySet[Entry] = Entry.objects.filter(about__contains={"item": item_id})
    return list(named.order_by("at", "id"))


EXPORTED = ("at", "kind", "by", "handover", "kiosk", "compartment", "request", "grade", "stream", "number", "hash")


def exported(entries: Iterable[Entry]) -> Iterator[str]:
    """Entries as CSV, line by line, a heading first. Pseudonyms and numbers only, as in the journal itself."""
    yield _line(EXPORTED)
    for entry in entries:
        said = {
            **entry.about,
            "grade": entry.data.get("grade", ""),
            "at": entry.at.isoformat(),
            "kind": entry.kind,
            "by": entry.by,
            "stream": entry.stream,
            "number": entry.number,
            "hash": bytes(entry.hash).hex(),
        }
        yield _line(said.get(column, "") for column in EXPORTED)


def _line(values: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue()
