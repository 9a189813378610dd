"""Answers that belong to no view: a refusal, an error, a host that nobody is served on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from onthaal.central.foundation.spoken import lang_of
from onthaal.core.refusals import Refusal, Why
from onthaal.words import LANGS, words

STATUSES = {
    Why.NOT_YOURS: 403,
    Why.LINK_EXPIRED: 410,
    Why.TOO_MANY_REQUESTS: 429,
    Why.REASON_MISSING: 400,
    Why.PERIOD_INVALID: 400,
    Why.MALFORMED: 400,
}
CONFLICT = 409


def refused(request: HttpRequest, no: Refusal) -> HttpResponse:
    """A polite no: as JSON when that was asked for, else as a page with its words."""
    said = words(f"why.{no.why.value}", lang_of(request), **no.facts)
    status = STATUSES.get(no.why, CONFLICT)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"why": no.why.value, "words": said}, status=status)
    return render(request, "web/refused.html", {"said": said, "why": no.why.value}, status=status)


def unknown_host(request: HttpRequest) -> HttpResponse:
    """No municipality is served on this host: said in the three languages, without the page's frame."""
    said = [(lang, words("web.unknown-host", lang)) for lang in LANGS]
    return HttpResponse(render_to_string("web/unknown_host.html", {"said": said}), status=404)
