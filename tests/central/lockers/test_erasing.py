"""Erasing who asked: some time after all is done, or because they want it. What happened stays, chain and all."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall

PHONE = "0470 12 34 56"
"""Whole, blanks and all: its first four digits alone stand in a hash of these tables now and then."""


def jobs() -> Any:
    from onthaal.central.lockers.requests import jobs

    return jobs


def erase(town: Town, request: Any) -> Any:
    from onthaal.central.lockers.requests import actions

    return actions.erase(request_id=request.pk, by=town.clerk)


def collected(town: Town, wall: Wall) -> Any:
    """Els asked vouchers with a remark, and has them."""
    request: Any = town.accepted(town.asks(remark=f"Bel Els Bloemen op {PHONE}"))
    wall.loads(request.handover, 1)
    town.follows()
    wall.applied()
    town.posts()
    wall.gives(request.handover, 1)
    town.follows()
    town.posts()
    request.refresh_from_db()
    return request


def everything_kept() -> str:
    """Every row of every table, as text; bytes as they are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(foundation|lockers)_'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def breaks() -> list[Any]:
    from onthaal.central.web import chains

    return [checked for checked in chains.recomputed() if checked.break_at is not None]


def test_thirty_days_after_the_end_nothing_says_who_it_was(town: Town, wall: Wall) -> None:
    request = collected(town, wall)
    assert request.status == "done"
    assert all(told in everything_kept() for told in ("Bloemen", "els@bloemen.example", PHONE))
    town.clock.turn(days=29, hours=23)
    assert jobs().erase_ended(town.clock.now()) == 0
    town.clock.turn(hours=2)
    assert jobs().erase_ended(town.clock.now()) == 1
    jobs().forget_origins(town.clock.now())
    kept = everything_kept()
    assert [
        told for told in ("Bloemen", "bloemen", PHONE, PHONE.replace(" ", ""), request.address_key) if told in kept
    ] == []
    assert breaks() == []


def test_how_somebody_wanted_to_be_served_goes_with_them(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.people.models import Person

    request = collected(town, wall)
    Person.objects.filter(pk=request.person_id).update(low=True, language="en")
    erase(town, request)
    request.person.refresh_from_db()
    assert (request.person.low, request.person.language) == (False, "nl")


def test_the_journal_is_whole_after_an_erasure(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.journal.models import Entry

    request = collected(town, wall)
    before = list(Entry.objects.order_by("pk").values_list("hash", flat=True))
    erase(town, request)
    after = list(Entry.objects.order_by("pk").values_list("hash", flat=True))
    assert after[: len(before)] == before
    assert town.journal(f"person:{request.person.pseudonym}")[-1].kind == "person.erased"
    assert town.journal(f"person:{request.person.pseudonym}")[-1].by == str(town.clerk.pseudonym)
    assert breaks() == []


def test_nobody_is_erased_whose_thing_still_lies_in_the_wall(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import actions

    asked = town.asks()
    token = town.link_of(asked)
    request: Any = town.accepted(asked)
    wall.loads(request.handover, 1)
    town.follows()
    request = actions.withdraw(token=token)
    assert request.ended_at is not None
    town.clock.turn(days=40)
    assert jobs().erase_ended(town.clock.now()) == 0
    with pytest.raises(Refusal) as no:
        erase(town, request)
    assert no.value.why is Why.MOVE_NOT_ALLOWED
    wall.is_emptied(request.handover, 1)
    assert jobs().erase_ended(town.clock.now()) == 1


def test_nobody_is_erased_who_still_has_a_loan(town: Town, wall: Wall) -> None:
    request: Any = town.accepted(town.asks_to_borrow(1, 2))
    wall.loads(request.handover, 4)
    wall.gives(request.handover, 4)
    town.follows()
    town.clock.turn(days=60)
    assert jobs().erase_ended(town.clock.now()) == 0
    with pytest.raises(Refusal):
        erase(town, request)
    back = request.handover.back
    wall.takes_back(back, 5)
    town.follows()
    wall.is_emptied(back, 5)
    town.follows()
    assert erase(town, request).person.email == ""


def test_a_person_with_another_live_request_is_kept(town: Town, wall: Wall) -> None:
    done = collected(town, wall)
    other = town.confirmed(town.asks(remark="nog een keer"))
    other.person = done.person
    other.save()
    town.clock.turn(days=31)
    assert jobs().erase_ended(town.clock.now()) == 0


def test_a_refused_request_is_erased_with_the_reason_and_its_mail(town: Town) -> None:
    from onthaal.central.lockers.requests import actions

    request = actions.refuse(
        request_id=town.confirmed(town.asks()).pk, by=town.clerk, reason="Beste Els Bloemen, u heeft er al."
    )
    town.clock.turn(days=31)
    assert jobs().erase_ended(town.clock.now()) == 1
    request.refresh_from_db()
    assert request.refusal == ""
    assert all(mail.slots == {} for mail in town.mails(f"request:{request.pk}"))


def test_a_link_leads_nowhere_once_its_asker_is_erased(town: Town) -> None:
    from onthaal.central.lockers.requests import actions, queries

    asked = town.asks()
    token = town.link_of(asked)
    request = actions.refuse(request_id=town.confirmed(asked).pk, by=town.clerk, reason="op")
    assert queries.by_token(token) is not None
    erase(town, request)
    assert queries.by_token(token) is None


def test_erasing_twice_is_harmless(town: Town, wall: Wall) -> None:
    request = collected(town, wall)
    erase(town, request)
    erase(town, request)
    assert town.kinds(f"person:{request.person.pseudonym}") == ["person.erased"]


def test_a_request_that_nobody_confirmed_leaves_no_remark(town: Town) -> None:
    request = town.asks(remark="van Els Bloemen")
    town.clock.turn(hours=25)
    jobs().expire_unconfirmed(town.clock.now())
    assert request is not None
    request.refresh_from_db()
    assert (request.remark, request.status) == ("", "lapsed")
    assert request.ended_at is not None
    assert "Bloemen" not in everything_kept()
