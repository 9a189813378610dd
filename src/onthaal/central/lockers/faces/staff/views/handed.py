"""What must be taken out of the walls, and what is out on loan."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onthaal import clock
from onthaal.central.foundation.attention import queries as attention
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.faces.staff.drawn import page_of
from onthaal.central.lockers.faces.staff.subjects import lines, request_of, url_of, with_urls
from onthaal.central.lockers.handovers import queries

SEES_HANDOVERS = ("clerk", "administrator", "auditor")
FOUND = ("found", "unexpected-content")


@require_safe
@for_roles(*SEES_HANDOVERS)
def take_out(request: HttpRequest) -> HttpResponse:
    """The round at the walls: what was recalled or brought back, what is in doubt, what was found."""
    shown = {
        "take_out": with_urls(queries.take_back_list()),
        "disputed": with_urls(queries.disputed()),
        "found": lines(attention.open_tasks().filter(kind__in=FOUND), below="desk.task", lang=lang_of(request)),
    }
    return render(request, "staff/take_out.html", shown)


@require_safe
@for_roles(*SEES_HANDOVERS)
def loans(request: HttpRequest) -> HttpResponse:
    """What is with borrowers, the one due first on top."""
    now, page = clock.now(), page_of(request, queries.loans_out())
    rows = [
        {"back": back, "late": queries.is_overdue(back, now), "url": url_of(back), "request": request_of(back)}
        for back in page.object_list
    ]
    return render(request, "staff/loans.html", {"rows": rows, "page": page})
