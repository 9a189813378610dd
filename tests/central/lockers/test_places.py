"""Places: what the centre keeps out of use, what a wall's file says, and that each change reaches the wall."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core import facts
from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def door(number: int) -> Any:
    from onthaal.central.lockers.places.models import Compartment

    return Compartment.objects.get(number=number)


def test_a_block_keeps_a_compartment_out_of_use_until_it_is_lifted(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.places import actions, queries

    kiosk, version = town.seeded.kiosk.pk, town.wish_version()
    actions.block(compartment_id=door(3).pk, by=town.clerk, reason="scharnier kapot")
    assert actions.block(compartment_id=door(3).pk, by=town.clerk, reason="nog eens").reason == "scharnier kapot"
    assert [block.compartment.number for block in queries.open_blocks(kiosk)] == [3]
    actions.lift_block(compartment_id=door(3).pk, by=town.technician)
    actions.lift_block(compartment_id=door(3).pk, by=town.technician)
    assert list(queries.open_blocks(kiosk)) == []
    assert town.wish_version() == version + 2
    journal = [entry for entry in town.journal(f"kiosk:{kiosk}") if entry.kind in {"kiosk.blocked", "kiosk.released"}]
    assert [(entry.kind, entry.about["compartment"], entry.by) for entry in journal] == [
        ("kiosk.blocked", 3, str(town.clerk.pseudonym)),
        ("kiosk.released", 3, str(town.technician.pseudonym)),
    ]
    assert "scharnier" not in str([entry.data for entry in journal])


def test_a_block_needs_a_reason(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.places import actions

    with pytest.raises(Refusal) as no:
        actions.block(compartment_id=door(3).pk, by=town.clerk, reason="  ")
    assert no.value.why is Why.REASON_MISSING


def test_the_walls_own_file_says_which_doors_there_are(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.places import queries

    kiosk = town.seeded.kiosk.pk
    assert [one.number for one in queries.compartments(kiosk)] == list(range(1, 10))
    fitted = facts.Fitted(number=1, size="L", bottom_mm=500, top_mm=900, presence=False)
    wall.tells(facts.Configured(compartments=(fitted,)))
    (only,) = queries.compartments(kiosk)
    assert (only.number, only.size, only.bottom_mm, only.top_mm, only.presence) == (1, "L", 500, 900, False)


def test_seeding_twice_changes_nothing(town: Town) -> None:
    from onthaal.central.lockers.catalogue.models import Item, Product
    from onthaal.central.lockers.catalogue.seeds import seed_aalter

    again = seed_aalter()
    assert again == town.seeded
    assert (Product.objects.count(), Item.objects.count()) == (5, 6)
    assert all(len(bytes.fromhex(str(item.tag))) == 12 for item in again.items), "an EPC has 96 bits"


def test_every_follower_hangs_on_an_entry_and_is_found_by_its_name() -> None:
    from onthaal.central.followers import FOLLOWERS
    from onthaal.central.foundation.journal import followers

    for table in FOLLOWERS.values():
        for follower in table:
            assert followers.named(followers.name_of(follower)) is follower
