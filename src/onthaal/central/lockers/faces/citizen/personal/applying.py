"""Apply for a personal document in three pages: questions, place and files, check and send."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from onthaal.central.foundation.gates import for_citizens
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.faces.citizen.personal import files
from onthaal.central.lockers.faces.citizen.personal.forms import DESK, FilesForm, PlaceForm, QuestionsForm
from onthaal.central.lockers.faces.citizen.personal.steps import still_to_do
from onthaal.central.lockers.faces.citizen.signed_in import me
from onthaal.central.lockers.places import queries as places
from onthaal.central.lockers.requests import applying, dossiers, mine
from onthaal.central.lockers.requests.arriving import birthdate
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core.documents import never_in_wall
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words


@for_citizens
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Who, how urgent, how to reach them. What the provider said is shown and not asked."""
    product, identity, lang = get_object_or_404(catalogue.personal(), slug=slug), me(request), lang_of(request)
    sent = mine.sent_of(identity, product)
    if sent is not None:
        messages.info(request, words("why.live-request-exists", lang))
        return redirect("portal-mine-one", request_id=sent.pk)
    form = QuestionsForm(
        request.POST or None, product=product, spoken=identity.language, lang=lang,
        initial=_begun(request, mine.draft_of(identity, product)),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            applying.begin(identity=identity, product_id=product.pk, asked=applying.Asked(**form.asked()))
        except Refusal as no:
            form.say_wrong(None, no.why.value)
        else:
            return redirect("portal-apply-details", slug=slug)
    shown = {"name": catalogue.names(product)[lang], "form": form, "me": identity, "born": birthdate(identity)}
    return render(request, "citizen/personal/questions.html", shown, status=422 if form.errors else 200)


def _begun(request: HttpRequest, draft: Request | None) -> dict[str, str]:
    """What the form begins with: the draft's answers, else what is known of them from before."""
    known = {"email": me(request).person.email, "language": lang_of(request)}
    if draft is None:
        return known
    told = {
        "proxy": draft.dossier.proxy, "urgent": draft.dossier.urgent,
        "old_document": draft.dossier.old_document != Dossier.Old.NONE,
    }  # fmt: skip
    answers = {name: "yes" if told_ else "no" for name, told_ in told.items()}
    return {**known, **answers, "language": draft.person.language, "remark": draft.remark}


@for_citizens
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, slug: str) -> HttpResponse:
    """Where to collect it, and what must come along. A wall that cannot be is not offered, and why is said."""
    product = get_object_or_404(catalogue.personal(), slug=slug)
    draft = mine.draft_of(me(request), product)
    if draft is None:
        return redirect("portal-apply", slug=slug)
    place = _place_form(request, draft)
    kinds = _needed(product)
    attached = FilesForm(request.POST or None, request.FILES or None, kinds=kinds, lang=lang_of(request))
    if request.method == "POST":
        done = _kept(request, draft, place, attached)
        if done:
            return redirect("portal-apply-details" if "remove" in request.POST else "portal-apply-check", slug=slug)
    attached.say_needed()
    why = never_in_wall(dossiers.conditions(draft))
    there = {one.kind: one for one in dossiers.attachments(draft.dossier)}
    shown = {
        "name": catalogue.names(product)[lang_of(request)], "place": place, "draft": draft,
        "why_desk": words(f"why.{why.value}", lang_of(request)) if why else "",
        "files": [(field, there.get(field.name)) for field in attached],
        "wrong": [field for form in (place, attached) for field in form if field.errors],
    }  # fmt: skip
    return render(
        request, "citizen/personal/details.html", shown, status=422 if place.errors or attached.errors else 200
    )


def _place_form(request: HttpRequest, draft: Request) -> PlaceForm:
    municipality: Municipality = request.municipality  # type: ignore[attr-defined]
    at_wall = never_in_wall(dossiers.conditions(draft)) is None
    chosen = str(draft.kiosk_id) if draft.dossier.place == Dossier.Place.WALL else DESK
    return PlaceForm(
        request.POST or None, walls=places.kiosks() if at_wall else (), desk=municipality.address,
        lang=lang_of(request), initial={"place": chosen, "low": draft.person.low},
    )  # fmt: skip


def _needed(product: Product) -> list[str]:
    wanted = {"photo": product.needs_photo, "certificate": product.needs_certificate}
    return [kind for kind, needed in wanted.items() if needed]


def _kept(request: HttpRequest, draft: Request, place: PlaceForm, attached: FilesForm) -> bool:
    """Keep what was filled in. Whether all of it was right."""
    identity = me(request)
    if place.is_valid():
        try:
            low = place.cleaned_data.get("low", False)
            applying.choose(identity=identity, request_id=draft.pk, kiosk_id=place.kiosk_id(), low=low)
        except Refusal as no:
            place.say_wrong("place", no.why.value)
    attached.is_valid()
    files.take(request, attached, request_id=draft.pk, kinds=_needed(draft.product))
    removed = request.POST.get("remove", "")
    if removed.isascii() and removed.isdigit() and len(removed) < 18:  # noqa: PLR2004 (a bigint)
        applying.detach(identity=identity, request_id=draft.pk, attachment_id=int(removed))
    elif not attached.errors:
        for kind in dossiers.missing(draft):
            attached.say_wrong(kind, Why.ATTACHMENT_MISSING.value)
    return not (place.errors or attached.errors)


@for_citizens
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """All of it once more, what must still happen, and the button that sends it."""
    product, lang = get_object_or_404(catalogue.personal(), slug=slug), lang_of(request)
    draft = mine.draft_of(me(request), product)
    if draft is None:
        return redirect("portal-apply", slug=slug)
    if dossiers.missing(draft):
        return redirect("portal-apply-details", slug=slug)
    if request.method == "POST":
        sent = applying.apply(identity=me(request), request_id=draft.pk)
        messages.success(request, words("portal.request.confirmed", lang))
        return redirect("portal-mine-one", request_id=sent.pk)
    why = never_in_wall(dossiers.conditions(draft))
    shown = {
        "name": catalogue.names(product)[lang], "draft": draft, "me": me(request), "born": birthdate(me(request)),
        "at_wall": why is None and draft.dossier.place == Dossier.Place.WALL,
        "why_desk": words(f"why.{why.value}", lang) if why else "",
        "to_do": still_to_do(draft, lang), "attached": dossiers.attachments(draft.dossier),
    }  # fmt: skip
    return render(request, "citizen/personal/check.html", shown)
