"""The pages of somebody who stands at a wall and says who they are: in the kiosk's own browser, or on their phone.

No rules here: `access` says what an answer comes to, and the wall hears it over its stream.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from onthaal.central.foundation.gates import open_to_all, own_transaction
from onthaal.central.foundation.identity import actions as identity
from onthaal.central.foundation.identity.actions import Finished
from onthaal.central.foundation.identity.beginning import Purpose
from onthaal.central.foundation.identity.browsers import browser_of, keep_browser
from onthaal.central.foundation.identity.profiles import named
from onthaal.central.foundation.origins import origin_of
from onthaal.central.foundation.people import tries
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Identification
from onthaal.core.protocol import Confirmation
from onthaal.core.refusals import Refusal, Why
from onthaal.words import Lang, words

GONE = 410
BEGUN_AN_HOUR = 240
"""Sign-ins at walls that may begin from one origin: the walls of a whole town may stand behind one address."""
MISSES_AN_HOUR = 60
"""Handles that lead nowhere, from one origin. A telephone network's people share one address, and some scan twice."""
State = Identification.State


@open_to_all
@own_transaction
@require_http_methods(["GET", "POST"])
def at_the_wall(request: HttpRequest, handle: str) -> HttpResponse:
    """Where a handle leads, once. In the kiosk's browser straight to the provider; on a phone to a page with one
    button, which alone goes on: whoever only looks at links uses nothing up.
    """
    try:
        with acting_for(_municipality(request).pk):
            begun = access.by_handle(handle)
            if begun.way == "phone" and request.method == "GET":
                return _asked_to_compare(request, begun)
            begun = access.follow_handle(handle)
            shown = access.confirmation(begun)
    except Refusal:
        return _missed(request)
    if begun.way == "page":
        request.lang = begun.language  # type: ignore[attr-defined]
    return _to_the_provider(request, begun, shown)


def _missed(request: HttpRequest) -> HttpResponse:
    """Counted only here: a handle that leads somewhere is no guess (128 bits), whoever else shares the address."""
    try:
        tries.allow(f"{_municipality(request).pk}:handles", origin_of(request), an_hour=MISSES_AN_HOUR)
    except Refusal as no:
        return _no(request, no.why)
    return _over(request)


def follow(request: HttpRequest, finished: Finished) -> HttpResponse:
    """Somebody came back from the provider. The wall's own screen says the rest."""
    assert finished.sign_in is not None
    request.lang = finished.sign_in.language  # type: ignore[attr-defined]
    try:
        with acting_for(_municipality(request).pk):
            begun = access.signed_in(finished)
    except Refusal:
        return _over(request)
    if begun.state == State.PROVED:
        return render(request, "citizen/wall_digits.html", {"digits": begun.digits})
    if begun.why and begun.state != State.APPROVED:
        return _no(request, Why(begun.why))
    return _over(request) if begun.state == State.OVER else render(request, "citizen/wall_look.html")


def _municipality(request: HttpRequest) -> Municipality:
    found: Municipality = request.municipality  # type: ignore[attr-defined]
    return found


def _asked_to_compare(request: HttpRequest, begun: Identification) -> HttpResponse:
    shown = {"confirmation": access.confirmation(begun), "provider": _name(begun, lang_of(request))}
    return render(request, "citizen/wall_phone.html", shown)


def _to_the_provider(request: HttpRequest, begun: Identification, shown: Confirmation) -> HttpResponse:
    lang, browser = lang_of(request), browser_of(request)
    try:
        tries.allow(f"{begun.municipality_id}:walls", origin_of(request), an_hour=BEGUN_AN_HOUR)
        url = identity.begin(
            begun.provider, purpose=_PURPOSES[begun.way], about=f"{access.ABOUT}{begun.pk}", browser=browser,
            lang=lang, confirmation=text_of(shown, lang),
        ).url  # fmt: skip
    except Refusal as no:
        with acting_for(_municipality(request).pk):
            access.identification_proved(identification_id=begun.pk, identity=None, why=no.why)
        return _no(request, no.why)
    if begun.way == "page":
        answer: HttpResponse = redirect(url)
    else:  # a browser lets no form lead to another site: a page must
        answer = render(request, "citizen/wall_away.html", {"url": url, "provider": _name(begun, lang)})
    keep_browser(answer, browser)
    return answer


_PURPOSES: dict[str, Purpose] = {"page": "wall-page", "phone": "wall-phone"}


def text_of(shown: Confirmation, lang: Lang) -> str:
    """What the person approves at the provider: the very words of the wall's screen."""
    return words(
        "identify.confirmation", lang, municipality=shown.municipality, street=shown.street, wall=shown.wall,
        number=shown.number,
    )  # fmt: skip


def _name(begun: Identification, lang: Lang) -> str:
    return words(named(begun.provider.profile).title, lang)


def _no(request: HttpRequest, why: Why) -> HttpResponse:
    """Nothing opens: why, and where a person helps."""
    said = words(f"why.{why.value}", lang_of(request))
    status = HTTPStatus.TOO_MANY_REQUESTS if why is Why.TOO_MANY_REQUESTS else HTTPStatus.OK
    return render(request, "citizen/wall_no.html", {"said": said, "why": why.value}, status=status)


def _over(request: HttpRequest) -> HttpResponse:
    """Old, used or never there: the page does not say which."""
    return render(request, "citizen/wall_over.html", status=GONE)
