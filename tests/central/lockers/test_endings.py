"""Handovers that end otherwise than through a wall: the thing came back by another way, or it is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from onthaal.core import deadlines
from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.test_the_way_of_a_thing import borrowed, holder, out_of
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def ending() -> Any:
    from onthaal.central.lockers.handovers import ending

    return ending


def loaded_while_on_loan(town: Town, wall: Wall) -> Any:
    """Bram's case lies in the wall for the next club, and nobody saw it come back. Bram's handover out."""
    asked = town.confirmed(town.asks_to_borrow(12, 13, "chiro@aalter.example"))
    out = borrowed(town, wall)
    from onthaal.central.lockers.requests import actions

    following = actions.accept(request_id=asked.pk, by=town.clerk).handover
    assert following is not None
    assert following.item_id == out.item_id
    wall.loads(following, 5)
    town.follows()
    return out


def reminded_later(town: Town, back: Any) -> list[str]:
    """The kinds of mail that go about a loan once its days are over."""
    from onthaal.central.lockers.handovers import jobs

    for moment in (deadlines.return_reminder(back.ends_on), deadlines.overdue_reminder(back.ends_on)):
        town.clock.turn_to(moment + timedelta(minutes=1))
        jobs.tick(town.clock.now())
        town.follows()
    return [notice.kind for notice in town.posts() if notice.about == f"handover:{back.pk}"]


def test_a_thing_loaded_while_on_loan_asks_staff_whether_it_is_back(town: Town, wall: Wall) -> None:
    out = loaded_while_on_loan(town, wall)
    assert ("still-on-loan", f"handover:{out.back.pk}") in town.tasks()


def test_staff_ends_the_loan_of_a_thing_that_is_back_and_it_stays_where_it_lies(town: Town, wall: Wall) -> None:
    out = loaded_while_on_loan(town, wall)
    back = ending().came_back(handover_id=out.back.pk, by=town.clerk)
    town.follows()
    assert (back.stage, holder(out)) == ("cancelled", "compartment")
    assert ("still-on-loan", f"handover:{back.pk}") not in town.tasks()
    assert {grant.status for grant in back.grants.all()} == {"revoked"}
    out.request.refresh_from_db()
    assert (out.request.status, out.request.promise.live) == ("done", False)
    assert reminded_later(town, back) == []
    assert "handover.came-back" in town.kinds(f"handover:{back.pk}")


def test_a_thing_in_the_wall_is_not_received_at_the_desk(town: Town, wall: Wall) -> None:
    out = loaded_while_on_loan(town, wall)
    with pytest.raises(Refusal) as no:
        ending().received_at_desk(handover_id=out.back.pk, by=town.clerk)
    assert no.value.why is Why.MOVE_NOT_ALLOWED
    assert holder(out) == "compartment"


def test_what_the_borrower_has_did_not_come_back_by_itself(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    with pytest.raises(Refusal) as no:
        ending().came_back(handover_id=out.back.pk, by=town.clerk)
    assert no.value.why is Why.MOVE_NOT_ALLOWED


def test_a_lost_loan_ends_and_its_borrower_is_left_alone(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.catalogue import queries

    out = lent
    ending().lost(handover_id=out.back.pk, by=town.clerk, reason="Bram vindt de koffer niet meer.")
    town.follows()
    out.back.refresh_from_db()
    out.request.refresh_from_db()
    assert (out.back.stage, holder(out), out.request.status) == ("cancelled", "lost", "done")
    assert out.item_id not in queries.lendable(town.seeded.material.pk)
    assert {grant.status for grant in out.back.grants.all()} == {"revoked"}
    assert reminded_later(town, out.back) == []


def test_why_it_is_lost_stands_with_the_handover_and_not_in_the_journal(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    ending().lost(handover_id=out.back.pk, by=town.clerk, reason="Bram vindt de koffer niet meer.")
    out.back.refresh_from_db()
    assert out.back.resolution == "Bram vindt de koffer niet meer."
    (entry,) = [entry for entry in town.journal(f"handover:{out.back.pk}") if entry.kind == "handover.lost"]
    assert (entry.by, entry.data) == (str(town.clerk.pseudonym), {"was": "planned"})


def test_nothing_is_lost_without_a_reason_nor_while_it_lies_in_the_wall(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    for reason, why in ((" ", Why.REASON_MISSING), ("weg", Why.MOVE_NOT_ALLOWED)):
        with pytest.raises(Refusal) as no:
            ending().lost(handover_id=out.pk, by=town.clerk, reason=reason)
        assert no.value.why is why
    assert holder(out) == "compartment"


def test_who_counted_on_a_thing_that_is_nowhere_hears_it(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers.models import Stay

    out = waits
    wall.disputes(out, 1)
    town.follows()
    ending().lost(handover_id=out.pk, by=town.clerk, reason="Het kluisje was leeg.")
    town.follows()
    out.request.refresh_from_db()
    assert (holder(out), out.request.status, town.tasks(), town.alerts()) == ("lost", "lapsed", set(), set())
    assert not Stay.objects.filter(handover=out, until=None).exists()
    assert "lost" in [notice.kind for notice in town.posts()]


def test_a_lost_case_takes_its_own_return_along(town: Town, wall: Wall) -> None:
    out = out_of(town.accepted(town.asks_to_borrow()))
    ended = ending().lost(handover_id=out.pk, by=town.clerk, reason="Hij staat nergens meer.")
    town.follows()
    assert {(one.direction, one.stage) for one in ended} == {("out", "cancelled"), ("back", "cancelled")}
    out.request.refresh_from_db()
    assert (out.request.status, out.request.promise.live) == ("lapsed", False)


def test_who_was_promised_the_lost_thing_too_is_not_forgotten(town: Town, wall: Wall) -> None:
    asked = town.confirmed(town.asks_to_borrow(12, 13, "chiro@aalter.example"))
    out = borrowed(town, wall)
    from onthaal.central.lockers.requests import actions

    following = actions.accept(request_id=asked.pk, by=town.clerk).handover
    assert following is not None
    assert following.item_id == out.item_id
    ending().lost(handover_id=out.back.pk, by=town.clerk, reason="Verbrand.")
    town.follows()
    assert ("thing-lost", f"handover:{following.pk}") in town.tasks()


def test_what_was_lost_and_is_found_is_lent_again_from_the_desk(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.catalogue import actions, queries

    out = lent
    ending().lost(handover_id=out.back.pk, by=town.clerk, reason="Kwijt.")
    actions.back_in_service(item_id=out.item_id, by=town.clerk)
    assert holder(out) == "desk"
    assert out.item_id in queries.lendable(town.seeded.material.pk)
    assert town.kinds(f"item:{out.item_id}")[-2:] == ["item.retired", "item.back-in-service"]
    with pytest.raises(Refusal) as no:
        actions.back_in_service(item_id=out.item_id, by=town.clerk)
    assert no.value.why is Why.MOVE_NOT_ALLOWED


def test_a_lost_thing_is_missing_on_the_days_that_can_be_asked(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.catalogue import queries

    material = town.seeded.material.pk
    out = lent
    day = town.clock.today() + timedelta(days=20)
    before = queries.free_between(material, first=day, last=day)
    ending().lost(handover_id=out.back.pk, by=town.clerk, reason="Kwijt.")
    town.follows()
    assert queries.free_between(material, first=day, last=day) == before - 1
