"""The journal, for who audits: search, export, check a chain, the daily seals."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from onthaal.central.foundation.calendar import shown_zone
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.journal import digests as seals
from onthaal.central.foundation.journal import queries
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.faces.staff.drawn import page_of
from onthaal.central.lockers.faces.staff.told import in_words, what
from onthaal.central.lockers.faces.staff.views.items import as_file, csv_of
from onthaal.words import words

READS = ("auditor", "administrator")
_LONGEST_NAME = 80


def _wanted(request: HttpRequest) -> dict[str, Any]:
    """What is searched for: kind, stream, and the days with both ends included. What is no day counts as none."""
    since, until = _day(request.GET.get("since", "")), _day(request.GET.get("until", ""))
    return {
        "kind": _name(request.GET.get("kind", "")),
        "stream": _name(request.GET.get("stream", "")),
        "since": _start(since),
        "before": _start(until + timedelta(days=1)) if until else None,
    }


def _name(text: str) -> str:
    """As no name of a kind or a chain is longer."""
    return text.strip()[:_LONGEST_NAME]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None  # its first and last moment can be reckoned


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, shown_zone()) if day else None


@require_safe
@for_roles(*READS)
def search(request: HttpRequest) -> HttpResponse:
    """Entries that fit, the newest first, a page at a time."""
    lang = lang_of(request)
    page = page_of(request, queries.search(**_wanted(request)))
    shown = {
        "page": page,
        "history": in_words(page.object_list, lang),
        "kinds": [(kind, what(kind, lang)) for kind in queries.kinds()],
        "wanted": {name: request.GET.get(name, "") for name in ("kind", "stream", "since", "until")},
        "query": request.GET.urlencode(),
    }
    return render(request, "staff/journal.html", shown)


@require_safe
@for_roles(*READS)
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same search, whole."""
    return csv_of(queries.search(**_wanted(request)).iterator(), "onthaal-journal.csv")


@require_POST
@for_roles(*READS)
def check(request: HttpRequest) -> HttpResponse:
    """Recompute one chain now."""
    stream = _name(request.POST.get("stream", ""))
    broken = queries.first_break(stream)
    if broken is None:
        messages.success(request, words("desk.done.checked", lang_of(request), stream=stream))
    else:
        messages.error(request, words("desk.done.checked-wrong", lang_of(request), stream=stream, number=broken))
    return redirect(f"{reverse('desk-journal')}?{urlencode({'stream': stream})}")


@require_safe
@for_roles(*READS)
def digests(request: HttpRequest) -> HttpResponse:
    """The daily seals, the newest first."""
    page = page_of(request, seals.every())
    rows = [(digest, len(digest.heads), seals.is_genuine(digest)) for digest in page.object_list]
    return render(request, "staff/digests.html", {"page": page, "rows": rows})


@require_safe
@for_roles(*READS)
def digests_as_json(request: HttpRequest) -> HttpResponse:
    """Every seal, with the key that checks it: to be kept elsewhere."""
    answer = HttpResponse(json.dumps(list(seals.exported()), indent=1), content_type="application/json")
    return as_file(answer, "onthaal-seals.json")
