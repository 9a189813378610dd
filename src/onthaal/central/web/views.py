"""The shell's own pages: signing in and out, one's own password, errors."""

from __future__ import annotations

import math

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onthaal import clock
from onthaal.central.foundation.gates import for_any_staff, open_to_all
from onthaal.central.foundation.origins import origin_of
from onthaal.central.foundation.people import actions
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.people.signing_in import Outcome, sign_in
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.web.forms import PasswordForm, SignInForm
from onthaal.central.web.middleware import LANGUAGE_COOKIE, SEEN_AT, SIGNED_IN_AT
from onthaal.words import words

BACKEND = "onthaal.central.foundation.people.backend.LocalAccounts"
_A_MINUTE = 60
_WARNED_BEFORE = 3 * _A_MINUTE
"""Twenty seconds and more to answer, even when the last question came just before (WCAG 2.2.1)."""


@open_to_all
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """For staff. Goes on to the page that was asked for."""
    onward = _onward(request)
    form = SignInForm(request.POST or None, lang=lang_of(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        outcome = sign_in(
            username=form.cleaned_data["username"],
            password=form.cleaned_data["password"],
            origin=origin_of(request),
        )
        if outcome.account is not None:
            return _signed_in(request, outcome.account, onward)
        form.add_error(None, _said(request, outcome))
        status = 429 if outcome.wait else 401
    return render(request, "web/sign_in.html", {"form": form, "next": onward}, status=status)


def _onward(request: HttpRequest) -> str:
    """Where to go after signing in: only ever an address of our own."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if own else settings.LOGIN_REDIRECT_URL


def _said(request: HttpRequest, outcome: Outcome) -> str:
    if outcome.wait:
        minutes = math.ceil(outcome.wait.total_seconds() / _A_MINUTE)
        return words("web.sign-in.wait", lang_of(request), minutes=minutes)
    return words("web.sign-in.wrong", lang_of(request))


def _signed_in(request: HttpRequest, account: Account, onward: str) -> HttpResponse:
    login(request, account, backend=BACKEND)
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = clock.now().timestamp()
    answer = redirect(onward)
    answer.set_cookie(LANGUAGE_COOKIE, account.language, samesite="Lax", httponly=True, secure=settings.PRODUCTION)
    return answer


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@for_any_staff
@sensitive_post_parameters("present", "new")
@require_http_methods(["GET", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    """One's own account: who one is here, and a new password."""
    account = request.user
    assert isinstance(account, Account)
    form = PasswordForm(request.POST or None, account=account, lang=lang_of(request))
    if request.method == "POST" and form.is_valid():
        actions.set_password(account, form.cleaned_data["new"], by=account)
        update_session_auth_hash(request, account)
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = clock.now().timestamp()
        messages.success(request, words("web.password-changed", lang_of(request)))
        return redirect("own-account")
    status = 400 if form.errors else 200
    return render(request, "web/own_account.html", {"form": form, "account": account}, status=status)


@for_any_staff
@require_http_methods(["GET", "POST"])
def still_here(request: HttpRequest) -> HttpResponse:
    """For a page left open, which asks once a minute: whether the session ends soon. POST: somebody is there."""
    left = settings.ONTHAAL_SESSION_IDLE_SECONDS - (clock.now().timestamp() - request.session.get(SEEN_AT, 0))
    return render(request, "web/still_here.html", {"ends_soon": request.method == "GET" and left < _WARNED_BEFORE})


@open_to_all
@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """For a load balancer: this process answers, and its database too (the municipality was looked up)."""
    return HttpResponse("ok\n", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or came from elsewhere."""
    return render(request, "web/plain.html", {"title": "web.csrf.title", "text": "web.csrf.text"}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "web/plain.html", {"title": "web.404.title", "text": "web.404.text"}, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "web/plain.html", {"title": "web.403.title", "text": "web.403.text"}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "web/error.html", {"title": "web.400.title", "text": "web.400.text"}, status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed here: said without asking the database anything more."""
    return render(request, "web/error.html", {"title": "web.500.title", "text": "web.500.text"}, status=500)
