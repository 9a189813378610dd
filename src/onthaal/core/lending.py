"""Which concrete item is promised for a span of days, so that no item is promised twice for overlapping days.

A database constraint cannot count, so a concrete item is allocated at once. When no single one is free over the
whole span, the promises that may still move (nothing was loaded for them yet) are planned anew: sorted by their
first day, each gets the first free item. That finds a plan whenever there is one, as long as no fixed promise
begins after one that may move; otherwise it may refuse too early, never too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from onthaal.core.refusals import Refusal, Why


class Span(msgspec.Struct, frozen=True, order=True):
    """Days, both ends included."""

    first: date
    last: date

    def meets(self, other: Span) -> bool:
        """Whether they share a day."""
        return self.first <= other.last and other.first <= self.last


class Promised(msgspec.Struct, frozen=True):
    """A live promise. `fixed`: its item was loaded or is out, so it is this item and no other."""

    id: int
    item: int
    span: Span
    fixed: bool = False


class Allocation(msgspec.Struct, frozen=True):
    """The item for the span asked, and the promises that must move first: promise → its new item."""

    item: int
    moved: Mapping[int, int] = {}


def allocate(
    items: Sequence[int], promised: Iterable[Promised], wanted: Span, *, among: Sequence[int] | None = None
) -> Allocation:
    """An item for `wanted`, of those `among` when they are named. Refuses (`NO_ITEM_FREE`) when none is free and moving
    others, to any of `items`, does not help."""
    promised = tuple(promised)
    among = items if among is None else among
    free = _first_free(among, wanted, _taken(promised))
    if free is not None:
        return Allocation(free)
    return _planned_anew(items, promised, wanted, among)


def _taken(promised: Iterable[Promised]) -> dict[int, list[Span]]:
    taken: dict[int, list[Span]] = {}
    for promise in promised:
        taken.setdefault(promise.item, []).append(promise.span)
    return taken


def _first_free(items: Iterable[int], span: Span, taken: Mapping[int, Sequence[Span]]) -> int | None:
    return next((item for item in items if not any(span.meets(other) for other in taken.get(item, ()))), None)


def _planned_anew(items: Sequence[int], promised: Sequence[Promised], wanted: Span, among: Sequence[int]) -> Allocation:
    taken = _taken(promise for promise in promised if promise.fixed)
    movable = [(promise.span, promise) for promise in promised if not promise.fixed]
    moved: dict[int, int] = {}
    mine: int | None = None
    for span, promise in sorted([*movable, (wanted, None)], key=lambda each: (each[0], each[1].id if each[1] else 0)):
        item = _first_free(items if promise else among, span, taken)
        if item is None:
            raise Refusal(Why.NO_ITEM_FREE)
        taken.setdefault(item, []).append(span)
        if promise is None:
            mine = item
        elif item != promise.item:
            moved[promise.id] = item
    assert mine is not None
    return Allocation(mine, moved)


def depth(spans: Iterable[Span]) -> int:
    """How many of them share the busiest day."""
    spans = tuple(spans)
    return max((sum(other.first <= span.first <= other.last for other in spans) for span in spans), default=0)
