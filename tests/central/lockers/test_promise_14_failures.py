"""Promise 14, the centre's part: a wall that fails moves deadlines, keeps the thing reserved, and staff is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

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


def test_promise_14_a_door_that_did_not_open_costs_nobody_a_day(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    door = f"kiosk:{town.seeded.kiosk.pk}:door:1"
    wall.tells(facts.OpenNotDetected(intent="i1", compartment=1))
    town.follows()
    assert later(town, out) == timedelta(days=1)
    assert out.stage == "waiting"
    assert ("not-opened", door) in town.tasks()
    assert ("not-opened", door) in town.alerts()
    assert [notice.kind for notice in town.posts() if notice.about == f"handover:{out.pk}"] == ["door-trouble"]


def test_promise_14_only_what_lies_behind_that_door_waits_longer(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    wall.tells(facts.OpenNotDetected(intent="i1", compartment=2))
    town.follows()
    assert later(town, out) == timedelta(0)


FAILURES: dict[str, dict[str, Any]] = {
    "its bus is silent": {"doors": {1: "unknown"}, "buses": {"main": "silent"}},
    "its door jams": {"blocked": {1: ("did-not-open",)}},
    "its door was left open": {"blocked": {1: ("left-open",)}},
    "its door was forced": {"blocked": {1: ("forced",)}},
    "another door moved": {"blocked": {7: ("mapping-fault",)}},
}


def ticks(town: Town) -> None:
    """The worker does what is due, and what follows from that."""
    from onthaal.central.web import jobs

    for work in jobs.OFTEN:
        work(town.clock.now())
    town.follows()


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_promise_14_nothing_is_recalled_while_it_cannot_be_opened(
    town: Town, wall: Wall, waits: Any, failure: dict[str, Any]
) -> None:
    out = waits
    town.clock.turn_to(out.collect_by - timedelta(hours=2))
    wall.states(**failure)
    town.clock.turn(hours=36)
    wall.states(**failure)
    ticks(town)
    assert (later(town, out), out.stage, out.reminder_at is None) == (timedelta(0), "waiting", False)
    wall.states()
    ticks(town)
    assert later(town, out) == timedelta(days=2)
    assert (out.stage, out.collect_by > town.clock.now(), out.stuck_since) == ("waiting", True, None)
    assert out.collect_by == deadlines.end_of(deadlines.day_of(out.collect_by))
    mails = [notice.kind for notice in town.posts() if notice.about == f"handover:{out.pk}"]
    assert mails == ["door-trouble", "reminder"]


def test_promise_14_only_what_cannot_be_opened_waits_longer(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    town.clock.turn_to(out.collect_by - timedelta(hours=2))
    wall.states(blocked={2: ("forced",), 1: ("sensor-suspect",)})
    town.clock.turn(hours=30)
    wall.states(blocked={2: ("forced",)})
    ticks(town)
    out.refresh_from_db()
    assert out.stage == "recalled"


def test_promise_14_a_compartment_that_the_desk_blocked_costs_nobody_a_day(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.places import actions as places
    from onthaal.central.lockers.places.models import Compartment

    out = waits
    door = Compartment.objects.get(number=1)
    places.block(compartment_id=door.pk, by=town.clerk, reason="Het slot hapert")
    wall.states()
    town.clock.turn(days=10)
    wall.states()
    ticks(town)
    assert (later(town, out), out.stage) == (timedelta(0), "waiting")
    places.lift_block(compartment_id=door.pk, by=town.clerk)
    wall.states()
    ticks(town)
    assert (later(town, out), out.stage) == (timedelta(days=11), "waiting")


def test_promise_14_a_hiccup_changes_nothing(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    wall.states(**FAILURES["its bus is silent"])
    town.clock.turn(minutes=5)
    wall.states()
    assert (later(town, out), out.stuck_since) == (timedelta(0), None)


def test_a_bus_that_answers_again_is_no_alert_any_more(town: Town, wall: Wall) -> None:
    wall.tells(facts.BusSilent(bus="main", compartments=(1, 2)))
    town.follows()
    assert "bus-silent" in {kind for kind, _ in town.alerts()}
    wall.tells(facts.BusRestored(bus="main", still=(2,)))
    town.follows()
    assert "bus-silent" in {kind for kind, _ in town.alerts()}, "one of its boards does not"
    wall.tells(facts.BusRestored(bus="main"))
    town.follows()
    assert "bus-silent" not in {kind for kind, _ in town.alerts()}


@pytest.mark.parametrize("seen", [False, True], ids=["nobody saw the alert", "somebody acknowledged the alert"])
def test_promise_14_nothing_is_recalled_while_its_wall_is_silent(
    town: Town, wall: Wall, waits: Any, *, seen: bool
) -> None:
    from onthaal.central.foundation.attention import actions as attention
    from onthaal.central.foundation.attention.models import Alert

    out = waits
    town.clock.turn_to(out.collect_by - timedelta(hours=2))
    wall.states()
    town.clock.turn(minutes=4)
    ticks(town)
    (alert,) = Alert.objects.filter(kind="kiosk-silent")
    if seen:
        attention.acknowledge(alert.pk, by=town.clerk)
    town.clock.turn(hours=30)
    ticks(town)
    assert (later(town, out), out.stage) == (timedelta(0), "waiting")
    wall.states()
    ticks(town)
    assert (later(town, out), out.stage) == (timedelta(days=2), "waiting")
    alert.refresh_from_db()
    assert alert.over_at is not None


def on_loan(town: Town, wall: Wall) -> Any:
    """Bram has the case, from Thursday until Saturday. The handover back."""
    out = waiting(town, wall, door=4, request=town.asks_to_borrow())
    wall.gives(out, 4)
    town.follows()
    town.posts()
    return out.back


FULL: dict[str, Any] = {"contents": dict.fromkeys(range(1, 10), "holds")}


@pytest.mark.parametrize(
    "failure", [FAILURES["another door moved"], {"blocked": dict.fromkeys(range(4, 10), ("forced",))}, FULL],
    ids=["the wall was stopped", "every door large enough is out of use", "the wall is full"],
)  # fmt: skip
def test_promise_14_nobody_is_dunned_while_the_wall_takes_nothing_back(
    town: Town, wall: Wall, failure: dict[str, Any]
) -> None:
    back = on_loan(town, wall)
    last = back.ends_on
    town.clock.turn_to(deadlines.start_of(last) - timedelta(hours=20))
    wall.states(**failure)
    town.clock.turn(hours=70)
    wall.states(**failure)
    ticks(town)
    assert town.mails(f"handover:{back.pk}")[1:] == []
    assert "overdue" not in {kind for kind, _ in town.tasks()}
    wall.states()
    ticks(town)
    back.refresh_from_db()
    assert town.mails(f"handover:{back.pk}")[1:] == []
    assert back.ends_on == last + timedelta(days=3)
    town.clock.turn_to(deadlines.morning_of(back.ends_on) + timedelta(minutes=1))
    wall.states()
    ticks(town)
    assert [mail.kind for mail in town.mails(f"handover:{back.pk}")[1:]] == ["return-reminder"]
    town.clock.turn_to(deadlines.overdue_reminder(back.ends_on) + timedelta(minutes=1))
    wall.states()
    ticks(town)
    assert [mail.kind for mail in town.mails(f"handover:{back.pk}")[1:]] == ["return-reminder", "overdue"]


def test_a_loan_is_not_collected_after_its_last_day_whatever_failed(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=4, request=town.asks_to_borrow(1, 2))
    assert out.collect_by == deadlines.end_of(out.ends_on)
    wall.tells(facts.OpenNotDetected(intent="i1", compartment=4))
    town.follows()
    assert later(town, out) == timedelta(0)
    wall.states(**FAILURES["another door moved"])
    town.clock.turn_to(out.collect_by + timedelta(hours=2))
    wall.states()
    ticks(town)
    out.refresh_from_db()
    assert out.stage == "recalled"


def test_a_loans_mails_name_its_last_day_when_that_comes_first(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.handovers import queries

    out = waiting(town, wall, door=4, request=town.asks_to_borrow(1, 2))
    (ready,) = [mail for mail in town.mails(f"handover:{out.pk}") if mail.kind == "ready"]
    assert ready.slots["until"] == queries.slots_of(out)["until"] == out.ends_on.isoformat()
    assert out.reminder_at is None
