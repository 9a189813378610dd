"""How things look on the desk's pages: a wall in columns, an age in words, a QR, a page of a list. No rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
import segno
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from onthaal.central.lockers.devices.queries import Cell
from onthaal.words import Lang, words

Row = TypeVar("Row")

A_PAGE = 50
_STEP_MM = 50
"""Doors are drawn in steps of this height: the style sheet knows `tall-1` to `tall-40`."""
_TALLEST = 40
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Drawn(msgspec.Struct, frozen=True):
    """A door in its column: how tall it is, and how much wall there is above it, in steps."""

    cell: Cell
    tall: int
    above: int


def columns(cells: Sequence[Cell]) -> list[list[Drawn]]:
    """The wall as it stands there. By number, a new column begins where a door would cover one of the column."""
    found: list[list[Cell]] = []
    for cell in cells:
        if not found or any(_beside(cell, other) for other in found[-1]):
            found.append([])
        found[-1].append(cell)
    top = max((cell.top_mm for cell in cells), default=0)
    return [_column(sorted(column, key=lambda cell: -cell.top_mm), top) for column in found]


def _beside(one: Cell, other: Cell) -> bool:
    return one.bottom_mm < other.top_mm and other.bottom_mm < one.top_mm


def _column(cells: Iterable[Cell], top: int) -> list[Drawn]:
    drawn, reached = [], top
    for cell in cells:
        tall = max(1, min(_TALLEST, round((cell.top_mm - cell.bottom_mm) / _STEP_MM)))
        drawn.append(Drawn(cell, tall, max(0, min(_TALLEST, round((reached - cell.top_mm) / _STEP_MM)))))
        reached = cell.bottom_mm
    return drawn


def age(span: timedelta | None, lang: Lang) -> str:
    """`12 s geleden`, `3 min geleden`; *never* for None."""
    if span is None:
        return words("desk.age.never", lang)
    seconds = max(0, int(span.total_seconds()))
    for key, size, limit in (
        ("seconds", 1, 2 * _MINUTE), ("minutes", _MINUTE, 2 * _HOUR), ("hours", _HOUR, 2 * _DAY),
    ):  # fmt: skip
        if seconds < limit:
            return words(f"desk.age.{key}", lang, n=seconds // size)
    return words("desk.age.days", lang, n=seconds // _DAY)


def qr(text: str, *, scale: int = 6) -> SafeString:
    """A QR of one of our own texts, as an inline SVG without styles."""
    drawn = segno.make(text, error="m").svg_inline(scale=scale, border=2, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(drawn)  # noqa: S308 (drawn by segno from our own text)


def page_of(request: HttpRequest, rows: Any) -> Page[Any]:
    """The page of a list that the address asks for; the nearest there is."""
    return Paginator(rows, A_PAGE).get_page(page_number(request))


def page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() else 1
