"""Which walls can serve whom now: what they told last, the centre's blocks, and what is asked of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import cast

import msgspec

from onthaal.central.lockers.devices.models import KioskState
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.models import Block, Compartment
from onthaal.core import serving
from onthaal.core.lifecycles import Direction
from onthaal.core.protocol import Size, State
from onthaal.core.serving import WallNow


class Wall(msgspec.Struct, frozen=True):
    """A wall as it is now, and the sizes of its doors."""

    now: WallNow
    sizes: Mapping[int, Size]


def walls() -> dict[int, Wall]:
    """Kiosk id → wall, of those that ever told their state."""
    sizes: defaultdict[int, dict[int, Size]] = defaultdict(dict)
    for kiosk, number, size in Compartment.objects.filter(removed_at=None).values_list("kiosk", "number", "size"):
        sizes[kiosk][number] = cast("Size", size)
    blocks: defaultdict[int, set[int]] = defaultdict(set)
    blocked = Block.objects.filter(lifted_at=None).values_list("compartment__kiosk", "compartment__number")
    for kiosk, number in blocked:
        blocks[kiosk].add(number)
    return {
        state.kiosk_id: Wall(_now(state, blocks[state.kiosk_id]), sizes[state.kiosk_id])
        for state in KioskState.objects.all()
    }


def _now(row: KioskState, blocks: set[int]) -> WallNow:
    told = msgspec.convert(row.told, State, strict=False, str_keys=True)
    reasons = {door: frozenset(told.blocked.get(door, ())) for door in told.doors}
    return WallNow(
        silent=row.silent_since is not None,
        doors=told.doors,
        contents=told.contents,
        blocked=reasons | {door: reasons.get(door, frozenset()) | {"centre"} for door in blocks},
    )


def can_be_served(walls: Mapping[int, Wall], handover: Handover) -> bool:
    """Whether its addressee can collect it now, or bring it back. Nothing is known against a wall that told nothing."""
    wall = walls.get(handover.kiosk_id)
    if wall is None:
        return True
    if handover.direction == Direction.BACK:
        return serving.takes_in(wall.now, wall.sizes, cast("Size", handover.product.size))
    return handover.compartment is None or serving.opens(wall.now, handover.compartment.number)
