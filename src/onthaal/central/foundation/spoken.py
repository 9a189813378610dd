"""The language of a visit, for whoever draws a page."""

from __future__ import annotations

from django.http import HttpRequest

from onthaal.words import Lang


def lang_of(request: HttpRequest) -> Lang:
    """The language of this visit, as the shell found it out; Dutch before it did."""
    lang: Lang = getattr(request, "lang", "nl")
    return lang
