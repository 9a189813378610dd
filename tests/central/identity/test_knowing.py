"""Who came back is known again by keyed pseudonyms, and forgotten when that is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from onthaal.central.foundation.identity import actions
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.people.actions import create_person, erase_person
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.tenancy import acting_for
from tests.central.identity.signing_in import AN, NUMBER, Desk, who
from tests.leaks import leaks

ITSME, ACM = "https://idp.prd.itsme.services/v2", "https://authenticatie.vlaanderen.be/op"


def said(issuer: str = ITSME, subject: str = "an-1", **more: Any) -> IdentityAssertion:
    whole: dict[str, Any] = {
        "issuer": issuer, "subject": subject, "loa": "high", "method": "itsme", "transaction": "sign-in:1",
        "auth_time": datetime(2026, 11, 22, tzinfo=UTC), "given_name": "An", "family_name": "Peeters", **more,
    }  # fmt: skip
    return IdentityAssertion(**whole)


def an() -> Person:
    return create_person(name="An Peeters", email="an@example.org", language="nl")


@pytest.mark.usefixtures("in_aalter")
def test_somebody_is_known_again_at_the_same_provider_only() -> None:
    bound = actions.bind(an(), said())
    assert actions.know(said()) == bound
    assert actions.know(said(subject="bo-2")) is None
    assert actions.know(said(issuer=ACM)) is None


@pytest.mark.usefixtures("in_aalter")
def test_binding_twice_is_harmless() -> None:
    assert actions.bind(an(), said()) == actions.bind(an(), said())
    assert Identity.objects.count() == 1


@pytest.mark.usefixtures("in_aalter")
def test_the_national_number_makes_two_providers_one_person_where_both_tell_it() -> None:
    with_number = actions.bind(an(), said(national_number=NUMBER))
    assert actions.same_person(with_number, said(issuer=ACM, subject="x", national_number=NUMBER))
    assert not actions.same_person(with_number, said(issuer=ACM, subject="x"))
    assert not actions.same_person(with_number, said(issuer=ACM, subject="x", national_number="85073003328"))
    without = actions.bind(an(), said(issuer=ACM, subject="y"))
    assert not actions.same_person(without, said(national_number=NUMBER))
    assert not actions.same_person(without, said(national_number=None))


@pytest.mark.usefixtures("in_aalter")
def test_a_number_that_may_be_known_later_is_added_to_who_was_known_before() -> None:
    actions.bind(an(), said())
    known = actions.know(said(national_number=NUMBER))
    assert known is not None
    assert known.number_key
    assert actions.same_person(known, said(issuer=ACM, subject="x", national_number=NUMBER))


@pytest.mark.usefixtures("in_aalter")
def test_what_is_kept_says_nothing_of_who_it_is() -> None:
    actions.bind(an(), said(national_number=NUMBER, birthdate=date(1990, 5, 17)))
    kept = str([{**row, "number_sealed": bytes(row["number_sealed"])} for row in Identity.objects.values()])
    assert leaks(kept, secrets=(NUMBER, "an-1", "Peeters", "1990-05-17")) == []
    assert "an-1" not in repr(said())
    assert "Peeters" not in repr(said())


@pytest.mark.usefixtures("in_aalter")
def test_who_is_erased_is_nobody_any_more_and_may_come_back_as_somebody_new() -> None:
    person = an()
    bound = actions.bind(person, said(national_number=NUMBER, birthdate=date(1990, 5, 17)))
    erase_person(person)
    bound.refresh_from_db()
    assert (bound.number_key, bound.number_sealed, bound.birthdate_sealed) == ("", None, None)
    assert not actions.same_person(bound, said(national_number=NUMBER))
    assert actions.know(said()) is None
    assert actions.bind(an(), said()) != bound


def test_the_same_person_has_other_pseudonyms_in_another_municipality(
    aalter: Municipality, deinze: Municipality
) -> None:
    keys = set()
    for row in (aalter, deinze):
        with acting_for(row.pk):
            bound = actions.bind(an(), said(national_number=NUMBER))
            keys |= {bound.subject_key, bound.number_key}
    assert len(keys) == 4


def test_who_is_known_is_named_in_the_journal_by_pseudonym(desk: Desk) -> None:
    first = desk.signs_in()
    assert first.sign_in is not None
    with acting_for(desk.row.pk):
        person = an()
        actions.remember(first.sign_in, actions.bind(person, who(first)))
    second = desk.signs_in()
    assert second.sign_in is not None
    assert second.sign_in.identity == desk.identities()[0]
    ended = [entry.about for entry in desk.entries("sign-in.ended")]
    assert ended[1]["person"] == str(person.pseudonym)
    assert "person" not in ended[0]
    assert [entry.stream for entry in desk.entries("sign-in.begun")] == [f"sign-in:{row.pk}" for row in desk.sign_ins()]
    assert AN.sub not in str(ended)
