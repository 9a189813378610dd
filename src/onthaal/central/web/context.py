"""What every template may say without being given it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from onthaal.central.foundation.spoken import lang_of
from onthaal.words import LANGS


def shell(request: HttpRequest) -> dict[str, Any]:
    """municipality, lang, langs, csp_nonce."""
    return {
        "municipality": getattr(request, "municipality", None),
        "lang": lang_of(request),
        "langs": LANGS,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
