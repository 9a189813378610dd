"""The stock count: a sheet to print or to fill in at the wall, and what becomes of a difference."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from onthaal import clock
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.views.walls import wall_or_404
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.places import actions as places
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

COUNTS = ("clerk", "technician", "administrator")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*COUNTS, "auditor")
def sheet(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """What should lie in each compartment. POST: which of them were right; none at all is a slip of the hand."""
    wall = wall_or_404(kiosk_id)
    if request.method == "POST" and not me(request).has_role(*COUNTS):
        raise Refusal(Why.NOT_YOURS)
    ticked = any(request.POST.get(f"right-{cell.number}") == "yes" for cell in wall.cells)
    if ticked:
        wrong = [cell.number for cell in wall.cells if request.POST.get(f"right-{cell.number}") != "yes"]
        places.counted(kiosk_id=kiosk_id, wrong=wrong, by=me(request))
        if wrong:
            messages.warning(request, words("desk.done.counted-wrong", lang_of(request)))
        else:
            messages.success(request, words("desk.done.counted", lang_of(request)))
        return redirect("desk-wall", kiosk_id=kiosk_id)
    stays = {stay.compartment_id: stay for stay in queries.in_the_wall(kiosk_id)}
    rows = [(cell, stays.get(cell.id)) for cell in wall.cells]
    shown = {
        "wall": wall,
        "rows": rows,
        "now": clock.now(),
        "may_count": me(request).has_role(*COUNTS),
        "nothing_ticked": request.method == "POST",
    }
    return render(request, "staff/stock.html", shown, status=422 if request.method == "POST" else 200)
