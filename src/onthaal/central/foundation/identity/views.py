"""Where providers send people back to, and where they find our keys."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_safe

from onthaal.central.foundation.gates import open_to_all, own_transaction
from onthaal.central.foundation.identity import actions
from onthaal.central.foundation.identity.browsers import sent_by
from onthaal.central.foundation.identity.finishing import Finished
from onthaal.central.foundation.identity.profiles import profiles
from onthaal.central.foundation.people.models import Municipality

KEYS_FRESH = 1800
"""Seconds that a provider need not look at our keys again: itsme takes no less."""
_NAMES = ("state", "code", "error", "iss")

Follow = Callable[[HttpRequest, Finished], HttpResponse]


@open_to_all
@own_transaction
@require_GET
def back(request: HttpRequest, profile: str) -> HttpResponse:
    """The one redirect address of a provider. What the answer leads to is for what hangs on ONTHAAL_SIGNED_IN."""
    if profile not in profiles():
        raise Http404
    municipality: Municipality = request.municipality  # type: ignore[attr-defined]
    query = _said_once(request)
    follow: Follow = import_string(settings.ONTHAAL_SIGNED_IN)
    # A second tap waits until the first was followed too: it must find whose sign-in it became.
    state = query.get("state", "")
    begun = actions.begun_here(municipality.pk, state)
    with actions.one_at_a_time(state) if begun else nullcontext():
        finished = actions.finish(municipality=municipality.pk, profile=profile, query=query, browser=sent_by(request))
        return follow(request, finished)


def _said_once(request: HttpRequest) -> dict[str, str]:
    """The names we know; nothing at all when one of them is said twice (RFC 6749, 3.1)."""
    if any(len(request.GET.getlist(name)) > 1 for name in _NAMES):
        return {}
    return {name: request.GET[name] for name in _NAMES if name in request.GET}


@open_to_all
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Our public keys, for providers."""
    answer = JsonResponse(actions.public_jwks(), content_type="application/jwk-set+json")
    answer.headers["Cache-Control"] = f"public, max-age={KEYS_FRESH}"
    return answer
