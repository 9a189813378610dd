"""The page behind the link in the mail, while the wall fails."""

from __future__ import annotations

from typing import Any

import pytest

from tests.central.faces.citizen.portal import Browser, Portal
from tests.central.lockers.test_the_way_of_a_thing import waiting
from tests.central.lockers.wall import Wall

NO_DAYS_LOST = "U verliest hierdoor geen dagen"
MAYBE_NOT = "De automaat werkt nu misschien niet. Bel ons voor u komt."


def page(portal: Portal, link: str) -> str:
    return Browser(portal).text(f"/r/{link}/")


def fails(portal: Portal, wall: Wall) -> None:
    """The wall says that its doors cannot be opened."""
    wall.states(doors=dict.fromkeys(range(1, 10), "unknown"), buses={"main": "silent"})


@pytest.mark.parametrize("borrows", [False, True])
def test_who_waits_for_a_wall_that_fails_reads_that_no_day_is_lost_unless_it_is_a_loan(
    portal: Portal, *, borrows: bool
) -> None:
    """The days of a loan stay its days (`deadlines.no_later`)."""
    with portal.acting():
        town, wall = portal.town, Wall(portal.town)
        asked: Any = town.asks_to_borrow() if borrows else town.asks()
        link = town.link_of(asked)
        waiting(town, wall, 4, request=asked)
        fails(portal, wall)
    said = page(portal, link)
    assert (MAYBE_NOT in said, NO_DAYS_LOST in said) == (True, not borrows)


def test_a_borrower_who_cannot_bring_it_back_reads_that_no_day_is_lost(portal: Portal) -> None:
    with portal.acting():
        town, wall = portal.town, Wall(portal.town)
        asked: Any = town.asks_to_borrow()
        link = town.link_of(asked)
        out = waiting(town, wall, 4, request=asked)
        wall.gives(out, 4)
        town.follows()
        fails(portal, wall)
    assert NO_DAYS_LOST in page(portal, link)
