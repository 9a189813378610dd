"""How a file that somebody attached is given to a browser: to whoever sent it, and to who decides."""

from __future__ import annotations

from django.http import HttpResponse

_SHOWN_AS_IT_IS = ("image/jpeg", "image/png")


def given(*, name: str, media_type: str, content: bytes) -> HttpResponse:
    """A picture is shown; anything else is given to keep, as nothing of it may run in a page of ours.

    `name` is ours, never the one that it came with. No browser keeps it, or guesses what it is.
    """
    _, _, ending = media_type.partition("/")
    shown = "inline" if media_type in _SHOWN_AS_IT_IS else "attachment"
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'{shown}; filename="{name}.{ending}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
