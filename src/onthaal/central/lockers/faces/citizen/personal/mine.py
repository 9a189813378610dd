"""One's own requests: the list, one of them, answering, changing the place, cancelling. Another's are not there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from onthaal.central.foundation.gates import for_citizens
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.faces import attached
from onthaal.central.lockers.faces.citizen.personal import files
from onthaal.central.lockers.faces.citizen.personal.forms import DESK, AnswerForm, PlaceForm
from onthaal.central.lockers.faces.citizen.personal.steps import state_of, steps, still_to_do
from onthaal.central.lockers.faces.citizen.signed_in import me
from onthaal.central.lockers.handovers.queries import stands_still_since
from onthaal.central.lockers.places import queries as places
from onthaal.central.lockers.requests import applying, dossiers, mine
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

BOTH = ("photo", "certificate")


@for_citizens
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everything they asked for."""
    lang = lang_of(request)
    found = [
        {"request": one, "name": catalogue.names(one.product)[lang], "state": state_of(one)}
        for one in mine.requests_of(me(request))
    ]
    return render(request, "citizen/personal/mine.html", {"found": found, "me": me(request)})


@for_citizens
@require_safe
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """How far one of them is, step by step, and what can be done with it."""
    asked, lang = _mine(request, request_id), lang_of(request)
    state = state_of(asked)
    if state == "draft":
        return redirect("portal-apply", slug=asked.product.slug)
    why = asked.dossier.desk_reason
    over = asked.ended_at is not None
    shown = {
        "asked": asked, "name": catalogue.names(asked.product)[lang], "state": state, "steps": steps(asked, lang),
        "to_do": [] if over else still_to_do(asked, lang),
        "at_wall": asked.dossier.place == Dossier.Place.WALL and state != "back",
        "why_desk": dossiers.why_at_the_desk(Why(why))[lang] if why and not over else "",
        "more": mine.more_is_asked(asked.dossier),
        "may_change": mine.may_change_place(asked) and not why, "may_cancel": mine.may_cancel(asked),
        "attached": dossiers.attachments(asked.dossier), "over": over,
        "still_since": stands_still_since(asked.handover),
    }  # fmt: skip
    return render(request, "citizen/personal/one.html", shown)


@for_citizens
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Answer what staff asked for more, with new files when they want."""
    asked = _mine(request, request_id)
    if not mine.more_is_asked(asked.dossier):
        return redirect("portal-mine-one", request_id=request_id)
    form = AnswerForm(request.POST or None, request.FILES or None, kinds=BOTH, lang=lang_of(request))
    if request.method == "POST":
        form.is_valid()
        files.take(request, form, request_id=request_id, kinds=BOTH)
        if not form.errors:
            applying.answer(identity=me(request), request_id=request_id, text=form.cleaned_data["answer"])
            messages.success(request, words("portal.answer.done", lang_of(request)))
            return redirect("portal-mine-one", request_id=request_id)
    attached = {one.kind: one for one in dossiers.attachments(asked.dossier)}
    shown = {"asked": asked, "form": form, "attached": attached}
    return render(request, "citizen/personal/answer.html", shown, status=422 if form.errors else 200)


@for_citizens
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, request_id: int) -> HttpResponse:
    """Another wall, or the desk."""
    asked = _mine(request, request_id)
    if not mine.may_change_place(asked):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=asked.status, move="change-place")
    municipality: Municipality = request.municipality  # type: ignore[attr-defined]
    why = mine.only_at_desk(asked)
    chosen = str(asked.kiosk_id) if asked.dossier.place == Dossier.Place.WALL else DESK
    form = PlaceForm(
        request.POST or None, walls=places.kiosks() if why is None else (), desk=municipality.address,
        lang=lang_of(request), initial={"place": chosen, "low": asked.person.low},
    )  # fmt: skip
    form.fields.pop("low", None)
    if request.method == "POST" and form.is_valid():
        applying.change_place(identity=me(request), request_id=request_id, kiosk_id=form.kiosk_id())
        messages.success(request, words("portal.place.done", lang_of(request)))
        return redirect("portal-mine-one", request_id=request_id)
    said = words(f"why.{why.value}", lang_of(request)) if why else ""
    shown = {"asked": asked, "form": form, "why_desk": said}
    return render(request, "citizen/personal/place.html", shown, status=422 if form.errors else 200)


@for_citizens
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, request_id: int) -> HttpResponse:
    """Asks once, says that there is no way back, then cancels."""
    asked = _mine(request, request_id)
    if request.method == "POST":
        applying.cancel(identity=me(request), request_id=request_id)
        messages.success(request, words("portal.cancel.done", lang_of(request)))
        return redirect("portal-mine")
    if not mine.may_cancel(asked):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=asked.status, move="cancel")
    shown = {"asked": asked, "name": catalogue.names(asked.product)[lang_of(request)], "draft": not asked.confirmed_at}
    return render(request, "citizen/personal/cancel.html", shown)


@for_citizens
@require_safe
def file(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """What they attached, for them alone."""
    found = mine.attachment_of(me(request), attachment_id)
    if found is None:
        raise Http404
    return attached.given(name=found.kind, media_type=found.media_type, content=dossiers.content(found))


def _mine(request: HttpRequest, request_id: int) -> Request:
    found = mine.request_of(me(request), request_id)
    if found is None:
        raise Http404
    return found
