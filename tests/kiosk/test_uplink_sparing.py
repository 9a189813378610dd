"""A wall asks and tells no more than it must."""

from __future__ import annotations

import msgspec

from tests.kiosk.cast import waiting, wishes
from tests.kiosk.standin import StandIn
from tests.kiosk.test_uplink import COMMAND, FAST, Kiosk, centre, kiosk, ledger_is_log, so

__all__ = ["centre", "kiosk"]


async def test_one_state_tells_of_what_happened_in_a_burst(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.uplink.pace = msgspec.structs.replace(FAST, heartbeat=30.0, gathering=1.0)
    async with kiosk.linked():
        await so(lambda: centre.listeners == 1 and centre.states and centre.states[-1].version == 1)
        before = len(centre.states)
        for number in range(1, 7):
            kiosk.append("a")
            await so(lambda: centre.heard_up_to == number, "a fact, told at once")  # noqa: B023 (asked before the next)
        await so(lambda: centre.states[-1].last_fact == 6)
        assert len(centre.states) - before <= 3
    assert ledger_is_log(kiosk)


async def test_news_of_wishes_that_the_wall_holds_already_asks_for_nothing(kiosk: Kiosk, centre: StandIn) -> None:
    async with kiosk.linked():
        await so(lambda: kiosk.wishes and centre.listeners == 1)
        centre.wish(wishes(waiting(5, 1), version=2))
        await so(lambda: kiosk.wishes[-1].version == 2)
        await so(lambda: centre.states[-1].version == 2)
        asked = len(centre.fetched)
        centre.wish(centre.wishes)
        centre.command(COMMAND)
        await so(lambda: kiosk.commands, "what comes after it on the stream")
        assert len(centre.fetched) == asked
