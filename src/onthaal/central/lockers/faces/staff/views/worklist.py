"""The work list: what asks for a person now, and the requests by how far they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onthaal.central.foundation.attention import queries as attention
from onthaal.central.foundation.gates import for_any_staff, for_roles
from onthaal.central.lockers.access import queries as access
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.requests import queries as requests

FIRST = 8
"""So many rows of each list on the first page; the rest behind its link."""


@require_safe
@for_any_staff
def home(request: HttpRequest) -> HttpResponse:
    """What asks for a person now."""
    shown = {
        "counts": requests.counts(),
        "new": list(requests.worklist("new"))[:FIRST],
        "take_out": handovers.take_back_list()[:FIRST],
        "disputed": handovers.disputed()[:FIRST],
        "alerts": attention.open_alerts()[:FIRST],
        "tasks": attention.open_tasks()[:FIRST],
        "badge": access.badge_of(request.user.pk),
        "works_at_wall": request.user.has_role("clerk", "technician"),
    }
    return render(request, "staff/home.html", shown)


@require_safe
@for_roles("clerk", "administrator", "auditor")
def request_list(request: HttpRequest) -> HttpResponse:
    """Requests under one filter, a page at a time."""
    chosen = request.GET.get("filter", "new")
    if chosen not in requests.FILTERS:
        chosen = "new"
    page = requests.worklist(chosen, _page(request))
    shown = {"page": page, "chosen": chosen, "counts": requests.counts()}
    return render(request, "staff/requests.html", shown)


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() else 1
