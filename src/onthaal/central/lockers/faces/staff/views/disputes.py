"""A handover in doubt: what is known, and what staff says is true."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.subjects import url_of
from onthaal.central.lockers.faces.staff.told import told
from onthaal.central.lockers.handovers import actions, ending, findings, queries
from onthaal.central.lockers.handovers.models import Handover
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Refusal
from onthaal.words import words

SHOWN_IN_ORDER = (Stage.LOADED, Stage.RECALLED, Stage.COLLECTED, Stage.PLANNED, Stage.TAKEN_BACK)
LOST = "lost"
"""Beside the stages: it is nowhere."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles("clerk", "administrator")
def resolve(request: HttpRequest, handover_id: int) -> HttpResponse:
    """What is known of it; POST keeps what staff found out."""
    try:
        handover = queries.get(handover_id)
    except Handover.DoesNotExist:
        raise Http404 from None
    if request.method != "POST":
        return redirect(url_of(handover)) if handover.stage != Stage.DISPUTED else _shown(request, handover)
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "").strip()
    if to != LOST and to not in _choices(handover):
        return _shown(request, handover, said=words("desk.dispute.choose", lang_of(request)))
    try:
        if _needs_two(handover, to):
            findings.find(handover_id=handover_id, to=to, by=me(request), reason=reason)
            messages.success(request, words("desk.finding.done-said", lang_of(request)))
            return redirect("desk-openings")
        if to == LOST:
            ending.lost(handover_id=handover_id, by=me(request), reason=reason)
        else:
            actions.resolve(handover_id=handover_id, to=Stage(to), by=me(request), reason=reason)
    except Refusal as no:
        return _shown(request, handover, said=words(f"why.{no.why.value}", lang_of(request), **no.facts))
    messages.success(request, words("desk.done.resolved", lang_of(request)))
    return redirect(url_of(queries.get(handover_id)))


def _needs_two(handover: Handover, to: str) -> bool:
    """Whether somebody else must find the same."""
    return actions.needs_two(handover) and (to == LOST or to in actions.NOBODY_ALONE)


def _choices(handover: Handover) -> list[str]:
    """What it can turn out to be, in the order in which people look."""
    allowed = queries.resolutions(handover)
    return [stage.value for stage in SHOWN_IN_ORDER if stage in allowed]


def _shown(request: HttpRequest, handover: Handover, *, said: str = "") -> HttpResponse:
    shown = {
        "handover": handover,
        "held": catalogue.held_now(handover.item_id),
        "choices": [*_choices(handover), *([LOST] if queries.may_be_lost(handover) else [])],
        "history": told([f"handover:{handover.pk}"], lang_of(request)),
        "needs_two": actions.needs_two(handover),
        "ended": queries.nobody_asks_for_it(handover),
        "standing": findings.standing(handover.pk),
        "said": said,
        "typed": request.POST,
    }
    return render(request, "staff/dispute.html", shown, status=409 if said else 200)
