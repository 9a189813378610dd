"""A word that only the browser that began a sign-in knows, so that an answer in another one is refused."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

COOKIE = "onthaal-aanmelden"
PATH = "/aanmelden/"
SECONDS = 15 * 60
_WORD = re.compile(r"[A-Za-z0-9_-]{22}")


def browser_of(request: HttpRequest) -> str:
    """The word of this browser: the one it sent, else a new one (128 random bits). Give it back with
    `keep_browser`."""
    return sent_by(request) or secrets.token_urlsafe(16)


def sent_by(request: HttpRequest) -> str:
    """The word that this browser sent; empty when it sent none."""
    sent = request.COOKIES.get(COOKIE, "")
    return sent if _WORD.fullmatch(sent) else ""


def keep_browser(response: HttpResponseBase, browser: str) -> None:
    """Let the browser remember its word while it is away. It comes back from another site: SameSite is Lax."""
    response.set_cookie(
        COOKIE, browser, max_age=SECONDS, path=PATH, secure=settings.PRODUCTION, httponly=True, samesite="Lax"
    )
