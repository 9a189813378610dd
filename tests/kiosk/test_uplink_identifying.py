"""What the centre is asked while somebody at the wall says who they are: one try each, over real HTTP."""

from __future__ import annotations

import pytest

from onthaal.clock import SystemClock
from onthaal.core.protocol import (
    Approved,
    Confirmation,
    IdentificationStarted,
    NotApproved,
    OfSession,
    StartIdentification,
    TypedDigits,
)
from onthaal.core.refusals import Fault, Refusal, Why
from tests.kiosk.standin import StandIn
from tests.kiosk.test_uplink import Kiosk, centre, kiosk, so

__all__ = ["centre", "kiosk"]

ASKED = StartIdentification(boot="boot", session="boot.1", way="phone", language="nl")
BEGUN = IdentificationStarted(
    id=12,
    url="https://onthaal.voorbeeld.be/muur/h",
    confirmation=Confirmation(municipality="Voorbeeld", street="Markt 1", wall="Automaat Markt", number="47"),
    seconds=120,
)
TYPED = TypedDigits(boot="boot", session="boot.1", digits="83")
ENDED = OfSession(boot="boot", session="boot.1")


async def test_it_begins_its_digits_are_checked_and_it_ends(kiosk: Kiosk, centre: StandIn) -> None:
    centre.identifying, centre.digits = BEGUN, "83"
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.hears)
        assert await kiosk.uplink.start_identification(ASKED) == BEGUN
        assert await kiosk.uplink.type_digits(12, TYPED) is True
        centre.digits = "84"
        assert await kiosk.uplink.type_digits(12, TYPED) is False
        await kiosk.uplink.end_identification(12, ENDED)
    assert centre.identified == [ASKED, (12, TYPED), (12, TYPED), (12, ENDED)]


async def test_what_the_centre_refuses_is_refused(kiosk: Kiosk, centre: StandIn) -> None:
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.hears)
        with pytest.raises(Refusal) as no:
            await kiosk.uplink.start_identification(ASKED)
    assert no.value.why is Why.IDENTITY_UNAVAILABLE
    assert len(centre.identified) == 1


@pytest.mark.parametrize("status", [200, 500])
async def test_what_is_no_answer_is_a_fault_and_is_asked_once(kiosk: Kiosk, centre: StandIn, status: int) -> None:
    centre.answers_instead["/device/v1/identifications"] = (status, b"\xff\x00 nonsense")
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.hears)
        with pytest.raises(Fault):
            await kiosk.uplink.start_identification(ASKED)
    assert centre.identified == []


async def test_before_there_is_a_link_nobody_can_be_asked(kiosk: Kiosk, centre: StandIn) -> None:
    assert not kiosk.uplink.hears
    with pytest.raises(Fault):
        await kiosk.uplink.type_digits(12, TYPED)


async def test_the_wall_is_told_when_the_centre_goes_and_comes_back(kiosk: Kiosk, centre: StandIn) -> None:
    heard: list[bool] = []
    kiosk.uplink.changed = lambda: heard.append(kiosk.uplink.hears)
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.hears)
        centre.away = True
        centre.hang_up()
        await so(lambda: not kiosk.uplink.hears)
        centre.away = False
        await so(lambda: kiosk.uplink.hears)
    assert True in heard
    assert False in heard


async def test_verdicts_come_over_the_stream_each_once(kiosk: Kiosk, centre: StandIn) -> None:
    now = SystemClock().now()
    yes = Approved(nonce="y", boot="boot", session="boot.1", identification=12, issued_at=now, handovers=(5,))
    no = NotApproved(nonce="n", boot="boot", session="boot.1", identification=13, issued_at=now, why="identity-risk")
    async with kiosk.linked():
        await so(lambda: centre.listeners)
        for said in (yes, yes, no):
            centre.command(said)
        await so(lambda: len(kiosk.commands) == 2)
    assert kiosk.commands == [yes, no]
