"""Counting personal documents by hand, and what becomes of a difference."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from onthaal import clock
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.devices.queries import Cell, LiveWall
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.views.walls import wall_or_404
from onthaal.central.lockers.handovers import counting, queries
from onthaal.central.lockers.handovers.models import Incident
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

COUNTS = ("clerk", "administrator")
SAID = {"there": True, "not-there": False}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*COUNTS, "auditor")
def sheet(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """The worksheet of one wall: to print, and to fill in. POST: what was seen behind each door."""
    wall = wall_or_404(kiosk_id)
    rows = _rows(wall)
    unsaid = False
    if request.method == "POST":
        if not me(request).has_role(*COUNTS):
            raise Refusal(Why.NOT_YOURS)
        seen = {cell.id: SAID.get(request.POST.get(f"door-{cell.number}", "")) for cell, _ in rows}
        unsaid = any(answer is None for answer in seen.values())
        if not unsaid:
            _counted(request, wall, {place: bool(there) for place, there in seen.items()})
            return redirect("desk-documents", kiosk_id=kiosk_id)
    shown = {
        "wall": wall,
        "rows": [(cell, label, request.POST.get(f"door-{cell.number}", "")) for cell, label in rows],
        "counts": counting.counts(kiosk_id),
        "now": clock.now(),
        "may_count": me(request).has_role(*COUNTS),
        "unsaid": unsaid,
    }
    return render(request, "staff/documents.html", shown, status=422 if unsaid else 200)


def _rows(wall: LiveWall) -> Sequence[tuple[Cell, str]]:
    """The doors to look behind (those of other things are left alone), with the label that should be there."""
    stays = {stay.compartment_id: stay.handover for stay in queries.in_the_wall(wall.kiosk)}
    return [
        (cell, stays[cell.id].item.label if cell.id in stays else "")
        for cell in wall.cells
        if cell.personal or cell.handover is None
    ]


def _counted(request: HttpRequest, wall: LiveWall, there: dict[int, bool]) -> None:
    counted = counting.count(kiosk_id=wall.kiosk, there=there, by=me(request))
    strange = any(there[cell.id] for cell in wall.cells if cell.handover is None and cell.id in there)
    if counted.seen == counted.expected and not strange:
        messages.success(request, words("desk.count.right", lang_of(request)))
    else:
        messages.warning(request, words("desk.count.wrong", lang_of(request)))


@require_safe
@for_roles(*COUNTS, "technician", "auditor")
def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents that are open, and those that were closed."""
    shown = {"open": counting.open_incidents(), "closed": counting.closed_incidents(), "now": clock.now()}
    return render(request, "staff/incidents.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*COUNTS, "technician", "auditor")
def incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident. POST: it ends with the words of who found out."""
    lang, said = lang_of(request), ""
    if request.method == "POST":
        if not me(request).has_role(*COUNTS):
            raise Refusal(Why.NOT_YOURS)
        try:
            counting.close_incident(incident_id=incident_id, by=me(request), finding=request.POST.get("finding", ""))
        except Incident.DoesNotExist:
            raise Http404 from None
        except Refusal as no:
            said = words(f"why.{no.why.value}", lang, **no.facts)
        else:
            messages.success(request, words("desk.incident.done", lang))
            return redirect("desk-incidents")
    try:
        found = counting.incident(incident_id)
    except Incident.DoesNotExist:
        raise Http404 from None
    shown = {"incident": found, "said": said, "now": clock.now(), "may_close": me(request).has_role(*COUNTS)}
    return render(request, "staff/incident.html", shown, status=409 if said else 200)
