"""Applications: one under way an identity and product, whatever the race; and nothing is kept longer than needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.racing import race
from tests.central.lockers.town import Town, turned_clock
from tests.pictures import JPEG

if TYPE_CHECKING:
    from onthaal.central.foundation.people.models import Municipality

EMAIL = "an@post.example"


def arrives(subject: str = "an", **other: Any) -> Any:
    """An Peeters came back from itsme."""
    from onthaal import clock
    from onthaal.central.foundation.identity.assertion import IdentityAssertion
    from onthaal.central.lockers.requests.arriving import arrive

    told: dict[str, Any] = {
        "issuer": "https://idp.example/v2", "subject": subject, "loa": "high", "method": "itsme",
        "auth_time": clock.now(), "transaction": "sign-in:1", "given_name": "An", "family_name": "Peeters",
        "birthdate": date(1990, 5, 17),
    }  # fmt: skip
    return arrive(IdentityAssertion(**(told | other)), lang="nl")


OTHER = "https://other.example"


def both_may_tell_the_number() -> None:
    from onthaal.central.foundation.identity.models import Provider

    for profile, issuer in (("itsme", "https://idp.example/v2"), ("acm-idm", OTHER)):
        Provider.objects.create(profile=profile, issuer=issuer, client_id="aalter", authorisation="KB 1/2026")


def may_not_any_more(issuer: str) -> None:
    from onthaal.central.foundation.identity.models import Provider

    Provider.objects.filter(issuer=issuer).update(authorisation="")


def begins(identity: Any, product: Any, **other: Any) -> Any:
    from onthaal.central.lockers.requests import applying

    told: dict[str, Any] = {"email": EMAIL, "language": "nl"}
    return applying.begin(identity=identity, product_id=product.pk, asked=applying.Asked(**(told | other)))


def applies(identity: Any, product: Any, **other: Any) -> Any:
    from onthaal.central.lockers.requests import applying

    draft = begins(identity, product, **other)
    for kind in ("photo", "certificate"):
        applying.attach(identity=identity, request_id=draft.pk, kind=kind, content=JPEG)
    return applying.apply(identity=identity, request_id=draft.pk)


def jobs() -> Any:
    from onthaal.central.lockers.requests import jobs

    return jobs


def test_one_is_under_way_an_identity_and_product(town: Town) -> None:
    an = arrives()
    first = applies(an, town.seeded.passport)
    with pytest.raises(Refusal) as no:
        begins(an, town.seeded.passport)
    assert no.value.why is Why.LIVE_REQUEST_EXISTS
    assert applies(an, town.seeded.licence).pk != first.pk
    assert applies(arrives("bo"), town.seeded.passport).pk != first.pk


def test_the_same_national_number_is_the_same_asker(town: Town) -> None:
    from onthaal.central.lockers.requests import mine

    both_may_tell_the_number()
    an = arrives(national_number="90051700104")
    request = applies(an, town.seeded.passport)
    elsewhere = arrives("an-elsewhere", issuer=OTHER, national_number="90051700104")
    assert [one.pk for one in mine.requests_of(elsewhere)] == [request.pk]
    with pytest.raises(Refusal):
        begins(elsewhere, town.seeded.passport)
    may_not_any_more(OTHER)
    assert mine.requests_of(elsewhere) == []


def test_without_a_number_another_provider_is_another_asker(town: Town) -> None:
    from onthaal.central.lockers.requests import mine

    applies(arrives(), town.seeded.passport)
    assert mine.requests_of(arrives("an", issuer="https://other.example")) == []


def test_nobody_begins_the_same_again_and_again(town: Town) -> None:
    from onthaal.central.lockers.requests import applying

    an = arrives()
    for _ in range(applying.BEGUN_A_DAY):
        applying.cancel(identity=an, request_id=begins(an, town.seeded.passport).pk)
    with pytest.raises(Refusal) as no:
        begins(an, town.seeded.passport)
    assert no.value.why is Why.TOO_MANY_REQUESTS


def test_the_desk_only_product_takes_no_wall_from_any_verb(town: Town) -> None:
    from onthaal.central.lockers.requests import applying

    an = arrives()
    draft = begins(an, town.seeded.identity_card)
    with pytest.raises(Refusal) as no:
        applying.choose(identity=an, request_id=draft.pk, kiosk_id=town.seeded.kiosk.pk, low=False)
    assert no.value.why is Why.IDENTITY_CARD_DESK_ONLY
    applies(an, town.seeded.identity_card)
    with pytest.raises(Refusal):
        applying.change_place(identity=an, request_id=draft.pk, kiosk_id=town.seeded.kiosk.pk)


def test_an_adult_is_one_from_their_birthday_on(town: Town) -> None:
    today = town.clock.today()
    born = today.replace(year=today.year - 18)
    assert begins(arrives("eighteen", birthdate=born), town.seeded.passport).dossier.of_age
    tomorrow = date(born.year, born.month, born.day + 1)
    assert not begins(arrives("nearly", birthdate=tomorrow), town.seeded.passport).dossier.of_age


def test_who_is_known_without_a_birthday_gets_one_when_the_provider_tells_it(town: Town) -> None:
    both_may_tell_the_number()
    draft = begins(arrives(birthdate=None), town.seeded.passport)
    assert draft.dossier.desk_reason == Why.AGE_UNKNOWN
    draft = begins(arrives(), town.seeded.passport)
    assert (draft.dossier.of_age, draft.dossier.desk_reason == Why.AGE_UNKNOWN) == (True, False)


def test_a_draft_lapses_by_itself_with_its_files_and_its_asker(town: Town) -> None:
    from onthaal.central.lockers.requests import applying
    from onthaal.central.lockers.requests.models import Attachment

    an = arrives()
    draft = begins(an, town.seeded.passport, remark="Bel An")
    applying.attach(identity=an, request_id=draft.pk, kind="photo", content=JPEG)
    town.clock.turn(hours=2, minutes=1)
    assert jobs().expire_unconfirmed(town.clock.now()) == 1
    draft.refresh_from_db()
    an.refresh_from_db()
    an.person.refresh_from_db()
    assert (draft.status, draft.remark, Attachment.objects.get().sealed) == ("lapsed", "", None)
    assert (an.person.name, an.person.email, an.birthdate_sealed) == ("", "", None)
    assert an.erased_at is not None


def test_a_draft_does_not_lapse_under_the_hands_of_who_signed_in_again(town: Town) -> None:
    draft = begins(arrives(), town.seeded.passport)
    town.clock.turn(hours=1, minutes=55)
    an = arrives()
    town.clock.turn(minutes=10)
    assert jobs().expire_unconfirmed(town.clock.now()) == 0
    an.refresh_from_db()
    assert an.erased_at is None
    town.clock.turn(hours=2)
    assert jobs().expire_unconfirmed(town.clock.now()) == 1
    draft.refresh_from_db()
    assert draft.status == "lapsed"


def test_a_draft_that_lapses_erases_nobody_who_has_another_under_way(town: Town) -> None:
    an = arrives()
    applies(an, town.seeded.licence)
    draft = begins(an, town.seeded.passport)
    town.clock.turn(hours=3)
    jobs().expire_unconfirmed(town.clock.now())
    draft.refresh_from_db()
    an.refresh_from_db()
    an.person.refresh_from_db()
    assert draft.status == "lapsed"
    assert (an.person.name, an.erased_at) == ("An Peeters", None)


def test_attachments_go_a_week_after_the_end_and_the_asker_after_thirty_days(town: Town) -> None:
    from onthaal.central.lockers.requests import applying
    from onthaal.central.lockers.requests.models import Attachment

    an = arrives()
    request = applies(an, town.seeded.licence)
    applying.cancel(identity=an, request_id=request.pk)
    town.clock.turn(days=6, hours=23)
    assert jobs().drop_attachments(town.clock.now()) == 0
    town.clock.turn(hours=2)
    assert jobs().drop_attachments(town.clock.now()) == 2
    assert jobs().drop_attachments(town.clock.now()) == 0
    assert {(one.sealed, one.digest) for one in Attachment.objects.all()} == {(None, "")}
    town.clock.turn(days=24)
    assert jobs().erase_ended(town.clock.now()) == 1
    an.refresh_from_db()
    assert an.erased_at is not None
    assert (an.number_sealed, an.birthdate_sealed) == (None, None)


def test_attachments_of_what_is_under_way_stay(town: Town) -> None:
    applies(arrives(), town.seeded.licence)
    town.clock.turn(days=90)
    assert jobs().drop_attachments(town.clock.now()) == 0


def test_who_is_erased_leaves_nothing_in_their_other_requests_either(town: Town) -> None:
    from onthaal.central.lockers.requests import applying
    from tests.central.lockers.test_erasing import breaks, everything_kept

    both_may_tell_the_number()
    an = arrives(national_number="90051700104")
    for product in (town.seeded.licence, town.seeded.passport):
        request = applies(an, product, remark="voor An Peeters")
        applying.cancel(identity=an, request_id=request.pk)
        town.clock.turn(days=16)
    assert jobs().erase_ended(town.clock.now()) == 0, "the days of the younger one run on"
    town.clock.turn(days=15)
    assert jobs().erase_ended(town.clock.now()) == 2
    kept = everything_kept()
    assert [told for told in ("Peeters", EMAIL, "90051700104") if told in kept] == []
    assert breaks() == []


def test_who_signed_in_and_asked_for_nothing_is_forgotten_after_a_day(town: Town) -> None:
    visitor, asker = arrives("visitor"), arrives("asker")
    begins(asker, town.seeded.passport)
    town.clock.turn(hours=23)
    assert jobs().forget_visitors(town.clock.now()) == 0
    town.clock.turn(hours=2)
    assert jobs().forget_visitors(town.clock.now()) == 1
    visitor.refresh_from_db()
    assert visitor.erased_at is not None
    assert arrives("visitor").pk != visitor.pk


@pytest.mark.parametrize("lang", ["nl", "fr", "en"])
def test_no_mail_about_a_document_names_it_or_its_addressee_in_the_subject(town: Town, lang: Any) -> None:
    from onthaal.central.foundation.notices.letters import ROWS, Reader, Secrets, compose
    from onthaal.central.lockers.requests import dossiers

    request = applies(arrives(), town.seeded.passport)
    reader = Reader(lang=lang, name="An Peeters", municipality="Aalter", help_phone="1", home="h", mine="h/mine/")
    for kind in [kind for kind in ROWS if kind.startswith("dossier-")]:
        if kind in ("dossier-more", "dossier-refused"):
            dossiers.tell(request, kind, asked="x", reason="x")
        elif kind == "dossier-desk-instead":
            dossiers.tell(request, kind, why=dossiers.why_at_the_desk(Why.URGENT))
        else:
            dossiers.tell(request, kind)
        notice = town.mails(f"request:{request.pk}")[-1]
        letter = compose(kind, {**notice.slots, "until": "2026-11-07"}, reader, Secrets())
        for told in ("Peeters", *(getattr(town.seeded.passport, f"name_{each}") for each in ("nl", "fr", "en"))):
            assert told not in letter.subject, kind
            assert told == "Peeters" or told not in letter.text, kind
        if kind == "dossier-ready":
            how = {"nl": "zoals bij uw aanvraag", "fr": "lors de votre demande", "en": "as you did when you applied"}
            assert how[lang] in letter.text
            assert "Europalaan 22" in letter.text
            assert "h/mine/" in letter.text


# -- two at once ---------------------------------------------------------------------------------------------------


@pytest.fixture
def aalter_committed(committed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Municipality, Any, Any]:
    """Aalter with a passport to ask for, and An, committed: for tests with threads."""
    from onthaal.central.foundation.tenancy import acting_for
    from tests.central.conftest import municipality
    from tests.central.lockers.conftest import MONDAY

    clock = turned_clock(tmp_path / "clock", monkeypatch, MONDAY)
    row = municipality("aalter", "aalter.example")
    with acting_for(row.pk):
        town = Town.founded(clock)
        an = arrives()
    return row, town.seeded.passport, an


def test_two_windows_make_one_draft(aalter_committed: tuple[Municipality, Any, Any]) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests.models import Dossier, Request

    row, passport, an = aalter_committed
    outcomes = race(row.pk, [lambda: begins(an, passport)] * 4)
    with acting_for(row.pk):
        assert (Request.objects.count(), Dossier.objects.count()) == (1, 1)
        (made,) = Request.objects.values_list("pk", flat=True)
    for outcome in outcomes:
        assert getattr(outcome, "pk", None) == made or outcome.why is Why.LIVE_REQUEST_EXISTS


def test_two_taps_send_one_application(aalter_committed: tuple[Municipality, Any, Any]) -> None:
    from onthaal.central.foundation.notices.models import Notice
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.requests import applying

    row, passport, an = aalter_committed
    with acting_for(row.pk):
        draft = begins(an, passport)
        applying.attach(identity=an, request_id=draft.pk, kind="photo", content=JPEG)
    outcomes = race(row.pk, [lambda: applying.apply(identity=an, request_id=draft.pk)] * 4)
    assert {one.status for one in outcomes} == {"received"}
    with acting_for(row.pk):
        assert Notice.objects.filter(kind="dossier-received").count() == 1
