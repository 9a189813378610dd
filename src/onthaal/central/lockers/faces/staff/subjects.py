"""What an alert, a task or a journal entry speaks of, as a person says it, with the page where it is looked after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.urls import reverse

from onthaal.central.foundation.attention.queries import parted
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.devices import openings
from onthaal.central.lockers.handovers import counting, findings
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places import queries as places
from onthaal.core.lifecycles import Stage
from onthaal.words import Lang, words
from onthaal.words import catalogue as said


class Subject(msgspec.Struct, frozen=True):
    """A text and where it leads to (empty: nowhere)."""

    text: str
    url: str = ""


class Line(msgspec.Struct, frozen=True):
    """One alert or task with its subject and what is known beside it."""

    row: Any
    title: str
    subject: Subject
    detail: str = ""


def request_of(handover: Handover) -> int | None:
    """The request behind a handover out or back; None for one that nobody asked for."""
    out = handover if handover.out is None else handover.out
    found = getattr(out, "request", None)
    return int(found.pk) if found is not None else None


def url_of(handover: Handover) -> str:
    """Where a handover is looked after: in doubt on its own page, else with its request, else with its thing."""
    if handover.stage == Stage.DISPUTED:
        return reverse("desk-dispute", args=[handover.pk])
    request_id = request_of(handover)
    if request_id is None:
        return reverse("desk-item", args=[handover.item_id])
    return reverse("desk-request", args=[request_id])


def with_urls(found: Iterable[Handover]) -> list[tuple[Handover, str]]:
    """Each handover with the page where it is looked after."""
    return [(handover, url_of(handover)) for handover in found]


def lines(rows: Iterable[Any], *, below: str, lang: Lang) -> list[Line]:
    """Alerts (`below` desk.alert) or tasks (desk.task) in words, with their subjects."""
    rows = list(rows)
    known = _known({row.about for row in rows}, lang)
    return [
        Line(row, _title(below, row.kind, lang), _subject(row, known, lang), _detail(row.slots, lang)) for row in rows
    ]


def _title(below: str, kind: str, lang: Lang) -> str:
    key = f"{below}.{kind}"
    return words(key, lang) if key in said() else kind


def _detail(slots: Mapping[str, Any], lang: Lang) -> str:
    key = f"desk.doubt.{slots.get('why', '')}"
    return words(key, lang) if key in said() else ""


def _subject(row: Any, known: Mapping[str, Subject], lang: Lang) -> Subject:
    stream, door = parted(row.about)
    subject = known.get(stream, Subject(row.about))
    room, _, number = stream.partition(":")
    door = row.slots.get("compartment") if door is None else door
    if room == "kiosk" and isinstance(door, int) and door > 0 and number.isdecimal():  # a wall may tell any number
        place = words("desk.at-place", lang, wall=subject.text, number=door)
        return Subject(place, reverse("desk-door", args=[int(number), door]))
    return subject


def _known(abouts: Iterable[str], lang: Lang) -> dict[str, Subject]:
    ids: dict[str, set[int]] = {}
    for about in abouts:
        room, _, number = parted(about)[0].partition(":")
        if number.isdecimal():
            ids.setdefault(room, set()).add(int(number))
    found: dict[str, Subject] = {}
    for handover in handovers.several(ids.get("handover", ())).values():
        name = catalogue.names(handover.product)[lang]
        found[f"handover:{handover.pk}"] = Subject(_numbered(name, request_of(handover), lang), url_of(handover))
    for request_id in ids.get("request", ()):
        url = reverse("desk-request", args=[request_id])
        found[f"request:{request_id}"] = Subject(words("desk.request.number", lang, number=request_id), url)
    for kiosk in places.kiosks().filter(pk__in=ids.get("kiosk", ())):
        found[f"kiosk:{kiosk.pk}"] = Subject(kiosk.name, reverse("desk-wall", args=[kiosk.pk]))
    found |= _personal(ids, lang)
    for item in catalogue.items().filter(pk__in=ids.get("item", ())):
        found[f"item:{item.pk}"] = Subject(str(item), reverse("desk-item", args=[item.pk]))
    return found


def _personal(ids: Mapping[str, set[int]], lang: Lang) -> dict[str, Subject]:
    """Of personal documents: incidents, doors that somebody asked to open, and what somebody said became of one."""
    found: dict[str, Subject] = {}
    for incident in counting.incidents_by_id(ids.get("incident", ())):
        place = _place(incident, lang)
        found[f"incident:{incident.pk}"] = Subject(place, reverse("desk-incident", args=[incident.pk]))
    for opening in openings.by_id(ids.get("opening", ())):
        found[f"opening:{opening.pk}"] = Subject(_place(opening, lang), reverse("desk-openings"))
    for one in findings.findings_by_id(ids.get("finding", ())):
        named = _numbered(catalogue.names(one.handover.product)[lang], request_of(one.handover), lang)
        found[f"finding:{one.pk}"] = Subject(named, reverse("desk-openings"))
    return found


def _place(row: Any, lang: Lang) -> str:
    if row.compartment is None:
        return str(row.kiosk.name)
    return words("desk.at-place", lang, wall=row.kiosk.name, number=row.compartment.number)


def _numbered(name: str, request_id: int | None, lang: Lang) -> str:
    return name if request_id is None else f"{name}, {words('desk.request.number', lang, number=request_id)}"
