"""What the link knows of the time and of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from onthaal.clock import FileClock, SystemClock
from onthaal.kiosk.uplink import Pace
from tests.kiosk.cast import a_handover, wishes
from tests.kiosk.standin import StandIn, standing_in
from tests.kiosk.test_uplink import Kiosk, so


@pytest.fixture
def centre() -> Iterator[StandIn]:
    with standing_in(wishes(a_handover(5))) as centre:
        yield centre


@pytest.fixture
def kiosk(tmp_path: Path, centre: StandIn) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path, centre, SystemClock())
    yield kiosk
    kiosk.store.close()


async def test_the_centres_time_is_learned_from_every_answer_and_no_jump_of_the_clock_changes_it(
    tmp_path: Path, centre: StandIn
) -> None:
    clock = FileClock(tmp_path / "clock")
    kiosk = Kiosk(tmp_path, centre, clock)
    centre.tells_time, centre.ahead = True, timedelta(seconds=40)  # too little for a refusal
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.knows_time)
        assert abs(kiosk.uplink.centre_time() - centre.now()) < timedelta(seconds=5)
        assert abs(kiosk.uplink.centre_time() - clock.now()) > timedelta(seconds=30)
    kiosk.store.close()


async def test_a_centre_that_tells_no_time_leaves_the_machines_own(kiosk: Kiosk, centre: StandIn) -> None:
    async with kiosk.linked():
        await so(lambda: centre.states)
        assert not kiosk.uplink.knows_time
        assert abs(kiosk.uplink.centre_time() - kiosk.clock.now()) < timedelta(seconds=1)


async def test_only_a_link_that_is_down_for_longer_than_a_rest_is_away(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.uplink.pace = Pace(first=0.01, longest=0.3, poll=0.05, steady=30.0, heartbeat=0.1, silence=5.0)
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.link == "up")
        assert not kiosk.uplink.away
        centre.away = True
        await so(lambda: kiosk.uplink.link == "down")
        assert not kiosk.uplink.away
        await so(lambda: kiosk.uplink.away)
        centre.away = False
        await so(lambda: not kiosk.uplink.away)
