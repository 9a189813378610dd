"""Who came back is known again by keyed pseudonyms, and forgotten when that is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from onthaal.central.foundation.identity import actions
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import Identity, Provider
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.actions import create_person, erase_person
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.requests.arriving import birthdate
from onthaal.core.refusals import Refusal, Why
from tests.central.identity.signing_in import AN, NUMBER, Desk, refused, who
from tests.central.identity.signing_in import ITSME as CLAIM
from tests.leaks import leaks
from tests.provider.lies import Forged

ITSME, ACM = "https://idp.prd.itsme.services/v2", "https://authenticatie.vlaanderen.be/op"


def said(issuer: str = ITSME, subject: str = "an-1", **more: Any) -> IdentityAssertion:
    whole: dict[str, Any] = {
        "issuer": issuer, "subject": subject, "loa": "high", "method": "itsme", "transaction": "sign-in:1",
        "auth_time": datetime(2026, 11, 22, tzinfo=UTC), "given_name": "An", "family_name": "Peeters", **more,
    }  # fmt: skip
    return IdentityAssertion(**whole)


def may_tell(*issuers: str) -> None:
    """The municipality may know the national number from these."""
    for profile, issuer in zip(("itsme", "acm-idm"), issuers, strict=False):
        Provider.objects.create(profile=profile, issuer=issuer, client_id="aalter", authorisation="BR 12/2026")


def person_of(assertion: IdentityAssertion) -> Person | None:
    known = actions.recognise(assertion)
    return known.person if known is not None else None


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
def test_the_national_number_makes_two_providers_one_person_where_both_may_tell_it() -> None:
    may_tell(ITSME, ACM)
    with_number = actions.bind(an(), said(national_number=NUMBER))
    assert person_of(said(issuer=ACM, subject="x", national_number=NUMBER)) == with_number.person
    assert person_of(said(issuer=ACM, subject="y")) is None
    assert person_of(said(issuer=ACM, subject="z", national_number="85073003328")) is None


@pytest.mark.usefixtures("in_aalter")
def test_a_number_that_one_of_two_may_not_tell_makes_nobody_one_person() -> None:
    may_tell(ITSME)
    actions.bind(an(), said(national_number=NUMBER))
    assert person_of(said(issuer=ACM, subject="x", national_number=NUMBER)) is None


@pytest.mark.usefixtures("in_aalter")
def test_what_is_told_later_is_added_to_who_was_known_before() -> None:
    may_tell(ITSME, ACM)
    actions.bind(an(), said())
    known = actions.know(said(national_number=NUMBER, birthdate=date(1990, 5, 17), language="fr"))
    assert known is not None
    known.refresh_from_db()
    assert known.number_key
    assert known.language == "fr"
    assert birthdate(known) == date(1990, 5, 17)
    assert actions.know(said(language="de")).language == "fr", "none of ours says nothing"  # type: ignore[union-attr]
    assert person_of(said(issuer=ACM, subject="x", national_number=NUMBER)) == known.person


@pytest.mark.usefixtures("in_aalter")
def test_one_subject_with_another_number_is_refused() -> None:
    may_tell(ITSME)
    bound = actions.bind(an(), said(national_number=NUMBER))
    with pytest.raises(Refusal) as no:
        actions.know(said(national_number="85073003328"))
    assert no.value.why is Why.IDENTITY_FAILED
    assert Identity.objects.get().seen_at == bound.seen_at


def test_one_subject_with_another_number_ends_in_an_audit_line(desk: Desk) -> None:
    desk.set(authorisation="BR 12/2026")
    with acting_for(desk.row.pk):
        person = an()
    first = who(desk.signs_in())
    with acting_for(desk.row.pk):
        actions.bind(person, first)
    other = {f"{CLAIM}BENationalNumber": "85073003328"}
    with desk.real.line.lying(Forged(desk.real, which="userinfo", claims=other)):
        finished = desk.signs_in()
    assert refused(finished)
    assert desk.what() == "another-number"


def test_when_the_authorisation_ends_the_numbers_go(aalter: Municipality, deinze: Municipality) -> None:
    for row in (aalter, deinze):
        with acting_for(row.pk):
            may_tell(ITSME, ACM)
            actions.bind(an(), said(national_number=NUMBER))
            actions.bind(an(), said(issuer=ACM, subject="b", national_number="85073003328"))
    with acting_for(aalter.pk):
        Provider.objects.filter(issuer=ITSME).update(authorisation="")
        assert actions.forget_numbers(by="the administrator") == 1
        assert actions.forget_numbers(by="the administrator") == 0
        here = {one.issuer: (bool(one.number_key), one.number_sealed is None) for one in Identity.objects.all()}
        assert here == {ITSME: (False, True), ACM: (True, False)}
        (entry,) = Entry.objects.filter(kind="identity.numbers-forgotten")
        assert (entry.by, entry.data) == ("the administrator", {"count": 1})
    with acting_for(deinze.pk):
        assert Identity.objects.exclude(number_key="").count() == 2


@pytest.mark.usefixtures("in_aalter")
def test_what_is_kept_says_nothing_of_who_it_is() -> None:
    may_tell(ITSME)
    actions.bind(an(), said(national_number=NUMBER, birthdate=date(1990, 5, 17)))
    kept = str([{**row, "number_sealed": bytes(row["number_sealed"])} for row in Identity.objects.values()])
    assert leaks(kept, secrets=(NUMBER, "an-1", "Peeters", "1990-05-17")) == []
    assert "an-1" not in repr(said())
    assert "Peeters" not in repr(said())


@pytest.mark.usefixtures("in_aalter")
def test_who_is_erased_is_nobody_any_more_and_may_come_back_as_somebody_new() -> None:
    may_tell(ITSME)
    person = an()
    bound = actions.bind(person, said(national_number=NUMBER, birthdate=date(1990, 5, 17)))
    erase_person(person)
    bound.refresh_from_db()
    assert (bound.number_key, bound.number_sealed, bound.birthdate_sealed) == ("", None, None)
    assert person_of(said(national_number=NUMBER)) is None
    assert actions.know(said()) is None
    assert actions.bind(an(), said()) != bound


def test_the_same_person_has_other_pseudonyms_in_another_municipality(
    aalter: Municipality, deinze: Municipality
) -> None:
    keys = set()
    for row in (aalter, deinze):
        with acting_for(row.pk):
            may_tell(ITSME)
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
