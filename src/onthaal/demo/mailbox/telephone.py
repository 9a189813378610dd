"""A telephone's camera, for a demo on one laptop: nothing there can be held before the kiosk's screen."""

from __future__ import annotations

import html
import re
from typing import Final

_CODE: Final = re.compile(r'class="qr"[^>]*\bdata-text="([^"]+)"')
_ANSWERS_WITHIN: Final = 5.0


async def read(screen: str) -> str | None:
    """What the code on the screen at this address says; None when it shows none, or nothing answers."""
    import httpx  # noqa: PLC0415 (half of what the mail catcher would load, and seldom asked for)

    try:
        async with httpx.AsyncClient(timeout=_ANSWERS_WITHIN) as client:
            shown = await client.get(screen)
    except httpx.HTTPError:
        return None
    return code_on(shown.text)


def code_on(page: str) -> str | None:
    """The text of the QR code that a page of the kiosk shows."""
    found = _CODE.search(page)
    return html.unescape(found[1]) if found else None
