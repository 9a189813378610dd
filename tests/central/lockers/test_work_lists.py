"""The order of the work lists, and what each of them counts."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core import facts
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def counted(tab: str) -> tuple[int, list[Any]]:
    """How many the tab says, and which requests stand under it."""
    from onthaal.central.lockers.requests import queries

    return queries.counts()[tab], [request.pk for request in queries.worklist(tab)]


def test_what_was_asked_first_stands_above_loans_far_ahead(town: Town) -> None:
    later = [town.confirmed(town.asks_to_borrow(20 + day, 20 + day, f"club{day}@aalter.example")) for day in (2, 0, 1)]
    town.clock.turn(days=1)
    voucher = town.confirmed(town.asks())
    town.clock.turn(days=3)
    soon = town.confirmed(town.asks_to_borrow(1, 2, "morgen@aalter.example"))
    today = town.confirmed(town.asks("vandaag@winkel.example"))
    first, second, third = later
    assert counted("new")[1] == [voucher.pk, today.pk, soon.pk, second.pk, third.pk, first.pk]


def test_the_day_on_which_somebody_asked_is_the_day_in_belgium(town: Town) -> None:
    """At half past midnight it is still yesterday in UTC."""
    loan = town.confirmed(town.asks_to_borrow(1, 1, "morgen@aalter.example"))
    town.clock.turn(hours=14, minutes=30)
    voucher = town.confirmed(town.asks())
    assert loan.starts_on == town.clock.today()
    assert counted("new")[1] == [loan.pk, voucher.pk]


def test_a_loan_counts_as_lent_until_it_lies_in_the_wall_again(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    mine = out.request.pk
    assert (counted("on-loan"), counted("in-wall")) == ((1, [mine]), (0, []))
    wall.takes_back(out.back, 5)
    town.follows()
    assert (counted("on-loan"), counted("in-wall")) == ((0, []), (1, [mine]))
    wall.is_emptied(out.back, 5)
    town.follows()
    assert (counted("on-loan"), counted("in-wall"), counted("closed")) == ((0, []), (0, []), (1, [mine]))


def test_a_return_in_doubt_is_looked_for_in_the_wall(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    wall.takes_back(out.back, 5)
    wall.tells(facts.Disputed(handover=out.back.pk, compartment=5, why="crash-open"))
    town.follows()
    assert (counted("on-loan")[0], counted("in-wall")[0]) == (0, 1)


def test_who_looks_for_a_name_that_many_have_hears_that_there_are_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onthaal.central.lockers.requests import queries

    monkeypatch.setattr(queries, "A_PAGE", 2)
    older, old = (town.confirmed(town.asks(f"jan{number}@aalter.example", name="Jan Janssens")) for number in (1, 2))
    assert [one.pk for one in queries.found("janssens").rows] == [old.pk, older.pk]
    assert not queries.found("janssens").more
    new = town.confirmed(town.asks("jan@aalter.example", name="Jan Janssens"))
    found = queries.found("janssens")
    assert ([one.pk for one in found.rows], found.more) == ([new.pk, old.pk], True)
