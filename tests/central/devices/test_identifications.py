"""Somebody at a wall says who they are: what the wall may ask, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onthaal import clock as clocks
from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity import parties
from onthaal.central.foundation.identity.assertion import Risk
from onthaal.central.foundation.identity.oidc.breaker import FAILURES
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access import identifications
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.central.lockers.access.recognising import waiting_for
from onthaal.central.lockers.devices import news
from onthaal.central.lockers.faces.citizen.wall import text_of
from onthaal.central.lockers.handovers.models import Handover
from onthaal.core.protocol import (
    Approved,
    DigitsChecked,
    IdentificationStarted,
    NotApproved,
    StartIdentification,
    TypedDigits,
)
from onthaal.core.refusals import Refusal, Why
from tests.central.devices.addressees import (
    ISSUER,
    NUMBER,
    OTHER_ISSUER,
    a_provider,
    another_wall,
    begins,
    comes_back,
    licence_for,
    lies_ready,
    somebody,
    vouched,
)
from tests.central.devices.cast import Caller, Teller, Wall, a_wall, why
from tests.central.lockers.town import turned_clock
from tests.leaks import leaks

ASKS = {"boot": "boot-one", "session": "boot-one.1", "way": "phone", "language": "nl"}
State = Identification.State


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> turned_clock:
    return turned_clock(tmp_path / "clock", monkeypatch, clocks.now())


@pytest.fixture(autouse=True)
def _fresh() -> None:
    parties.forget()


def starts(caller: Caller, **asked: Any) -> Any:
    return caller.ask("POST", "identifications", msgspec.json.encode(ASKS | asked))


def types(caller: Caller, number: int, digits: str, **of: str) -> Any:
    body = {"boot": "boot-one", "session": "boot-one.1", "digits": digits} | of
    return caller.ask("POST", f"identifications/{number}/digits", msgspec.json.encode(body))


def leaves(caller: Caller, number: int, **of: str) -> Any:
    body = {"boot": "boot-one", "session": "boot-one.1"} | of
    return caller.ask("POST", f"identifications/{number}/over", msgspec.json.encode(body))


def now(begun: Identification) -> tuple[str, str]:
    begun.refresh_from_db()
    return begun.state, begun.why


def told(wall: Wall) -> list[Any]:
    """What the stream would say to this wall now."""
    return list(news.of_kiosks(wall.municipality.pk, [wall.kiosk.pk])[wall.kiosk.pk].commands)


def wrong(digits: str) -> str:
    return "00" if digits != "00" else "01"


# beginning


def test_a_wall_begins_and_gets_a_one_time_address_and_what_to_show(wall: Wall) -> None:
    with wall.acting():
        a_provider()
    answer = starts(Caller(wall))
    assert answer.status_code == 200
    started = msgspec.json.decode(answer.content, type=IdentificationStarted)
    shown = started.confirmation
    assert (shown.municipality, shown.street, shown.wall) == ("Aalter", "Europalaan 22", "Automaat gemeentehuis")
    assert shown.number.isdecimal()
    assert len(shown.number) == 2
    assert started.seconds == 120
    handle = started.url.rpartition("/muur/")[2]
    assert len(handle) == 22
    with wall.acting():
        begun = Identification.objects.get()
        assert (begun.pk, begun.state, begun.number) == (started.id, "started", shown.number)
        assert handle not in str(Identification.objects.values()), "only its hash is kept"
        assert access.confirmation(begun) == shown, "the page and the provider show what the screen shows"
    assert text_of(shown, "nl") == (
        "Ik haal mijn document op aan de automaat van Aalter, Europalaan 22 (Automaat gemeentehuis). "
        f"Op het scherm van de automaat staat het getal {shown.number}."
    )


def test_one_identification_is_live_at_a_wall_and_the_one_before_is_over(wall: Wall) -> None:
    with wall.acting():
        a_provider()
        first, _ = begins(wall)
        second, _ = begins(wall, session="boot-one.2")
        assert (now(first), now(second)) == (("over", ""), ("started", ""))
        comes_back(first, vouched())
        assert now(first)[0] == "over", "what comes for it later counts for nothing"


@pytest.mark.parametrize("more", [{"enabled": False}, {"at_wall_phone": False}, None])
def test_where_nobody_can_sign_in_it_is_said_before_anything_begins(wall: Wall, more: dict[str, bool] | None) -> None:
    with wall.acting():
        if more is not None:
            a_provider(**more)
    assert why(starts(Caller(wall))) == Why.IDENTITY_UNAVAILABLE
    with wall.acting():
        assert not Identification.objects.exists()


def test_a_provider_that_does_not_answer_is_known_before_the_person_starts(wall: Wall) -> None:
    with wall.acting():
        a_provider()
    breaker = parties.client().breaker
    for _ in range(FAILURES):
        with pytest.raises(Unavailable), breaker.watching(ISSUER):
            raise Unavailable("gone")
    assert why(starts(Caller(wall))) == Why.IDENTITY_UNAVAILABLE


def test_after_somebody_found_the_provider_down_nobody_is_sent_there_for_a_while(
    wall: Wall, clock: turned_clock
) -> None:
    with wall.acting():
        a_provider()
        begun, _ = begins(wall)
        access.identification_proved(identification_id=begun.pk, identity=None, why=Why.IDENTITY_UNAVAILABLE)
    assert why(starts(Caller(wall))) == Why.IDENTITY_UNAVAILABLE
    clock.turn(seconds=31)
    assert starts(Caller(wall)).status_code == 200


def test_a_wall_does_not_begin_without_end(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
    caller = Caller(wall)
    for _ in range(identifications.STARTS):
        assert starts(caller).status_code == 200
    assert why(starts(caller)) == Why.TOO_MANY_REQUESTS
    clock.turn(minutes=10, seconds=1)
    assert starts(caller).status_code == 200


def test_after_five_wrong_digits_within_the_hour_a_wall_begins_no_more(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
    caller = Caller(wall)
    for _ in range(identifications.WRONG_DIGITS):
        clock.turn(minutes=3)
        number = msgspec.json.decode(starts(caller).content, type=IdentificationStarted).id
        assert msgspec.json.decode(types(caller, number, "00").content, type=DigitsChecked).right is False
    clock.turn(minutes=3)
    assert why(starts(caller)) == Why.TOO_MANY_REQUESTS
    clock.turn(hours=1)
    assert starts(caller).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"\xff", b'{"boot":"b"}',
        msgspec.json.encode(ASKS | {"way": "letter"}),
        msgspec.json.encode(ASKS | {"language": "de"}),
        msgspec.json.encode(ASKS | {"session": ""}),
        msgspec.json.encode(ASKS | {"session": "x" * 200}),
        msgspec.json.encode(ASKS | {"boot": "b\x00"}),
        msgspec.json.encode(ASKS | {"handover": 1}),
    ],
)  # fmt: skip
def test_a_start_that_is_none_is_refused(wall: Wall, body: bytes) -> None:
    with wall.acting():
        a_provider()
    answer = Caller(wall).ask("POST", "identifications", body)
    assert (answer.status_code, why(answer)) == (400, Why.MALFORMED)
    with wall.acting():
        assert not Identification.objects.exists()


# what the answer comes to


def test_the_addressee_gets_what_lies_there_for_them_and_nothing_else(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an, bo = somebody("an"), somebody("bo")
    mine, other = lies_ready(wall, teller, an, 3), lies_ready(wall, teller, bo, 4)
    with wall.acting():
        begun, _ = begins(wall)
        comes_back(begun, vouched("an"))
        assert now(begun) == ("approved", "")
        assert begun.handovers == [mine.pk]
        assert other.pk not in begun.handovers
    (command,) = told(wall)
    assert isinstance(command, Approved)
    assert (command.boot, command.session, command.identification) == ("boot-one", "boot-one.1", begun.pk)
    assert command.handovers == (mine.pk,)


@pytest.mark.parametrize("subject", ["bo", "never-seen"])
def test_another_person_learns_nothing_of_what_lies_there(wall: Wall, teller: Teller, subject: str) -> None:
    with wall.acting():
        a_provider()
        an, _bo = somebody("an"), somebody("bo")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall)
        comes_back(begun, vouched(subject))
        assert now(begun) == ("refused", Why.NOTHING_FOR_YOU)
    (command,) = told(wall)
    assert isinstance(command, NotApproved)
    assert command.why == Why.NOTHING_FOR_YOU
    assert "handover" not in msgspec.json.encode(command).decode()


def test_what_does_not_lie_here_for_them_now_does_not_open(wall: Wall, teller: Teller) -> None:
    """Planned only, recalled, not yet or no longer open, at another wall, of somebody who was erased."""
    with wall.acting():
        an = somebody("an")
        planned = licence_for(wall, an)
        assert waiting_for(an, wall.kiosk.pk) == []
    hears = lies_ready(wall, teller, an)
    with wall.acting():
        assert waiting_for(an, wall.kiosk.pk) == [hears.pk]
        assert waiting_for(an, wall.kiosk.pk + 1) == []
        grants, later = Grant.objects.filter(handover=hears), clocks.now() + timedelta(hours=1)
        for shut in ({"opens_at": later}, {"closes_at": clocks.now()}, {"status": "revoked"}):
            before = grants.values(*shut).get()
            grants.update(**shut)
            assert waiting_for(an, wall.kiosk.pk) == [], shut
            grants.update(**before)
        Handover.objects.filter(pk=hears.pk).update(stage="recalled")
        assert waiting_for(an, wall.kiosk.pk) == []
        Handover.objects.filter(pk=hears.pk).update(stage="waiting")
        assert waiting_for(an, wall.kiosk.pk) == [hears.pk]
        assert planned.pk != hears.pk
        identities.erase(an, now=clocks.now())
        assert waiting_for(an, wall.kiosk.pk) == []


def test_the_same_person_at_another_provider_is_known_by_the_national_number_alone(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        provider = a_provider()
        an = somebody("an", issuer=OTHER_ISSUER, national_number=NUMBER)
    mine = lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall)
        comes_back(begun, vouched("an"))
        assert now(begun) == ("refused", Why.NOTHING_FOR_YOU), "an equal subject of another issuer is another person"
        begun, _ = begins(wall)
        comes_back(begun, vouched("an-itsme", national_number=NUMBER))
        assert now(begun) == ("approved", "")
        assert begun.handovers == [mine.pk]
        assert begun.identity is not None
        assert begun.identity.person_id == an.person_id
        assert provider.issuer != an.issuer


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"risk": Risk(ongoing_call=True)}, Why.IDENTITY_RISK),
        ({"loa": "substantial"}, Why.IDENTITY_WEAK),
        ({"loa": "low"}, Why.IDENTITY_WEAK),
        ({"issuer": OTHER_ISSUER}, Why.IDENTITY_FAILED),
        ({"auth_time": clocks.now() - timedelta(minutes=10)}, Why.SIGN_IN_AGAIN),
        ({"auth_time": clocks.now() + timedelta(hours=1)}, Why.SIGN_IN_AGAIN),
    ],
)
def test_an_answer_that_is_not_sure_and_fresh_opens_nothing(
    wall: Wall, teller: Teller, said: dict[str, Any], expected: Why
) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall)
        comes_back(begun, vouched("an", **said))
        assert now(begun) == ("refused", expected)
    (command,) = told(wall)
    assert command.why == expected


def test_a_call_stops_nobody_where_the_municipality_says_so(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider(refuse_on_call=False)
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall)
        comes_back(begun, vouched("an", risk=Risk(ongoing_call=True)))
        assert now(begun)[0] == "approved"


@pytest.mark.parametrize("refused", [Why.IDENTITY_REFUSED, Why.IDENTITY_FAILED, Why.IDENTITY_UNAVAILABLE])
def test_a_sign_in_that_failed_is_told_to_the_wall(wall: Wall, refused: Why) -> None:
    with wall.acting():
        a_provider()
        begun, _ = begins(wall)
        comes_back(begun, None, why=refused)
        assert now(begun) == ("refused", refused)
    (command,) = told(wall)
    assert (command.why, command.session) == (refused, "boot-one.1")


def test_a_sign_in_of_another_way_or_about_nothing_opens_nothing(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall, way="phone")
        begun.way = "page"
        with pytest.raises(Refusal):
            comes_back(begun, vouched("an"))
        begun.way, begun.pk = "phone", begun.pk + 1000
        with pytest.raises(Refusal):
            comes_back(begun, vouched("an"))
        assert Identification.objects.get().state == "started"


# the digits of the phone


def proved_on_the_phone(wall: Wall, subject: str = "an") -> Identification:
    begun, _ = begins(wall, way="phone")
    comes_back(begun, vouched(subject))
    assert now(begun) == ("proved", "")
    return begun


def test_the_digits_of_the_phone_typed_at_the_wall_open(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    mine = lies_ready(wall, teller, an)
    with wall.acting():
        begun = proved_on_the_phone(wall)
        digits = begun.digits
    assert told(wall) == [], "nothing opens before they are typed"
    assert msgspec.json.decode(types(Caller(wall), begun.pk, digits).content, type=DigitsChecked).right
    with wall.acting():
        assert now(begun) == ("approved", "")
        assert (begun.handovers, begun.digits) == ([mine.pk], "")
    assert why(types(Caller(wall), begun.pk, digits)) == Why.IDENTITY_TOO_LATE


def test_relay_the_addressee_approves_elsewhere_and_wrong_digits_have_one_try(wall: Wall, teller: Teller) -> None:
    """Somebody at the wall sends the QR to the addressee, who approves; the digits stand on another's phone."""
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun = proved_on_the_phone(wall)
        digits = begun.digits
    caller = Caller(wall)
    assert not msgspec.json.decode(types(caller, begun.pk, wrong(digits)).content, type=DigitsChecked).right
    assert why(types(caller, begun.pk, digits)) == Why.IDENTITY_TOO_LATE, "one try, also with the right ones"
    (command,) = told(wall)
    assert isinstance(command, NotApproved)
    assert command.why == Why.DIGITS_WRONG


def test_relay_digits_typed_before_anybody_signed_in_were_a_guess(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall, way="phone")
    assert not msgspec.json.decode(types(Caller(wall), begun.pk, "").content, type=DigitsChecked).right
    with wall.acting():
        comes_back(begun, vouched("an"))
        assert now(begun) == ("refused", Why.DIGITS_WRONG), "the approval that comes after it opens nothing"


def test_relay_with_a_call_going_on_leads_to_the_desk(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall, way="phone")
        comes_back(begun, vouched("an", risk=Risk(ongoing_call=True)))
        assert now(begun) == ("refused", Why.IDENTITY_RISK)
        assert begun.digits == "", "no digits were ever drawn"


def test_relay_an_approval_after_the_session_ended_opens_nothing(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall)
    caller = Caller(wall)
    assert leaves(caller, begun.pk).status_code == 204
    assert leaves(caller, begun.pk).status_code == 204, "twice is harmless"
    with wall.acting():
        comes_back(begun, vouched("an"))
        assert now(begun) == ("over", "")
    assert told(wall) == []


def test_relay_an_approval_at_one_wall_is_none_at_another(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    other = another_wall(wall)
    with wall.acting():
        here, _ = begins(wall)
        there, _ = begins(other)
        comes_back(there, vouched("an"))
        assert now(there) == ("refused", Why.NOTHING_FOR_YOU), "nothing lies at that wall for them"
        assert now(here) == ("started", ""), "two walls at once do not touch each other"
        comes_back(here, vouched("an"))
        assert now(here)[0] == "approved"
    assert [type(one) for one in told(wall)] == [Approved]
    assert [type(one) for one in told(other)] == [NotApproved]


def test_digits_and_the_end_are_of_the_wall_boot_and_session_that_began(wall: Wall, deinze: Any) -> None:
    with wall.acting():
        a_provider()
        somebody("an")
        begun = proved_on_the_phone(wall)
        digits = begun.digits
    other = a_wall(deinze)
    for caller, of in (
        (Caller(other), {}), (Caller(wall), {"boot": "boot-two"}), (Caller(wall), {"session": "boot-one.2"}),
    ):  # fmt: skip
        assert why(types(caller, begun.pk, digits, **of)) == Why.IDENTITY_TOO_LATE
        assert why(leaves(caller, begun.pk, **of)) == Why.IDENTITY_TOO_LATE
    assert why(types(Caller(wall), 10**30, digits)) == Why.IDENTITY_TOO_LATE
    with wall.acting():
        assert now(begun) == ("proved", "")


# time


def test_what_takes_longer_than_two_minutes_opens_nothing(wall: Wall, teller: Teller, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        late, _ = begins(wall)
        clock.turn(seconds=121)
        comes_back(late, vouched("an"))
        assert now(late) == ("timed-out", Why.IDENTITY_TOO_LATE)
        slow = proved_on_the_phone(wall)
        clock.turn(seconds=121)
        with pytest.raises(Refusal) as no:
            access.type_digits(
                kiosk_id=wall.kiosk.pk, identification_id=slow.pk,
                typed=TypedDigits(boot="boot-one", session="boot-one.1", digits=slow.digits),
            )  # fmt: skip
        assert no.value.why is Why.IDENTITY_TOO_LATE


def test_the_clock_ends_what_nobody_ends(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
        begun, _ = begins(wall)
        assert access.expire_identifications(clocks.now()) == 0
        clock.turn(seconds=120)
        assert access.expire_identifications(clocks.now()) == 1
        assert now(begun) == ("timed-out", Why.IDENTITY_TOO_LATE)
        assert access.expire_identifications(clocks.now()) == 0
    (command,) = told(wall)
    assert command.why == Why.IDENTITY_TOO_LATE


def test_an_approval_older_than_a_minute_is_never_sent(wall: Wall, teller: Teller, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall)
        comes_back(begun, vouched("an"))
    assert len(told(wall)) == 1
    clock.turn(seconds=61)
    assert told(wall) == []


# handles


def test_a_handle_leads_somewhere_once_and_says_no_more_than_that(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
        _, used = begins(wall)
        asked = msgspec.convert(ASKS, StartIdentification)
        _, old = access.start_identification(kiosk_id=wall.kiosk.pk, asked=asked)
        assert access.by_handle(old).opened_at is None, "looking uses nothing up"
        assert access.by_handle(old).pk == access.follow_handle(old).pk
        _, late = access.start_identification(kiosk_id=wall.kiosk.pk, asked=asked)
        clock.turn(seconds=120)
        for handle in (used, old, late, "", "x" * 22, "none-of-ours\x00"):
            for look in (access.by_handle, access.follow_handle):
                with pytest.raises(Refusal) as no:
                    look(handle)
                assert (no.value.why, no.value.facts) == (Why.IDENTITY_TOO_LATE, {})


# the journal


def test_promise_16_the_journal_names_an_identified_person_by_pseudonym_only(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an", national_number=NUMBER)
    lies_ready(wall, teller, an)
    with wall.acting():
        begun = proved_on_the_phone(wall)
        digits = begun.digits
    types(Caller(wall), begun.pk, digits)
    with wall.acting():
        lines = list(Entry.objects.filter(kind__startswith="identification.").order_by("pk"))
        assert [line.kind.partition(".")[2] for line in lines] == ["begun", "proved", "approved"]
        assert [line.by for line in lines] == ["", *[str(an.person.pseudonym)] * 2]
        assert {line.stream for line in lines} == {f"kiosk:{wall.kiosk.pk}"}
        said = str(list(Entry.objects.values())) + str(list(Identification.objects.values()))
    assert leaks(said, secrets=("An Peeters", "an@example.org", NUMBER, ISSUER)) == []
