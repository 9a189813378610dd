"""Signing in and out with a provider. Nothing here knows a password: the provider says who it is."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from onthaal import clock
from onthaal.central.foundation.gates import open_to_all, own_transaction
from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity import queries
from onthaal.central.foundation.identity.browsers import browser_of, forget_browser, keep_browser
from onthaal.central.foundation.identity.models import Identity, Provider
from onthaal.central.foundation.origins import origin_of
from onthaal.central.foundation.people import tries
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.faces.citizen import signed_in
from onthaal.central.lockers.requests.arriving import arrive
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

LONGEST_ADDRESS = 80
"""As the column that keeps it while somebody is away."""
SECOND_TAP = timedelta(minutes=1)
"""So long the same answer of a provider may come again from an impatient finger; later it signs nobody in."""

BEGUN_AN_HOUR = 60
"""Sign-ins that may begin from one origin. A library's or a school's visitors share one address."""


@open_to_all
@own_transaction
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """With which provider; then on to it. Says before somebody starts when nobody can sign in."""
    onward = _own(request.POST.get("next") or request.GET.get("next") or "")
    municipality = _municipality(request).pk
    with acting_for(municipality):
        offered = _offered()
    if request.method != "POST":
        return _page(request, offered, onward)
    chosen = next(
        (one.provider for one in offered if one.up and one.provider.profile == request.POST.get("provider")), None
    )
    if chosen is None:
        return _page(request, offered, onward, Why.IDENTITY_UNAVAILABLE)
    browser = browser_of(request)
    try:
        tries.allow(f"{municipality}:sign-in", origin_of(request), an_hour=BEGUN_AN_HOUR)
        begun = identities.begin(chosen, purpose="portal", about=onward, browser=browser, lang=lang_of(request))
    except Refusal as no:
        return _page(request, offered, onward, no.why)
    # A form may not lead elsewhere by a redirect (the page's own policy): a page that moves on does.
    answer = render(request, "citizen/going.html", {"url": begun.url, "provider": chosen.profile})
    keep_browser(answer, browser)
    return answer


class _Offered(NamedTuple):
    provider: Provider
    up: bool
    """It answers, as far as is known."""


def _offered() -> list[_Offered]:
    return [_Offered(provider, queries.available(provider)) for provider in queries.providers("portal")]


def _page(request: HttpRequest, offered: list[_Offered], onward: str, why: Why | None = None) -> HttpResponse:
    said = words(f"why.{why.value}", lang_of(request)) if why else ""
    shown = {"providers": offered, "next": onward, "said": said, "why": why.value if why else ""}
    refused = HTTPStatus.TOO_MANY_REQUESTS if why is Why.TOO_MANY_REQUESTS else HTTPStatus.CONFLICT
    return render(request, "citizen/sign_in.html", shown, status=refused if why else HTTPStatus.OK)


def arrived(request: HttpRequest, finished: identities.Finished) -> HttpResponse:
    """Back from the provider, outside any scope: on to the page that asked, or why not."""
    assert finished.sign_in is not None
    onward = _own(finished.sign_in.about)
    with acting_for(_municipality(request).pk):
        if finished.why is not None:
            return _page(request, _offered(), onward, finished.why)
        identity = _who(request, finished)
        if identity is not None:
            signed_in.begin(request, identity)
            return redirect(onward)
        if signed_in.is_live(request):
            return redirect(onward)
        return _page(request, _offered(), onward, Why.SIGN_IN_AGAIN)


def _who(request: HttpRequest, finished: identities.Finished) -> Identity | None:
    """Whose session begins. Nobody's when the same answer is shown again later: going back signs nobody in."""
    assert finished.sign_in is not None
    if finished.assertion is not None:
        identity = arrive(finished.assertion, lang=lang_of(request))
        identities.remember(finished.sign_in, identity)
        return identity
    ended = finished.sign_in.ended_at
    if ended is None or clock.now() - ended > SECOND_TAP:
        return None
    return finished.sign_in.identity


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in any more; the answer of the provider counts no more either."""
    signed_in.end(request)
    messages.success(request, words("portal.sign-out.done", lang_of(request)))
    answer = redirect("portal")
    forget_browser(answer)
    return answer


def _own(asked: str) -> str:
    """Where to go after signing in: only ever a page of our own; else one's own requests."""
    if len(asked) <= LONGEST_ADDRESS and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        try:
            resolve(asked.partition("?")[0])
        except Resolver404:
            return reverse("portal-mine")
        return asked
    return reverse("portal-mine")


def _municipality(request: HttpRequest) -> Municipality:
    municipality: Municipality = request.municipality  # type: ignore[attr-defined]
    return municipality
