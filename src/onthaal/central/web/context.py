"""What every template may say without being given it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.faces.citizen.signed_in import is_live
from onthaal.central.web.pages import at_the_desk, back_from
from onthaal.words import LANGS


def shell(request: HttpRequest) -> dict[str, Any]:
    """municipality, lang, langs, csp_nonce, whether a citizen is signed in; for pages that say no: the frame they
    stand in and the way back."""
    return {
        "municipality": getattr(request, "municipality", None),
        "lang": lang_of(request),
        "langs": LANGS,
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "frame": "web/base_staff.html" if at_the_desk(request) else "web/base_citizen.html",
        "citizen_signed_in": SimpleLazyObject(lambda: is_live(request)),
        "back": SimpleLazyObject(lambda: back_from(request)),
    }
