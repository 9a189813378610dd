"""Pictograms, drawn on a 24 by 24 grid in the colour of the text beside them."""

from __future__ import annotations

from functools import cache

from onthaal.kiosk.screen.html import Html, el

PATHS = {
    "phone": ("M6 3h3l2 5-2.5 1.8a12 12 0 0 0 5.7 5.7L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z",),
    "person": ("M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M4 21c0-4.4 3.6-7 8-7s8 2.6 8 7"),
    "back": ("M11 5l-7 7 7 7", "M4 12h16"),
    "stop": ("M6 6l12 12", "M18 6L6 18"),
    "collect": ("M4 13v6a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-6", "M12 15V4", "M7.5 8.5L12 4l4.5 4.5"),
    "return": ("M4 13v6a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-6", "M12 3v11", "M7.5 9.5L12 14l4.5-4.5"),
    "check": ("M4 12.5l5.5 5.5L20 7",),
    "warning": ("M12 3L2 20.5h20L12 3z", "M12 10v5", "M12 17.8v.2"),
    "qr": (
        "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4z",
        "M14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2",
    ),
    "tag": ("M3 12V4a1 1 0 0 1 1-1h8l9 9-9 9-9-9z", "M7.5 7.5v.01"),
    "keypad": ("M6 6v.01M12 6v.01M18 6v.01M6 12v.01M12 12v.01M18 12v.01M6 18v.01M12 18v.01M18 18v.01",),
    "door": ("M5 21V3h14v18z", "M5 21L14 18V6L5 3", "M11 12v.01"),
    "touch": ("M9 11V5.5a1.8 1.8 0 0 1 3.6 0V11l5 1a2.5 2.5 0 0 1 2 3l-.8 3.6A3 3 0 0 1 16 21h-4a4 4 0 0 1-3.2-1.6L5 15a1.7 1.7 0 0 1 2.6-2.1L9 14z",),
    "clock": ("M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z", "M12 7v5l3.5 2"),
    "look": ("M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z", "M15.5 15.5L21 21"),
    "again": ("M20 11a8 8 0 1 0-2 6.3", "M20 4v7h-7"),
    "erase": ("M9 5h11v14H9l-6-7z", "M12 9.5l5 5M17 9.5l-5 5"),
    "more": ("M5 9l7 7 7-7",),
    "empty": ("M4 4h16v16H4z", "M4 4l16 16"),
    "undo": ("M8 5L3 10l5 5", "M3 10h11a6 6 0 0 1 0 12h-3"),
}  # fmt: skip


@cache
def icon(name: str) -> Html:
    """A pictogram beside words that say the same: hidden from a screen reader."""
    return el(
        "svg",
        *(el("path", d=path) for path in PATHS[name]),
        class_="icon",
        viewBox="0 0 24 24",
        aria_hidden="true",
        focusable="false",
    )
