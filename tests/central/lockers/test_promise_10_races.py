"""Promise 10 (loans; halls come later) and the other things that must be impossible in the database, raced for real."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.conftest import municipality
from tests.central.lockers.racing import held_open, race
from tests.central.lockers.town import Town, turned_clock
from tests.central.lockers.wall import Wall

RACERS = 4


@pytest.fixture
def committed_town(committed: None, clock: turned_clock) -> Town:
    """Aalter with its wall, committed: threads see it."""
    from onthaal.central.foundation.tenancy import acting_for

    aalter = municipality("aalter", "aalter.example")
    with acting_for(aalter.pk):
        town = Town.founded(clock)
        Wall(town)
    town.municipality = aalter.pk
    return town


def saves(row: Any) -> Any:
    def save() -> Any:
        row.save()
        return row

    return save


def refused_by(outcome: Any, constraint: str) -> bool:
    from django.db import IntegrityError

    return isinstance(outcome, IntegrityError) and constraint in str(outcome)


def test_promise_10_two_overlapping_promises_of_one_item_cannot_both_be_written(committed_town: Town) -> None:
    from onthaal.central.lockers.catalogue.models import Promise

    item = committed_town.seeded.items[0]
    first = Promise(item=item, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 4))
    second = Promise(item=item, starts_on=date(2026, 12, 4), ends_on=date(2026, 12, 5))
    won, lost = held_open(committed_town.municipality, saves(first), saves(second))
    assert won is first
    assert refused_by(lost, "promises_never_overlap")


def test_promise_10_of_many_clerks_who_promise_the_last_item_one_succeeds(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.catalogue.models import Item, Promise
    from onthaal.central.lockers.requests import actions

    town = committed_town
    with acting_for(town.municipality):
        last = town.seeded.items[0]
        Item.objects.exclude(pk=last.pk).update(retired_at=town.clock.now())
        asked = [town.confirmed(town.asks_to_borrow(3, 5, f"club{n}@aalter.example")).pk for n in range(RACERS)]

    def accepts(request: int) -> Any:
        return lambda: actions.accept(request_id=request, by=town.clerk)

    outcomes = race(town.municipality, [accepts(request) for request in asked])
    refusals = [outcome.why for outcome in outcomes if isinstance(outcome, Refusal)]
    assert refusals == [Why.NO_ITEM_FREE] * (RACERS - 1), outcomes
    with acting_for(town.municipality):
        assert Promise.objects.filter(live=True).count() == 1


def test_promise_10_clerks_who_accept_at_once_all_succeed_while_there_are_items(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests import actions

    town = committed_town
    with acting_for(town.municipality):
        asked = [town.confirmed(town.asks_to_borrow(3, 5, f"club{n}@aalter.example")).pk for n in range(RACERS)]

    def accepts(request: int) -> Any:
        return lambda: actions.accept(request_id=request, by=town.clerk)

    outcomes = race(town.municipality, [accepts(request) for request in asked])
    assert len({outcome.promise.item_id for outcome in outcomes}) == RACERS


def test_promise_10_who_prepares_a_case_while_its_promise_moves_has_the_one_it_moved_to(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.catalogue.models import Item
    from onthaal.central.lockers.requests import actions

    town = committed_town
    with acting_for(town.municipality):
        for item in town.seeded.items[2:]:
            Item.objects.filter(pk=item.pk).update(retired_at=town.clock.now())
        town.accepted(town.asks_to_borrow(1, 2, "een@aalter.example"))
        town.accepted(town.asks_to_borrow(1, 4, "twee@aalter.example"))
        late = town.accepted(town.asks_to_borrow(5, 6, "drie@aalter.example"))
        long = town.confirmed(town.asks_to_borrow(3, 6, "vier@aalter.example"))
        assert late.promise is not None
        was = late.promise.item_id

    def prepares() -> Any:
        ready = actions.prepared(request_id=late.pk, by=town.clerk)
        assert ready.handover is not None
        assert ready.promise is not None
        return {ready.handover.item_id, ready.handover.back.item_id, ready.promise.item_id}

    def accepts() -> Any:
        return actions.accept(request_id=long.pk, by=town.clerk).promise

    moved, seen = held_open(town.municipality, accepts, prepares)
    assert moved.item_id == was
    assert seen == {town.seeded.items[1].pk} != {was}


def test_promise_10_what_was_prepared_meanwhile_does_not_move(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.catalogue.models import Item
    from onthaal.central.lockers.requests import actions

    town = committed_town
    with acting_for(town.municipality):
        for item in town.seeded.items[2:]:
            Item.objects.filter(pk=item.pk).update(retired_at=town.clock.now())
        town.accepted(town.asks_to_borrow(1, 2, "een@aalter.example"))
        town.accepted(town.asks_to_borrow(1, 4, "twee@aalter.example"))
        late = town.accepted(town.asks_to_borrow(5, 6, "drie@aalter.example"))
        long = town.confirmed(town.asks_to_borrow(3, 6, "vier@aalter.example"))
    ready, no = held_open(
        town.municipality,
        lambda: actions.prepared(request_id=late.pk, by=town.clerk),
        lambda: actions.accept(request_id=long.pk, by=town.clerk),
    )
    assert (ready.promise_id, getattr(no, "why", no)) == (late.promise_id, Why.NO_ITEM_FREE)


def test_promise_3_two_current_holders_of_one_item_cannot_both_be_written(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.catalogue.models import Custody

    town, now = committed_town, committed_town.clock.now()
    item = town.seeded.items[0]
    with acting_for(town.municipality):
        Custody.objects.filter(item=item).update(until=now)
    desk = Custody(item=item, holder="desk", since=now)
    lost = Custody(item=item, holder="lost", since=now)
    won, other = held_open(town.municipality, saves(desk), saves(lost))
    assert won is desk
    assert refused_by(other, "one_holder_per_item")


def test_two_contents_of_one_compartment_cannot_both_be_written(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.handovers.models import Stay
    from onthaal.central.lockers.places.models import Compartment

    town = committed_town
    with acting_for(town.municipality):
        outs = [town.accepted(town.asks(f"winkel{n}@aalter.example")).handover for n in range(2)]
        door = Compartment.objects.get(number=1)
    stays = [Stay(handover=out, compartment=door, since=town.clock.now()) for out in outs]
    won, lost = held_open(town.municipality, *[saves(stay) for stay in stays])
    assert won is stays[0]
    assert refused_by(lost, "one_content_per_compartment")


def test_one_address_asking_twice_at_once_has_one_live_request(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests.models import Request

    town = committed_town
    outcomes = race(town.municipality, [lambda: town.asks(origin="203.0.113.1")] * RACERS)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    with acting_for(town.municipality):
        assert Request.objects.filter(status__in=Request.LIVE).count() == 1


def test_who_asks_the_last_time_today_at_once_from_one_origin_is_let_through_once(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests.asking import ASKED_A_DAY_PER_ORIGIN

    town = committed_town
    with acting_for(town.municipality):
        for number in range(ASKED_A_DAY_PER_ORIGIN - 1):
            town.asks(f"nummer{number}@winkel.example")
    won, lost = held_open(
        town.municipality, lambda: town.asks("een@winkel.example"), lambda: town.asks("twee@winkel.example")
    )
    assert (won.status, getattr(lost, "why", lost)) == ("unconfirmed", Why.TOO_MANY_REQUESTS)


def test_who_asks_the_last_time_today_at_once_for_one_address_is_let_through_once(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests.asking import ASKED_A_DAY_PER_ADDRESS
    from onthaal.central.lockers.requests.models import Request

    town = committed_town
    with acting_for(town.municipality):
        for _ in range(ASKED_A_DAY_PER_ADDRESS - 1):
            town.asks()
    won, lost = held_open(
        town.municipality,
        town.asks,
        lambda: town.asks_to_borrow(email="els@bloemen.example", origin="198.51.100.7"),
    )
    assert (won.status, lost) == ("unconfirmed", None)
    with acting_for(town.municipality):
        assert Request.objects.count() == ASKED_A_DAY_PER_ADDRESS


def test_two_live_requests_of_one_address_cannot_both_be_written(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests.models import Request

    town = committed_town
    with acting_for(town.municipality):
        asked = town.asks()
        assert asked is not None
        values = {name: getattr(asked, name) for name in ("product_id", "kiosk_id", "person_id", "asked_at")}
    rows = [
        Request(**values, address_key="ab" * 32, link_hash=f"{n:064}", link_expires_at=town.clock.now())
        for n in range(2)
    ]
    won, lost = held_open(town.municipality, *[saves(row) for row in rows])
    assert won is rows[0]
    assert refused_by(lost, "one_live_request_per_address")


def test_two_live_grants_of_one_selector_cannot_both_be_written(committed_town: Town) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.access.models import Grant

    town = committed_town
    with acting_for(town.municipality):
        outs = [town.accepted(town.asks(f"winkel{n}@aalter.example")).handover for n in range(2)]
        Grant.objects.update(status="revoked")
    now = town.clock.now()
    grants = [
        Grant(handover=out, kiosk=town.seeded.kiosk, selector="482", qr_verifier="ab", opens_at=now, made_at=now)
        for out in outs
        if out is not None
    ]
    won, lost = held_open(town.municipality, *[saves(grant) for grant in grants])
    assert won is grants[0]
    assert refused_by(lost, "one_live_grant_per_selector")


def test_who_loses_the_race_for_a_selector_draws_another(committed_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.access import actions as access
    from onthaal.central.lockers.access.models import Grant
    from onthaal.core.codes import Pin
    from onthaal.proofs import pins

    town = committed_town
    with acting_for(town.municipality):
        outs = [town.accepted(town.asks(f"winkel{n}@aalter.example")).handover for n in range(2)]
        Grant.objects.update(status="revoked")
    monkeypatch.setattr(pins, "draw", lambda taken: Pin(f"{len(taken):03}", "170935"))
    made = held_open(town.municipality, *[lambda out=out: access.make_grant(out, awake=True) for out in outs])
    assert sorted(grant.selector for grant in made) == ["000", "001"]
