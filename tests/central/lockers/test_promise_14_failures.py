"""Promise 14, the centre's part: a wall that fails moves deadlines, keeps the thing reserved, and staff is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from onthaal.core import deadlines, facts
from tests.central.lockers.test_the_way_of_a_thing import waiting
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def later(town: Town, out: Any) -> timedelta:
    """How much later it may be collected now."""
    before = out.collect_by
    out.refresh_from_db()
    moved: timedelta = out.collect_by - before
    return moved


def test_promise_14_a_door_that_did_not_open_costs_nobody_a_day(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=1)
    kiosk = f"kiosk:{town.seeded.kiosk.pk}"
    wall.tells(facts.OpenNotDetected(intent="i1", compartment=1))
    town.follows()
    assert later(town, out) == timedelta(days=1)
    assert out.stage == "waiting"
    assert ("not-opened", kiosk) in town.tasks()
    assert ("not-opened", kiosk) in town.alerts()
    assert [notice.kind for notice in town.posts() if notice.about == f"handover:{out.pk}"] == ["door-trouble"]


def test_promise_14_only_what_lies_behind_that_door_waits_longer(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=1)
    wall.tells(facts.OpenNotDetected(intent="i1", compartment=2))
    town.follows()
    assert later(town, out) == timedelta(0)


def test_promise_14_a_long_silence_of_a_bus_is_given_back(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=1)
    wall.tells(facts.BusSilent(bus="main", compartments=(1, 2)))
    town.clock.turn(hours=30)
    wall.tells(facts.BusRestored(bus="main"))
    town.follows()
    assert later(town, out) == timedelta(days=2)
    assert "bus-silent" not in {kind for kind, _ in town.alerts()}


def test_promise_14_a_hiccup_of_a_bus_changes_nothing(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=1)
    wall.tells(facts.BusSilent(bus="main", compartments=(1, 2)))
    town.clock.turn(minutes=5)
    wall.tells(facts.BusRestored(bus="main"))
    town.follows()
    assert later(town, out) == timedelta(0)


def test_promise_14_nothing_is_recalled_while_its_wall_is_silent(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention
    from onthaal.central.foundation.journal import actions as journal
    from onthaal.central.lockers.handovers import jobs

    out, kiosk = waiting(town, wall), town.seeded.kiosk.pk
    town.clock.turn_to(out.collect_by - timedelta(hours=2))
    journal.note(stream=f"kiosk:{kiosk}", kind="kiosk.silent", about={"kiosk": kiosk})
    attention.raise_alert(kind="kiosk-silent", level="warning", about=f"kiosk:{kiosk}")
    town.clock.turn(hours=30)
    jobs.tick(town.clock.now())
    out.refresh_from_db()
    assert out.stage == "waiting"
    attention.alert_over("kiosk-silent", f"kiosk:{kiosk}")
    journal.note(stream=f"kiosk:{kiosk}", kind="kiosk.back", about={"kiosk": kiosk})
    town.follows()
    jobs.tick(town.clock.now())
    assert later(town, out) == timedelta(days=2)
    assert (out.stage, out.collect_by > town.clock.now()) == ("waiting", True)
    assert out.collect_by == deadlines.end_of(deadlines.day_of(out.collect_by))
