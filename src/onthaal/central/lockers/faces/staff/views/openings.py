"""What waits for a second person: doors on personal documents that somebody asked to open from afar, and what somebody
said became of a document."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.devices import openings
from onthaal.central.lockers.devices.models import OpeningAsked
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.handovers import findings
from onthaal.central.lockers.handovers.models import Finding
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

OPENS = ("clerk", "technician", "administrator")
FINDS = ("clerk", "administrator")


@require_safe
@for_roles(*OPENS, "auditor")
def every(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what became of the others."""
    return _shown(request)


def _shown(request: HttpRequest, said: str = "") -> HttpResponse:
    shown = {
        "standing": openings.standing(),
        "latest": openings.latest(),
        "me": me(request),
        "may_act": me(request).has_role(*OPENS),
        "findings": [(one, findings.may_confirm(one, me(request))) for one in findings.standing()],
        "found_before": findings.latest(),
        "may_find": me(request).has_role(*FINDS),
        "said": said,
    }
    return render(request, "staff/openings.html", shown, status=409 if said else 200)


@require_POST
@for_roles(*OPENS)
def act(request: HttpRequest, opening_id: int) -> HttpResponse:
    """Confirm one, or withdraw it."""
    verbs = {"confirm": openings.confirm_opening, "withdraw": openings.withdraw_opening}
    wanted, lang = request.POST.get("act", ""), lang_of(request)
    if wanted not in verbs:
        raise Refusal(Why.MALFORMED)
    try:
        verbs[wanted](opening_id=opening_id, by=me(request))
    except OpeningAsked.DoesNotExist:
        raise Http404 from None
    except Refusal as no:
        return _shown(request, words(f"why.{no.why.value}", lang, **no.facts))
    messages.success(request, words(f"desk.opening.done-{wanted}", lang))
    return redirect("desk-openings")


@require_POST
@for_roles(*FINDS)
def act_on_finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Confirm what somebody said became of a document, or withdraw it."""
    verbs = {"confirm": findings.confirm_finding, "withdraw": findings.withdraw_finding}
    wanted, lang = request.POST.get("act", ""), lang_of(request)
    if wanted not in verbs:
        raise Refusal(Why.MALFORMED)
    try:
        verbs[wanted](finding_id=finding_id, by=me(request))
    except Finding.DoesNotExist:
        raise Http404 from None
    except Refusal as no:
        return _shown(request, words(f"why.{no.why.value}", lang, **no.facts))
    messages.success(request, words(f"desk.finding.done-{wanted}", lang))
    return redirect("desk-openings")
