"""An approval counts for who stands at the wall, then and there: the digits, the end of a session, time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from onthaal import clock as clocks
from onthaal.central.foundation.identity.assertion import Risk
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Identification
from onthaal.core.protocol import (
    Approved,
    DigitsChecked,
    NotApproved,
    StartIdentification,
    TypedDigits,
)
from onthaal.core.refusals import Refusal, Why
from tests.central.devices.addressees import (
    ASKS,
    ISSUER,
    NUMBER,
    a_provider,
    another_wall,
    begins,
    comes_back,
    leaves,
    lies_ready,
    now,
    somebody,
    told,
    types,
    vouched,
    wrong,
)
from tests.central.devices.cast import Caller, Teller, Wall, a_wall, why
from tests.central.lockers.town import turned_clock
from tests.leaks import leaks

pytestmark = pytest.mark.usefixtures("nothing_learnt")


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
