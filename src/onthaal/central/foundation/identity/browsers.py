"""A word that only the browser that began a sign-in knows, so that an answer in another one is refused."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from onthaal import clock
from onthaal.central.foundation.identity.beginning import hashed
from onthaal.central.foundation.identity.models import SignIn
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for

_COOKIE = "onthaal-aanmelden"
PATH = "/aanmelden/"
SECONDS = 15 * 60
_WORD = re.compile(r"[A-Za-z0-9_-]{22}")


def cookie() -> str:
    """Its name. A browser takes `__Secure-` over TLS alone; the path forbids `__Host-`."""
    return f"__Secure-{_COOKIE}" if settings.PRODUCTION else _COOKIE


def browser_of(request: HttpRequest) -> str:
    """The word of this browser: a new one (128 random bits) at each beginning, but the one it sent while another
    sign-in of it is under way. Give it back with `keep_browser`. Outside any scope.
    """
    sent = sent_by(request)
    return sent if sent and _under_way(request, sent) else secrets.token_urlsafe(16)


def _under_way(request: HttpRequest, browser: str) -> bool:
    municipality: Municipality = request.municipality  # type: ignore[attr-defined]
    with acting_for(municipality.pk):
        live = SignIn.objects.filter(browser_hash=hashed(browser), used_at=None, expires_at__gt=clock.now())
        return bool(live.exists())


def sent_by(request: HttpRequest) -> str:
    """The word that this browser sent; empty when it sent none."""
    sent = request.COOKIES.get(cookie(), "")
    return sent if _WORD.fullmatch(sent) else ""


def keep_browser(response: HttpResponseBase, browser: str) -> None:
    """Let the browser remember its word while it is away. It comes back from another site: SameSite is Lax."""
    response.set_cookie(
        cookie(), browser, max_age=SECONDS, path=PATH, secure=settings.PRODUCTION, httponly=True, samesite="Lax"
    )


def forget_browser(response: HttpResponseBase) -> None:
    """Let the browser forget its word."""
    response.delete_cookie(cookie(), path=PATH)
