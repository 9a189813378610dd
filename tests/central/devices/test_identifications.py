"""Somebody at a wall says who they are: what the wall may ask, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from onthaal import clock as clocks
from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity import parties
from onthaal.central.foundation.identity.assertion import Risk
from onthaal.central.foundation.identity.oidc.breaker import FAILURES
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access import identifications
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.central.lockers.access.recognising import waiting_for
from onthaal.central.lockers.faces.citizen.wall import text_of
from onthaal.central.lockers.handovers.models import Handover
from onthaal.core.protocol import (
    Approved,
    DigitsChecked,
    IdentificationStarted,
    NotApproved,
)
from onthaal.core.refusals import Refusal, Why
from tests.central.devices.addressees import (
    ASKS,
    ISSUER,
    NUMBER,
    OTHER_ISSUER,
    a_provider,
    begins,
    comes_back,
    licence_for,
    lies_ready,
    now,
    somebody,
    starts,
    told,
    types,
    vouched,
)
from tests.central.devices.cast import Caller, Teller, Wall, why
from tests.central.lockers.town import turned_clock

pytestmark = pytest.mark.usefixtures("nothing_learnt")


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
        provider = a_provider(authorisation="KB 1/2026")
        other = a_provider(
            profile="acm-idm", issuer=OTHER_ISSUER, at_wall_page=False, at_wall_phone=False, authorisation="KB 1/2026"
        )
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
        type(other).objects.filter(pk=other.pk).update(authorisation="")
        begun, _ = begins(wall)
        comes_back(begun, vouched("an-itsme", national_number=NUMBER))
        assert now(begun) == ("refused", Why.NOTHING_FOR_YOU), "one of the two may not tell it any more"


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


@pytest.mark.parametrize(
    ("way", "mode", "state"),
    [
        ("phone", "QR", "refused"),
        ("phone", "a2a", "proved"),
        ("phone", None, "proved"),
        ("page", "QR", "approved"),
        ("page", "MSISDN", "approved"),
    ],
)
def test_relay_a_page_that_was_scanned_from_another_screen_is_not_this_telephones(
    wall: Wall, teller: Teller, way: str, mode: str | None, state: str
) -> None:
    with wall.acting():
        a_provider()
        an = somebody("an")
    lies_ready(wall, teller, an)
    with wall.acting():
        begun, _ = begins(wall, way=way)
        comes_back(begun, vouched("an", risk=Risk(mode=mode)))
        assert now(begun) == (state, Why.IDENTITY_RISK if state == "refused" else "")


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
