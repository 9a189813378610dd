"""Figures: what Aalter's page about its wall must be able to say, from the journal alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.central.lockers.test_the_way_of_a_thing import waiting
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def figures() -> Any:
    from onthaal.central.lockers.figures import queries

    return queries


def this_week(town: Town) -> Any:
    return figures().Period(town.clock.today(), town.clock.today() + timedelta(days=6))


def test_who_collects_at_night_came_outside_opening_hours(town: Town, wall: Wall) -> None:
    period = this_week(town)
    first = waiting(town, wall)
    wall.gives(first, 1)  # Monday morning at ten, local time: open
    town.follows()
    second = waiting(town, wall)
    town.clock.turn(hours=13)
    wall.gives(second, 1)
    assert figures().outside_opening_hours(period) == figures().Share(1, 2)
    assert figures().outside_opening_hours(period).percent == 50


def test_nothing_is_said_of_nothing(town: Town) -> None:
    period = this_week(town)
    assert figures().outside_opening_hours(period).percent is None
    assert figures().ready_to_collected(period).median is None
    assert figures().days_with_a_collection(period) == figures().Share(0, 7)


def test_ready_to_collected_is_counted_from_the_mail(town: Town, wall: Wall) -> None:
    period = this_week(town)
    out = waiting(town, wall)
    town.clock.turn(hours=5)
    wall.gives(out, 1)
    took = figures().ready_to_collected(period)
    assert took.times == 1
    assert abs(took.median - timedelta(hours=5)) < timedelta(minutes=1)
    assert figures().ready_to_collected(period, product_id=town.seeded.material.pk).times == 0


def test_a_day_counts_once_however_many_come(town: Town, wall: Wall) -> None:
    period = this_week(town)
    for _ in range(2):
        wall.gives(waiting(town, wall), 1)
        town.follows()
    assert figures().days_with_a_collection(period) == figures().Share(1, 7)


def test_the_stock_count_sheet_says_what_lies_behind_each_door(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=7)
    (line,) = figures().stock_count(town.seeded.kiosk.pk)
    assert (line.door, line.label, line.stage) == (7, out.item.label, "waiting")


def test_the_journal_of_a_thing_tells_its_whole_way(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    wall.takes_back(out.back, 5)
    entries = figures().journal_of_item(out.item_id)
    kinds = [entry.kind for entry in entries if entry.kind.startswith("handover")]
    assert [kinds[0], kinds[-1]] == ["handover.planned", "handover.returned"]
    lines = list(figures().exported(entries))
    assert lines[0].startswith("at,kind,by,")
    assert len(lines) == len(entries) + 1
    assert "bram" not in "".join(lines).lower()


def test_who_held_a_thing_is_told_with_the_grade_of_each_move(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.catalogue import queries

    out = lent
    held = [(one.holder, one.grade) for one in queries.custody_of(out.item_id)]
    assert held == [("citizen", "B"), ("compartment", "B"), ("desk", "")]
    assert [loan.pk for loan in figures().open_loans()] == [out.back.pk]
