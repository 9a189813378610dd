"""A provider that does not answer: the walls say so before anybody starts, and the desk sees it."""

from __future__ import annotations

import msgspec
import pytest

from onthaal import clock as clocks
from onthaal.central.foundation.attention import queries as attention
from onthaal.central.foundation.identity import registering, watching
from onthaal.central.foundation.journal import following
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.access.models import Identification
from onthaal.core.protocol import Wishes
from onthaal.core.refusals import Why
from tests.central.devices.addressees import a_provider, begins, starts, types, wrong
from tests.central.devices.cast import Caller, Wall, why
from tests.central.lockers.town import turned_clock

pytestmark = pytest.mark.usefixtures("nothing_learnt")


def wishes(wall: Wall) -> Wishes:
    return msgspec.json.decode(Caller(wall).ask("GET", "wishes").content, type=Wishes)


def follow() -> None:
    following.work(clocks.now(), 100)


def alerts(wall: Wall) -> list[tuple[str, bool]]:
    """Kind, and whether it still lasts."""
    with wall.acting():
        return [(alert.kind, alert.over_at is None) for alert in attention.open_alerts()]


def test_walls_and_desk_hear_that_a_provider_is_silent_and_that_it_is_back(wall: Wall) -> None:
    with wall.acting():
        provider = a_provider()
    before = wishes(wall)
    assert before.identify is not None
    assert before.identify.ways == ("page", "phone")

    with wall.acting():
        watching.missed(provider.pk, clocks.now(), surely=True)
    follow()
    away = wishes(wall)
    assert away.version > before.version, "the wall fetches them anew"
    assert away.identify is not None
    assert (away.identify.name.nl, away.identify.ways) == ("itsme", ()), "it is named as what does not work"
    assert why(starts(Caller(wall))) == Why.IDENTITY_UNAVAILABLE
    with wall.acting():
        assert not Identification.objects.exists()
    assert alerts(wall) == [("provider-silent", True)]

    with wall.acting():
        watching.answered(provider.pk, clocks.now())
    follow()
    back = wishes(wall)
    assert back.version > away.version
    assert back.identify == before.identify
    assert starts(Caller(wall)).status_code == 200
    assert alerts(wall) == [("provider-silent", False)], "closed by itself"


def guesses(wall: Wall, times: int, *, clock: turned_clock) -> None:
    for _ in range(times):
        with wall.acting():
            begun, _ = begins(wall, way="phone")
        types(Caller(wall), begun.pk, wrong(begun.digits))
        clock.turn(minutes=1)
    follow()


def test_relay_three_times_wrong_digits_at_a_wall_and_the_desk_is_told(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
    guesses(wall, 2, clock=clock)
    assert alerts(wall) == [], "a person may read them wrong twice"
    guesses(wall, 1, clock=clock)
    assert alerts(wall) == [("digits-guessed", True)]
    guesses(wall, 1, clock=clock)
    assert alerts(wall) == [("digits-guessed", True)], "and is not told again while nobody looked"


def test_wrong_digits_hours_apart_are_no_reason_to_go_and_look(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
    for _ in range(3):
        guesses(wall, 1, clock=clock)
        clock.turn(minutes=40)
    assert alerts(wall) == []


def test_walls_hear_that_another_provider_serves_them(wall: Wall) -> None:
    with wall.acting():
        provider = a_provider()
        boss = Account(username="chef", name="Chef Chantal", roles=["administrator"], created_at=clocks.now())
        boss.save()
    before = wishes(wall)
    with wall.acting():
        was = registering.as_it_is(provider.pk)
        provider.at_wall_page = False
        provider.save()
        registering.changed(provider, was, by=boss)
    follow()
    after = wishes(wall)
    assert after.version > before.version
    assert after.identify is not None
    assert after.identify.ways == ("phone",)
