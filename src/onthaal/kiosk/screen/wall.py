"""The drawing of the wall: which door opens, and where it is in words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from onthaal.core.facts import Fitted
from onthaal.kiosk.screen.html import Html, el
from onthaal.words import Lang, words

COLUMN = 460
"""Millimetres drawn for each column of doors; the file says how high a door is, not how wide."""
GAP = 14


class Place(msgspec.Struct, frozen=True):
    """One door in the drawing: column from the left, millimetres above the floor."""

    number: int
    column: int
    bottom: int
    top: int


def places(fitted: Sequence[Fitted]) -> tuple[Place, ...]:
    """Doors in their columns: in the order of their numbers, a new column begins where one would overlap."""
    found: list[Place] = []
    column = 0
    for one in sorted(fitted, key=lambda one: one.number):
        beside = [place for place in found if place.column == column]
        if any(one.bottom_mm < place.top and place.bottom < one.top_mm for place in beside):
            column += 1
        found.append(Place(one.number, column, one.bottom_mm, one.top_mm))
    return tuple(found)


def where(fitted: Sequence[Fitted], number: int, lang: Lang) -> str:
    """*at the top left*: its third of the wall's height and width, in words."""
    all_places = places(fitted)
    place = next((one for one in all_places if one.number == number), None)
    if place is None:
        return ""
    low, high = min(one.bottom for one in all_places), max(one.top for one in all_places)
    height = ((place.bottom + place.top) / 2 - low) / max(1, high - low)
    last = max(one.column for one in all_places)
    across = place.column / last if last else 0.5
    row = "top" if height > 2 / 3 else "bottom" if height < 1 / 3 else "middle"
    side = "left" if across < 1 / 3 else "right" if across > 2 / 3 else "centre"
    return words(f"kiosk.where.{row}-{side}", lang)


def drawing(fitted: Sequence[Fitted], number: int, lang: Lang) -> Html | None:
    """The wall with one door marked: by number, frame and arrow, never by colour alone. None: not fitted."""
    all_places = places(fitted)
    if not any(one.number == number for one in all_places):
        return None
    low, high = min(one.bottom for one in all_places), max(one.top for one in all_places)
    width = (max(one.column for one in all_places) + 1) * COLUMN
    label = words("kiosk.map.title", lang, n=number, where=where(fitted, number, lang))
    return el(
        "svg",
        el("rect", x=-30, y=-30, width=width + 60, height=high - low + 60, rx=40, class_="cabinet"),
        *(_door(place, high, marked=place.number == number) for place in all_places),
        class_="wall",
        viewBox=f"-40 -40 {width + 80} {high - low + 80}",
        role="img",
        aria_label=label,
    )


def _door(place: Place, high: int, *, marked: bool) -> Html:
    x, y = place.column * COLUMN + GAP, high - place.top + GAP
    width, height = COLUMN - 2 * GAP, place.top - place.bottom - 2 * GAP
    size = min(height * 0.72, 230 if marked else 110)
    return el(
        "g",
        el("rect", x=x, y=y, width=width, height=height, rx=22),
        el(
            "text",
            str(place.number),
            x=x + width / 2,
            y=round(y + height / 2 + size * 0.35, 1),
            font_size=round(size, 1),
            text_anchor="middle",
        ),
        class_="door marked" if marked else "door",
    )
