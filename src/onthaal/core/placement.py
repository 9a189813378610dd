"""Which compartment a thing goes into. The kiosk chooses, from its own evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from onthaal.core.evidence import Evidence
from onthaal.core.facts import Fitted
from onthaal.core.protocol import Door, Size

SIZES: tuple[Size, ...] = ("S", "M", "L", "XL")
LOW_BOTTOM_MM = 380
LOW_TOP_MM = 1220
"""Within reach of a seated person: the whole door between 380 and 1220 mm above the floor (ADA 308.2 and 309: 15 to
48 inches)."""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a thing asks of its compartment."""

    size: Size
    low: bool = False


def within_reach(one: Fitted) -> bool:
    """Whether a seated person reaches all of this door."""
    return one.bottom_mm >= LOW_BOTTOM_MM and one.top_mm <= LOW_TOP_MM


def proven_empty(evidence: Evidence, number: int, doors: Mapping[int, Door]) -> bool:
    """Promise 4: the log says empty and not open since, the sensor says closed now, nothing blocks it, and no intent
    waits for its outcome. *Unknown* is never *closed*."""
    one = evidence.compartment(number)
    quiet = not one.blocked and not evidence.intents_on(number)
    return one.content == "empty" and one.door != "open" and doors.get(number) == "closed" and quiet


def choose(
    evidence: Evidence, fitted: Iterable[Fitted], need: Need, *, doors: Mapping[int, Door], taken: Collection[int] = ()
) -> int | None:
    """The number of the smallest compartment that fits and is proven empty, or None.

    `doors`: what the sensors show now. `taken`: numbers kept out for other reasons (the centre's blocks, a handover
    known or wished there). A thing that need not be low leaves the low ones to others while it can.
    """
    fits = [
        one
        for one in fitted
        if SIZES.index(one.size) >= SIZES.index(need.size)
        and (within_reach(one) or not need.low)
        and one.number not in taken
        and proven_empty(evidence, one.number, doors)
    ]
    fits.sort(key=lambda one: (SIZES.index(one.size), within_reach(one) and not need.low, one.number))
    return fits[0].number if fits else None
