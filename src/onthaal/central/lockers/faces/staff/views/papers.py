"""Work with personal documents beside their own page: entering one at the desk, scanning it into its envelope,
receiving what came out of a wall."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.faces.staff.document_forms import EnterForm
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.views.dossiers import refusal_in_words
from onthaal.central.lockers.faces.staff.views.requests import DECIDES
from onthaal.central.lockers.handovers import two_people
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.requests import entering, preparing, queries
from onthaal.core.refusals import Refusal
from onthaal.words import words


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*DECIDES)
def enter(request: HttpRequest) -> HttpResponse:
    """An application of somebody who stands at the desk and cannot sign in."""
    lang = lang_of(request)
    form = EnterForm(request.POST or None, products=list(catalogue.personal()), lang=lang)
    if request.method == "POST" and form.is_valid():
        try:
            made = entering.enter(form.entered(), by=me(request))
        except Refusal as no:
            form.refuse(no)
        else:
            messages.success(request, words("desk.enter.done", lang))
            return redirect("desk-dossier", request_id=made.pk)
    return render(request, "staff/enter.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*DECIDES)
def scan(request: HttpRequest) -> HttpResponse:
    """Scan a dossier and its envelope, one after the other: a reader types and ends the line, as a keyboard would."""
    lang, said = lang_of(request), ""
    dossier_label = request.POST.get("dossier", "")[:40]
    envelope_label = request.POST.get("envelope", "")[:40]
    if request.method == "POST" and dossier_label and envelope_label:
        try:
            made = preparing.prepare(dossier_label=dossier_label, envelope_label=envelope_label, by=me(request))
        except Refusal as no:
            said = refusal_in_words(no, lang)
        else:
            messages.success(request, words("desk.prepare.done", lang, number=made.pk))
            return redirect("desk-prepare")
    shown = {
        "dossier_label": dossier_label,
        "envelope_label": envelope_label,
        "said": said,
        "waiting": list(queries.worklist("to-prepare").object_list),
        "prepared": [one for one in queries.worklist("to-load").object_list if one.product.personal],
    }
    shown["waiting"] = [one for one in shown["waiting"] if one.product.personal]  # type: ignore[attr-defined]
    return render(request, "staff/prepare.html", shown, status=409 if said else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*DECIDES)
def receive(request: HttpRequest) -> HttpResponse:
    """What came out of the walls. POST: one of them is at the desk, says a second person."""
    lang, said = lang_of(request), ""
    if request.method == "POST":
        number = request.POST.get("handover", "")
        try:
            two_people.receive(handover_id=int(number) if number.isdecimal() else 0, by=me(request))
        except (Handover.DoesNotExist, KeyError):
            raise Http404 from None
        except Refusal as no:
            said = words(f"why.{no.why.value}", lang, **no.facts)
        else:
            messages.success(request, words("desk.receive.done", lang))
            return redirect("desk-receive")
    mine = str(me(request).pseudonym)
    rows = [(handover, handover.taken_out_by == mine) for handover in two_people.to_receive()]
    return render(request, "staff/receive.html", {"rows": rows, "said": said}, status=409 if said else 200)
