"""Asking: it counts once confirmed, one live request an address and product, and nobody learns of another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.town import Town


def verbs() -> Any:
    from onthaal.central.lockers.requests import actions

    return actions


def secret_of(mail: Any) -> str:
    """The token in a mail not yet sent."""
    from onthaal.central.foundation.sealing import unseal

    return unseal(bytes(mail.sealed), f"notice:{mail.about}").decode()


def test_a_request_counts_once_the_link_was_followed(town: Town) -> None:
    request = town.asks()
    assert request is not None
    assert request.status == "unconfirmed"
    assert town.confirmed(request).status == "received"
    assert town.kinds(f"request:{request.pk}") == ["request.asked", "request.confirmed"]


def test_following_the_link_twice_is_harmless(town: Town) -> None:
    request = town.asks()
    town.confirmed(request)
    assert town.confirmed(request).status == "received"


def test_a_link_is_good_for_a_day(town: Town) -> None:
    request = town.asks()
    town.clock.turn(hours=24, minutes=1)
    with pytest.raises(Refusal) as no:
        town.confirmed(request)
    assert no.value.why is Why.LINK_EXPIRED


def test_a_made_up_link_says_the_same(town: Town) -> None:
    with pytest.raises(Refusal) as no:
        verbs().confirm(token="verzonnen")
    assert no.value.why is Why.LINK_EXPIRED


def test_an_accepted_voucher_has_a_label_a_plan_and_a_sleeping_grant(town: Town) -> None:
    version = town.wish_version()
    request = town.accepted(town.asks())
    out = request.handover
    assert out is not None
    assert (request.status, out.stage, out.direction) == ("accepted", "planned", "out")
    assert out.item.single_use
    assert len(out.item.label) == 8
    (grant,) = out.grants.all()
    assert grant.status == "asleep"
    assert version < grant.wish_version == town.wish_version()
    assert town.kinds(f"handover:{out.pk}") == ["handover.planned", "grant.made"]


def test_an_accepted_loan_promises_one_thing_and_plans_both_ways(town: Town) -> None:
    request = town.accepted(town.asks_to_borrow())
    assert request.promise is not None
    out = request.handover
    assert out is not None
    assert out.item == request.promise.item == out.back.item
    assert (out.back.direction, out.back.stage) == ("back", "planned")
    assert out.back.grants.count() == 0


def test_a_loan_is_for_days_to_come_and_not_for_too_many(town: Town) -> None:
    for first, last in [(0, 1), (-2, 1), (3, 2), (3, 10), (91, 92)]:
        with pytest.raises(Refusal) as no:
            town.asks_to_borrow(first, last)
        assert no.value.why is Why.PERIOD_INVALID, (first, last)
    assert town.asks_to_borrow(1, 7) is not None


def test_who_may_not_ask_for_a_product_is_not_offered_it(town: Town) -> None:
    with pytest.raises(Refusal) as no:
        town.asks(asked_for="resident")
    assert no.value.why is Why.PRODUCT_NOT_OFFERED


def test_a_product_that_may_not_lie_in_a_wall_is_not_offered(town: Town) -> None:
    town.seeded.vouchers.locker_allowed = False
    town.seeded.vouchers.save()
    with pytest.raises(Refusal) as no:
        town.asks()
    assert no.value.why is Why.PRODUCT_NOT_OFFERED


def test_nobody_learns_from_the_page_that_an_address_has_a_request(town: Town) -> None:
    request = town.confirmed(town.asks())
    assert town.asks("ELS@bloemen.example", name="Een grapjas") is None
    assert [mail.kind for mail in town.mails(f"request:{request.pk}")] == ["request-link", "request-exists"]


def test_the_note_that_a_request_exists_comes_once_a_day(town: Town) -> None:
    request = town.confirmed(town.asks())
    for _ in range(3):
        assert town.asks() is None
    assert [mail.kind for mail in town.mails(f"request:{request.pk}")].count("request-exists") == 1


def test_a_request_that_nobody_confirmed_keeps_nobody_from_asking(town: Town) -> None:
    pranked = town.asks(name="Een grapjas")
    mine = town.asks(name="Els Bloemen")
    assert mine is not None
    assert pranked is not None
    pranked.refresh_from_db()
    assert (pranked.status, pranked.person.name, pranked.person.email) == ("lapsed", "", "")


def test_nobody_elsewhere_takes_the_link_of_who_just_asked(town: Town) -> None:
    mine = town.asks()
    assert mine is not None
    town.posts()
    token_before = mine.link_hash
    assert town.asks(name="Een grapjas", origin="198.51.100.7") is None
    first, again = town.mails(f"request:{mine.pk}")
    assert (first.kind, again.kind) == ("request-link", "request-link")
    confirmed = verbs().confirm(token=secret_of(again))
    assert (confirmed.pk, confirmed.status, confirmed.person.name) == (mine.pk, "received", "Els Bloemen")
    assert confirmed.link_hash == token_before


def test_after_some_minutes_who_asks_elsewhere_begins_anew(town: Town) -> None:
    first = town.asks()
    town.clock.turn(minutes=16)
    assert first is not None
    assert town.asks(origin="198.51.100.7") is not None
    first.refresh_from_db()
    assert first.status == "lapsed"


def test_sending_a_link_again_counts_for_the_address_and_for_the_origin(town: Town) -> None:
    from onthaal.central.lockers.requests.models import Request

    mine = town.asks()
    assert mine is not None
    for _ in range(8):
        assert town.asks(origin="198.51.100.7") is None
    assert [mail.kind for mail in town.mails(f"request:{mine.pk}")] == ["request-link"] * 5
    counted = Request.objects.exclude(pk=mine.pk)
    assert {(one.status, one.person.email, one.address_key) for one in counted} == {("lapsed", "", mine.address_key)}
    assert len({one.origin_key for one in counted} | {mine.origin_key}) == 2


def test_an_address_asks_five_times_a_day_and_then_nothing_goes_out(town: Town) -> None:
    asked = [town.asks() for _ in range(6)]
    assert [request is not None for request in asked] == [True] * 5 + [False]
    town.clock.turn(days=1, minutes=1)
    assert town.asks() is not None


def test_a_prankster_at_one_computer_is_stopped(town: Town) -> None:
    for number in range(30):
        assert town.asks(f"nummer{number}@winkel.example") is not None
    with pytest.raises(Refusal) as no:
        town.asks("nog-een@winkel.example")
    assert no.value.why is Why.TOO_MANY_REQUESTS
    assert town.asks("buur@winkel.example", origin="198.51.100.7") is not None


def test_no_address_and_no_origin_stands_in_the_clear(town: Town) -> None:
    request = town.asks()
    assert request is not None
    assert "els" not in request.address_key
    assert "203.0.113.9" not in request.origin_key
    assert len(request.address_key) == len(request.origin_key) == 64


def test_unconfirmed_requests_lapse_after_a_day_and_the_person_is_erased(town: Town) -> None:
    from onthaal.central.lockers.requests import jobs

    request, kept = town.asks(), town.confirmed(town.asks("jan@winkel.example"))
    assert request is not None
    town.clock.turn(hours=25)
    assert jobs.expire_unconfirmed(town.clock.now()) == 1
    assert jobs.forget_origins(town.clock.now()) == 2
    for one in (request, kept):
        one.refresh_from_db()
    assert (request.status, request.person.email, request.origin_key) == ("lapsed", "", "")
    assert (kept.status, kept.person.email) == ("received", "jan@winkel.example")


def test_staff_refuses_with_a_reason_that_is_mailed(town: Town) -> None:
    request = town.confirmed(town.asks())
    with pytest.raises(Refusal) as no:
        verbs().refuse(request_id=request.pk, by=town.clerk, reason=" ")
    assert no.value.why is Why.REASON_MISSING
    verbs().refuse(request_id=request.pk, by=town.clerk, reason="De bonnen zijn op.")
    assert town.mails(f"request:{request.pk}")[-1].slots["reason"] == "De bonnen zijn op."
    assert town.asks() is not None


def test_an_unconfirmed_request_is_nobodys_to_accept(town: Town) -> None:
    request = town.asks()
    assert request is not None
    with pytest.raises(Refusal) as no:
        verbs().accept(request_id=request.pk, by=town.clerk)
    assert no.value.why is Why.MOVE_NOT_ALLOWED


def test_withdrawing_calls_off_the_plan_and_frees_the_thing(town: Town) -> None:
    request = town.asks_to_borrow()
    town.accepted(request)
    withdrawn = verbs().withdraw(token=town.link_of(request))
    out = withdrawn.handover
    assert (withdrawn.status, out.stage, out.back.stage) == ("withdrawn", "cancelled", "cancelled")
    assert not withdrawn.promise.live
    assert [grant.status for grant in out.grants.all()] == ["revoked"]
    assert verbs().withdraw(token=town.link_of(request)).status == "withdrawn"


def test_six_things_are_lent_to_six_and_the_seventh_is_told_no_at_once(town: Town) -> None:
    for number in range(6):
        town.accepted(town.asks_to_borrow(3, 5, f"club{number}@aalter.example"))
    with pytest.raises(Refusal) as no:
        town.asks_to_borrow(5, 6, "club7@aalter.example")
    assert no.value.why is Why.NO_ITEM_FREE
    assert town.asks_to_borrow(6, 7, "club7@aalter.example") is not None


def test_a_loan_moves_to_another_thing_when_that_makes_room(town: Town) -> None:
    for item in town.seeded.items[2:]:
        item.retired_at = town.clock.now()
        item.save()
    early = town.accepted(town.asks_to_borrow(1, 2, "een@aalter.example"))
    blocks = town.accepted(town.asks_to_borrow(1, 4, "twee@aalter.example"))
    late = town.accepted(town.asks_to_borrow(5, 6, "drie@aalter.example"))
    assert early.promise is not None
    assert late.promise is not None
    assert blocks.promise is not None
    assert early.promise.item == late.promise.item
    long = town.accepted(town.asks_to_borrow(3, 6, "vier@aalter.example"))
    late.refresh_from_db()
    assert long.promise is not None
    assert late.promise is not None
    assert long.promise.item == early.promise.item
    assert late.promise.item == blocks.promise.item
    assert late.handover is not None
    assert {late.handover.item, late.handover.back.item} == {blocks.promise.item}


def test_a_thing_that_was_prepared_is_not_swapped(town: Town) -> None:
    for item in town.seeded.items[2:]:
        item.retired_at = town.clock.now()
        item.save()
    town.accepted(town.asks_to_borrow(1, 2, "een@aalter.example"))
    town.accepted(town.asks_to_borrow(1, 4, "twee@aalter.example"))
    late = town.accepted(town.asks_to_borrow(5, 6, "drie@aalter.example"))
    verbs().prepared(request_id=late.pk, by=town.clerk)
    with pytest.raises(Refusal) as no:
        town.asks_to_borrow(3, 6, "vier@aalter.example")
    assert no.value.why is Why.NO_ITEM_FREE


def test_the_calendar_shows_how_many_are_free(town: Town) -> None:
    from onthaal.central.lockers.requests import queries

    town.accepted(town.asks_to_borrow(3, 4))
    days = queries.live_days(town.seeded.material.pk)
    assert [day.free for day in days[:5]] == [6, 6, 5, 5, 6]
    assert days[0].day == town.clock.today() + timedelta(days=1)


def test_the_work_list_has_a_tab_for_each_step(town: Town) -> None:
    from onthaal.central.lockers.requests import queries

    town.asks("niet@bevestigd.example")
    town.confirmed(town.asks("nieuw@winkel.example"))
    accepted = town.accepted(town.asks("aanvaard@winkel.example"))
    assert queries.counts() == {
        "new": 1, "more-asked": 0, "to-prepare": 1, "to-load": 0, "in-wall": 0, "at-desk": 0, "on-loan": 0, "closed": 0,
    }  # fmt: skip
    verbs().prepared(request_id=accepted.pk, by=town.clerk)
    assert [request.pk for request in queries.worklist("to-load")] == [accepted.pk]
