"""Who signed in to the portal: half an hour of doing nothing ends it, two hours end it anyhow.

The session holds the number of an identity and two moments: no name, nothing of what the provider said.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from onthaal import clock
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.spoken import lang_of
from onthaal.words import words

KEY = "citizen"
IDLE_SECONDS = 30 * 60
WHOLE_SECONDS = 2 * 3600
_A_MINUTE = 60
_READING = ("GET", "HEAD")


def begin(request: HttpRequest, identity: Identity) -> None:
    """From now on this browser's session is theirs. Nothing of who was signed in here before is left in it."""
    _empty(request)
    now = clock.now().timestamp()
    request.session[KEY] = {"identity": identity.pk, "of": identity.municipality_id, "at": now, "seen": now}


def end(request: HttpRequest) -> None:
    """Nobody is signed in any more, and going back shows nothing."""
    _empty(request)


def _empty(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
    if SESSION_KEY in request.session:  # staff signed in beside it
        request.session.cycle_key()
    else:
        request.session.flush()
    rotate_token(request)


def is_live(request: HttpRequest) -> bool:
    """Whether somebody is signed in here, by the clock alone. Asks the database for no row of a municipality."""
    return _kept(request) is not None


def _kept(request: HttpRequest) -> dict[str, Any] | None:
    session = getattr(request, "session", None)
    kept: dict[str, Any] | None = session.get(KEY) if session is not None else None
    if session is None or kept is None:
        return None
    now = clock.now().timestamp()
    municipality: Municipality | None = getattr(request, "municipality", None)
    if municipality is None or kept["of"] != municipality.pk:
        return None
    if now - kept["seen"] > IDLE_SECONDS or now - kept["at"] > WHOLE_SECONDS:
        _empty(request)
        request.was_away = True  # type: ignore[attr-defined]
        return None
    return kept


def citizen_of(request: HttpRequest) -> Identity | None:
    """Who is signed in, with their person; None when nobody is (any more). Somebody was here: the half hour begins
    anew."""
    kept = _kept(request)
    if kept is None:
        return None
    found: Identity | None = (
        Identity.objects.select_related("person").filter(pk=kept["identity"], erased_at=None).first()
    )
    if found is None:
        _empty(request)
        return None
    now = clock.now().timestamp()
    if now - kept["seen"] > _A_MINUTE:
        request.session[KEY] = {**kept, "seen": now}
    return found


def refused_entry(request: HttpRequest) -> HttpResponse | None:
    """For the gate: None lets in, with `request.citizen` known; else the way to the sign-in page, and why."""
    request.citizen = citizen_of(request)  # type: ignore[attr-defined]
    if me(request) is not None:
        return None
    if request.method not in _READING:
        messages.warning(request, words("web.away.not-done", lang_of(request)))
    elif getattr(request, "was_away", False):
        messages.info(request, words("web.away.ended", lang_of(request)))
    onward = request.path if request.method in _READING else reverse("portal-mine")
    return redirect(f"{reverse('portal-sign-in')}?{urlencode({'next': onward})}")


def me(request: HttpRequest) -> Identity:
    """The identity that is signed in: the gate let nobody else through."""
    identity: Identity = request.citizen  # type: ignore[attr-defined]
    return identity
