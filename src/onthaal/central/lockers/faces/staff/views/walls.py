"""The live walls: what each door shows, opening from afar, blocking, and making a kiosk known."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from onthaal import clock
from onthaal.central.foundation.gates import for_any_staff, for_roles
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.devices import actions as devices
from onthaal.central.lockers.devices import openings, queries
from onthaal.central.lockers.devices.queries import Cell, LiveWall
from onthaal.central.lockers.faces.staff.drawn import age, columns
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.subjects import url_of
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places import queries as known
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.refusals import Refusal
from onthaal.words import words

LOOKS_AFTER = ("technician", "administrator")
SEES_DOCUMENTS = ("clerk", "administrator", "auditor")
ACTS_ON_DOORS = ("clerk", "technician", "administrator")


@require_safe
@for_any_staff
def walls(request: HttpRequest) -> HttpResponse:
    """Every wall of the municipality, with its link."""
    every = [queries.wall(kiosk.pk) for kiosk in known.kiosks()]
    lang = lang_of(request)
    shown = [
        {"wall": wall, "age": age(wall.link_age, lang), "full": sum(bool(cell.handover) for cell in wall.cells)}
        for wall in every
    ]
    return render(request, "staff/walls.html", {"walls": shown})


def wall_or_404(kiosk_id: int) -> LiveWall:
    """The live wall, or 404."""
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
    found = wall_or_404(kiosk_id)
    shown = {
        "wall": found,
        "columns": columns(found.cells),
        "age": age(found.link_age, lang_of(request)),
        "commands": queries.commands(kiosk_id),
        "behind": found.knows_version < found.version,
    }
    if request.headers.get("HX-Request"):
        return render(request, "staff/wall_now.html", shown)
    shown |= {"technical": queries.technical(kiosk_id), "may_look_after": me(request).has_role(*LOOKS_AFTER)}
    shown["may_count_documents"] = me(request).has_role(*SEES_DOCUMENTS)
    return render(request, "staff/wall.html", shown)


@dataclass(frozen=True)
class Said:
    """A refusal in words, with what was typed."""

    words: str = ""
    act: str = ""
    typed: str = ""


@require_safe
@for_any_staff
def door(request: HttpRequest, kiosk_id: int, number: int) -> HttpResponse:
    """One door: what lies behind it and what can be done."""
    return _door_shown(request, wall_or_404(kiosk_id), number, Said())


def _door_shown(request: HttpRequest, wall: LiveWall, number: int, said: Said) -> HttpResponse:
    cell = _cell(wall, number)
    shown = {
        "wall": wall,
        "cell": cell,
        "url": url_of(handovers.get(cell.handover)) if cell.handover else "",
        "opening": _opening(wall, cell),
        "said": said,
        "may_act": me(request).has_role(*ACTS_ON_DOORS),
        "may_see_requests": me(request).has_role("clerk", "administrator", "auditor"),
        "commands": [one for one in queries.commands(wall.kiosk) if one.number == number],
    }
    return render(request, "staff/door.html", shown, status=409 if said.words else 200)


def _opening(wall: LiveWall, cell: Cell) -> str:
    """Which words say what opening this door will do."""
    if wall.silent:
        return "open-silent"
    if cell.personal:
        return "open-personal"
    if cell.handover is None:
        return "open-unknown" if cell.sensed == "holds" else "open-service"
    waits = cell.direction == "out" and cell.stage in ("loaded", "waiting")
    return "open-takes-out" if waits else "open-to-take-out"


def _do(act: str, cell: Cell, kiosk_id: int, by: Account, reason: str) -> str:
    if act == "open" and cell.personal and cell.handover is not None:
        openings.ask_opening(
            kiosk_id=kiosk_id, compartment_id=cell.id, handover_id=cell.handover, by=by, reason=reason
        )  # fmt: skip
        return "opening-asked"
    if act == "open":
        devices.open_now(kiosk_id=kiosk_id, compartment_id=cell.id, by=by, reason=reason, handover_id=cell.handover)
        return "open-asked"
    if act == "block":
        places.block(compartment_id=cell.id, by=by, reason=reason)
        return "blocked"
    places.lift_block(compartment_id=cell.id, by=by)
    return "released"


@require_POST
@for_roles(*ACTS_ON_DOORS)
def door_act(request: HttpRequest, kiosk_id: int, number: int) -> HttpResponse:
    """Open, block or release one door."""
    wall = wall_or_404(kiosk_id)
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "").strip()
    if act not in ("open", "block", "release"):
        raise Http404
    try:
        done = _do(act, _cell(wall, number), kiosk_id, me(request), reason)
    except Refusal as no:
        said = words(f"why.{no.why.value}", lang_of(request), **no.facts)
        return _door_shown(request, wall, number, Said(said, act, reason))
    messages.success(request, words(f"desk.done.{done}", lang_of(request)))
    if done == "opening-asked":
        return redirect("desk-openings")
    return redirect(
        f"{reverse('desk-wall', args=[kiosk_id])}#commands" if act == "open" else request.path[: -len("act/")]
    )


@require_POST
@for_roles(*LOOKS_AFTER)
def enrolment(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """A one-time code for a kiosk, shown this once."""
    wall = wall_or_404(kiosk_id)
    code = devices.enrolment_code(kiosk_id=kiosk_id, by=me(request))
    shown = {"wall": wall, "code": code, "until": clock.now() + devices.CODE_LIVES}
    return render(request, "staff/enrolment.html", shown)


@require_POST
@for_roles(*LOOKS_AFTER)
def release_qr_only(request: HttpRequest, kiosk_id: int) -> HttpResponse:
    """PINs may be tried again at a wall that takes QR only."""
    access.release_qr_only(kiosk_id=wall_or_404(kiosk_id).kiosk, by=me(request))
    messages.success(request, words("desk.done.qr-only-released", lang_of(request)))
    return redirect("desk-wall", kiosk_id=kiosk_id)
