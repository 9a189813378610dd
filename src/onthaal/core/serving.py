"""Whether a wall can serve somebody now: what decides if a deadline runs (promise 14). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from onthaal.core.evidence import Block
from onthaal.core.placement import SIZES
from onthaal.core.protocol import Door, Size

OPENS_ALL_THE_SAME = frozenset({Block.SENSOR_SUSPECT, Block.UNEXPECTED_CONTENT})
"""Blocks that keep new things out, and keep no addressee from their own. One that did not open may open at the next
try, but nobody can count on it."""


class WallNow(msgspec.Struct, frozen=True, kw_only=True):
    """A wall as it told its state last, and what the centre keeps out of use there."""

    silent: bool = False
    doors: Mapping[int, Door] = {}
    contents: Mapping[int, Literal["empty", "holds", "unknown"]] = {}
    blocked: Mapping[int, frozenset[str]] = {}
    """Every reason, whoever set it, by door."""

    @property
    def stopped(self) -> bool:
        """Nothing opens at all: it does not answer, or another door moved than the one asked for."""
        return self.silent or any(Block.MAPPING_FAULT in reasons for reasons in self.blocked.values())


def opens(wall: WallNow, door: int) -> bool:
    """Whether what lies behind this door can be collected now. A door that is *unknown* has no bus that answers."""
    in_use = wall.blocked.get(door, frozenset()) <= OPENS_ALL_THE_SAME
    return not wall.stopped and in_use and wall.doors.get(door, "unknown") != "unknown"


def takes_in(wall: WallNow, sizes: Mapping[int, Size], size: Size) -> bool:
    """Whether a thing of this size can be brought back now: a door large enough is free. `sizes`: of every door."""
    return not wall.stopped and any(
        SIZES.index(fits) >= SIZES.index(size)
        and wall.contents.get(door) == "empty"
        and wall.doors.get(door) == "closed"
        and not wall.blocked.get(door)
        for door, fits in sizes.items()
    )
