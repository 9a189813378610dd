"""The live walls: what each door shows, opening from afar, blocking, and making a kiosk known."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onthaal.central.foundation.gates import for_any_staff, for_roles
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.devices import actions as devices
from onthaal.central.lockers.devices import queries
from onthaal.central.lockers.devices.queries import Cell, LiveWall
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places import queries as known
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.refusals import Refusal
from onthaal.words import words


@require_safe
@for_any_staff
def walls(request: HttpRequest) -> HttpResponse:
    """Every wall of the municipality, with its link."""
    return render(request, "staff/walls.html", {"walls": [queries.wall(kiosk.pk) for kiosk in known.kiosks()]})


def _wall(kiosk_id: int) -> LiveWall:
    try:
        return queries.wall(kiosk_id)
    except Kiosk.DoesNotExist:
        raise Http404 from None


def _cell(wall: LiveWall, number: int) -> Cell:
    for cell in wall.cells:
        if cell.number == number:
            return cell
    raise Http404


@require_safe
@for_any_staff
def wall(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """One wall, drawn; the drawing comes anew every two seconds."""
    template = "staff/wall_now.html" if request.headers.get("HX-Request") else "staff/wall.html"
    return render(request, template, {"wall": _wall(kiosk_id), "commands": queries.commands(kiosk_id)})


@require_safe
@for_any_staff
def door(request: HttpRequest, kiosk_id: int, number: int) -> HttpResponse:
    """One door: what lies behind it and what can be done."""
    return _door_shown(request, _wall(kiosk_id), number)


def _door_shown(
    request: HttpRequest, wall: LiveWall, number: int, *, said: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    shown = {"wall": wall, "cell": _cell(wall, number), "said": said, "typed": typed}
    shown["may_act"] = request.user.has_role("clerk", "technician", "administrator")
    return render(request, "staff/door.html", shown, status=status)


def _do(act: str, cell: Cell, kiosk_id: int, by: Account, reason: str) -> str:
    if act == "open":
        devices.open_now(
            kiosk_id=kiosk_id, compartment_id=cell.id, by=by, reason=reason, handover_id=cell.handover
        )
        return "open-asked"
    if act == "block":
        places.block(compartment_id=cell.id, by=by, reason=reason)
        return "blocked"
    places.lift_block(compartment_id=cell.id, by=by)
    return "released"


@require_POST
@for_roles("clerk", "technician", "administrator")
def door_act(request: HttpRequest, kiosk_id: int, number: int) -> HttpResponse:
    """Open, block or release one door."""
    wall = _wall(kiosk_id)
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "").strip()
    if act not in ("open", "block", "release"):
        raise Http404
    assert isinstance(request.user, Account)
    try:
        done = _do(act, _cell(wall, number), kiosk_id, request.user, reason)
    except Refusal as no:
        said = words(f"why.{no.why.value}", lang_of(request), **no.facts)
        return _door_shown(request, wall, number, said=said, typed=reason, status=409)
    messages.success(request, words(f"desk.done.{done}", lang_of(request)))
    return redirect("desk-wall", kiosk_id=kiosk_id)


@require_POST
@for_roles("technician", "administrator")
def enrolment(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """A one-time code for a kiosk, shown this once."""
    assert isinstance(request.user, Account)
    wall = _wall(kiosk_id)
    code = devices.enrolment_code(kiosk_id=kiosk_id, by=request.user)
    return render(request, "staff/enrolment.html", {"wall": wall, "code": code})


@require_POST
@for_roles("technician", "administrator")
def release_qr_only(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """PINs may be tried again at a wall that takes QR only."""
    assert isinstance(request.user, Account)
    access.release_qr_only(kiosk_id=_wall(kiosk_id).kiosk, by=request.user)
    messages.success(request, words("desk.done.qr-only-released", lang_of(request)))
    return redirect("desk-wall", kiosk_id=kiosk_id)
