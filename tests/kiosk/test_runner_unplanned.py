"""Where a thing goes that comes back to a wall which has no plan for it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from onthaal.core import facts as f
from onthaal.core.evidence import Evidence
from onthaal.core.folding import after
from onthaal.core.protocol import Loan, Size
from onthaal.kiosk.runner import answers
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.state import Thing
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import MATERIAL, TAG, all_closed, as_facts, fitted, wishes

WALL = fitted("S", "M", "L")
LENT = Loan(item=9, tag=TAG, product=MATERIAL)


class Shut:
    """Sensors that show every door closed."""

    def doors(self) -> dict[int, Any]:
        return all_closed(WALL)

    def presence(self) -> dict[int, bool | None]:
        return {}


def empty_wall(size: Size | None) -> Truth:
    """All seen empty; the product of the lent thing needs this size, by the wishes."""
    plain = wishes(loans=(LENT,))
    rules = tuple(msgspec.structs.replace(rule, size=size) for rule in plain.products)
    log = as_facts(*(f.SeenEmpty(compartment=one.number, staff="staff-cleo") for one in WALL))
    evidence = Evidence.empty()
    for fact in log:
        evidence = after(evidence, fact)
    return Truth(msgspec.structs.replace(plain, products=rules), evidence, log, WALL)


@pytest.mark.parametrize(("size", "door"), [("S", 1), ("M", 2), ("L", 3), (None, 2)])
def test_a_thing_lent_at_another_wall_goes_where_its_product_fits(size: Size | None, door: int) -> None:
    placed = answers.of_place(empty_wall(size), Shut(), Thing(item=LENT.item, tag=TAG, tagged=True, back=True))
    assert isinstance(placed, told.Placed)
    assert placed.spot.compartment == door


def test_a_thing_too_large_for_this_wall_is_told_so() -> None:
    placed = answers.of_place(empty_wall("XL"), Shut(), Thing(item=LENT.item, tag=TAG, tagged=True, back=True))
    assert isinstance(placed, told.NoPlace)
