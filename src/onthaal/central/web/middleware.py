"""What happens around every page: safe headers, language, municipality and its transaction, session limits, gates."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation

from onthaal import clock
from onthaal.central.foundation.gates import Gate, gate_of, opens_own_transaction
from onthaal.central.foundation.people.hosts import municipality_of
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.faces.citizen import signed_in as citizens
from onthaal.central.web import pages
from onthaal.core.refusals import Refusal, Why
from onthaal.words import LANGS, language, words

Answer = Callable[[HttpRequest], HttpResponseBase]

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
LANGUAGE_COOKIE = "lang"
_A_YEAR = 365 * 24 * 3600
_A_MINUTE = 60
_READING = ("GET", "HEAD")


class UndeclaredRoute(Exception):
    """A bug: a view that does not say who may call it."""


class SafeHeaders:
    """A content security policy with a nonce of this answer, and no permissions for what pages never need."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        stream = urlsplit(settings.ONTHAAL_STREAM_URL or "")
        self._connect = f"'self' {stream.scheme}://{stream.netloc}" if stream.netloc else "'self'"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy(nonce))
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        response.headers.setdefault("Cache-Control", "no-store")  # exports too; static files say for how long
        return response

    def _policy(self, nonce: str) -> str:
        return (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
            f"img-src 'self' data:; font-src 'self'; connect-src {self._connect}; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )


class SpokenLanguage:
    """The language of this visit: `?lang=fr` (kept in a cookie), the cookie, else what the browser asks for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.GET.get("lang", "")
        kept = request.COOKIES.get(LANGUAGE_COOKIE, "")
        wanted = next((lang for lang in (asked, kept) if lang in LANGS), None)
        lang = language(wanted or request.headers.get("Accept-Language"))
        request.lang = lang  # type: ignore[attr-defined]
        with translation.override(lang):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", lang)
        if asked in LANGS and asked != kept:
            response.set_cookie(
                LANGUAGE_COOKIE, asked, max_age=_A_YEAR, samesite="Lax", httponly=True, secure=settings.PRODUCTION
            )
        return response


class MunicipalityByHost:
    """The municipality comes from the host name; the whole request is one transaction on its rows, and no others'.

    An answer that says *broken* (5xx) leaves nothing behind: Django has made it of an exception before it comes here.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = _view_of(request)
        gate = gate_of(view)
        if gate is not None and gate.to == "devices":
            return self.get_response(request)
        municipality = municipality_of(request.get_host())
        if municipality is None:
            return pages.unknown_host(request)
        request.municipality = municipality  # type: ignore[attr-defined]
        if opens_own_transaction(view):
            return self.get_response(request)
        with acting_for(municipality.pk):
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
        return response


def _view_of(request: HttpRequest) -> object:
    try:
        return resolve(request.path_info).func
    except Resolver404:
        return None


class SessionLimits:
    """Staff is signed out eight hours after signing in, and after half an hour of doing nothing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if SESSION_KEY in session:
            now = clock.now().timestamp()
            too_old = now - session.get(SIGNED_IN_AT, 0) > settings.SESSION_COOKIE_AGE
            idle = now - session.get(SEEN_AT, 0)
            if too_old or idle > settings.ONTHAAL_SESSION_IDLE_SECONDS:
                logout(request)
                request.was_away = True  # type: ignore[attr-defined]
            elif idle > _A_MINUTE and not _by_itself(request):
                session[SEEN_AT] = now
        return self.get_response(request)


def _by_itself(request: HttpRequest) -> bool:
    """Whether a page asked for a piece of itself again; nobody need be sitting there."""
    return request.method == "GET" and "HX-Request" in request.headers


class Gates:
    """Asks every view who may call it, and turns a refusal into a page with words."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method in _READING:
            # Where only forms go: read again after signing in, or in another language. A kiosk gets its plain answer.
            above = pages.above(request.path_info)
            return redirect(above) if above else response
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        gate = gate_of(view)
        if gate is None:
            raise UndeclaredRoute(f"{view.__module__}.{getattr(view, '__qualname__', view)}")
        if gate.to == "roles" and _has_nul(request):
            return pages.refused(request, Refusal(Why.MALFORMED))
        if gate.to == "citizens":
            return citizens.refused_entry(request)
        if gate.to != "roles":
            return None
        if not opens_own_transaction(view):
            return _refused_entry(request, gate)
        with acting_for(request.municipality.pk):  # type: ignore[attr-defined]
            return _refused_entry(request, gate)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return pages.refused(request, error) if isinstance(error, Refusal) else None


def _has_nul(request: HttpRequest) -> bool:
    """Whether a text that was sent holds a NUL: nobody can type one, and no text of PostgreSQL may hold it."""
    texts = (text for form in (request.GET, request.POST) for _, said in form.lists() for text in said)
    return "\0" in request.path_info or any("\0" in text for text in texts)


def _refused_entry(request: HttpRequest, gate: Gate) -> HttpResponse | None:
    account = request.user
    if not account.is_authenticated:
        return _to_sign_in(request)
    if not account.has_role(*gate.roles):
        return pages.not_for_you(request)
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, which says why it is there and leads back."""
    if request.method not in _READING:
        messages.warning(request, words("web.away.not-done", lang_of(request)))
    elif getattr(request, "was_away", False):
        messages.info(request, words("web.away.ended", lang_of(request)))
    if request.headers.get("HX-Request"):
        # A piece of a page cannot show the sign-in page: the whole page goes there.
        whole = redirect_to_login(request.htmx.current_url_abs_path or "/desk/")  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Redirect": whole.url})
    return redirect_to_login(request.get_full_path())
