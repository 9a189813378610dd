"""Answers that belong to no view: a refusal, an error, a host that nobody is served on."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from onthaal.central.foundation.gates import gate_of
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
SIGN_IN = "/desk/sign-in/"


def refused(request: HttpRequest, no: Refusal) -> HttpResponse:
    """A polite no: as JSON when that was asked for, else as a page with its words."""
    said = words(f"why.{no.why.value}", lang_of(request), **no.facts)
    status = STATUSES.get(no.why, CONFLICT)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"why": no.why.value, "words": said}, status=status)
    return render(request, "web/refused.html", {"said": said, "why": no.why.value}, status=status)


def not_for_you(request: HttpRequest) -> HttpResponse:
    """A page of the desk for which the account has no role."""
    if "application/json" in request.headers.get("Accept", ""):
        return refused(request, Refusal(Why.NOT_YOURS))
    return render(request, "web/plain.html", {"title": "web.403.title", "text": "web.403.text"}, status=403)


def unknown_host(request: HttpRequest) -> HttpResponse:
    """No municipality is served on this host: said in the three languages, without the page's frame."""
    said = [(lang, words("web.unknown-host", lang)) for lang in LANGS]
    return HttpResponse(render_to_string("web/unknown_host.html", {"said": said}), status=404)


def above(path: str) -> str:
    """The nearest page above an address to which only forms and kiosks send; empty for a kiosk's."""
    if _is_of_devices(path):
        return ""
    while (path := path[: path.rstrip("/").rfind("/") + 1]) != "/":
        try:
            resolve(path)
        except Resolver404:
            continue
        break
    return path


def _is_of_devices(path: str) -> bool:
    gate = gate_of(resolve(path).func)
    return gate is not None and gate.to == "devices"


def at_the_desk(request: HttpRequest) -> bool:
    """Whether somebody signed in looks at an address of the desk."""
    user = getattr(request, "user", None)
    return request.path_info.startswith("/desk/") and user is not None and user.is_authenticated


def back_from(request: HttpRequest) -> str:
    """Where *Back* leads from a page that says no: the own page one came from, else where everything begins."""
    came_from = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}, require_https=False)
    path = urlsplit(came_from).path if own else ""
    sent = request.method == "POST"  # reading its page again is no circle
    if path and path != SIGN_IN and (sent or path != request.path_info):
        return path
    return "/desk/" if at_the_desk(request) or request.path_info == SIGN_IN else "/"
