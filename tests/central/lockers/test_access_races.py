"""Badges and peppers, raced for real: nobody waits crosswise, and a wall's pepper is drawn once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.central.conftest import municipality
from tests.central.lockers.racing import held_open, waiting
from tests.central.lockers.town import Town, turned_clock
from tests.waiting import until


@pytest.fixture
def badged_town(committed: None, clock: turned_clock) -> Town:
    """Aalter, committed: threads see it. Karel has a badge with a PIN; its wall was never enrolled."""
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.access import actions as access

    aalter = municipality("aalter", "aalter.example")
    with acting_for(aalter.pk):
        town = Town.founded(clock)
        access.issue_badge(account_id=town.clerk.pk, by=town.technician)
        access.set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    town.municipality = aalter.pk
    return town


def test_two_wishes_of_a_wall_without_a_pepper_are_both_answered(badged_town: Town) -> None:
    """Both snapshots are taken before either reads on."""
    from django.db import connections

    from onthaal.central.lockers.devices import queries

    kiosk, both_see = badged_town.seeded.kiosk.pk, threading.Barrier(2)

    def asks() -> Any:
        try:
            with queries.snapshot_of(badged_town.municipality):
                queries.moment(kiosk)
                both_see.wait(timeout=30)
                return queries.wishes(kiosk).staff
        except Exception as error:  # noqa: BLE001 (losing is an outcome)
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as kiosks:
        assert [one.result() for one in [kiosks.submit(asks) for _ in range(2)]] == [(), ()]


def test_two_verbs_that_want_the_first_pepper_of_a_wall_get_the_same(badged_town: Town) -> None:
    from onthaal.central.lockers.access import actions as access
    from onthaal.central.lockers.places.models import Kiosk

    def draws() -> Any:
        return access.pepper(Kiosk.objects.get(pk=badged_town.seeded.kiosk.pk))

    one, other = held_open(badged_town.municipality, draws, draws)
    assert isinstance(one, bytes)
    assert one == other


def test_closing_an_account_while_its_owner_chooses_a_pin_is_no_deadlock(badged_town: Town) -> None:
    """The one that chooses waits for the badge first; the one that closes comes after it, and holds what it can."""
    from django.db import connections

    from onthaal.central.foundation.people.actions import close_account
    from onthaal.central.foundation.people.models import Account
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.access import actions as access
    from onthaal.central.lockers.access.models import Badge

    karel = badged_town.clerk.pk

    def acts(act: Any) -> Any:
        try:
            with acting_for(badged_town.municipality):
                return act()
        except Exception as error:  # noqa: BLE001 (losing is an outcome)
            return error
        finally:
            connections.close_all()

    def chooses() -> None:
        access.set_badge_pin(account_id=karel, pin="735194", by=badged_town.clerk)

    def closes() -> None:
        close_account(Account.objects.get(pk=karel), by=badged_town.technician)

    with ThreadPoolExecutor(2) as pages:
        with acting_for(badged_town.municipality):
            Badge.objects.select_for_update().get(account=karel, revoked_at=None)
            chosen = pages.submit(acts, chooses)
            until(lambda: waiting() >= 1, what="who chooses a PIN waiting for the badge")
            closed = pages.submit(acts, closes)
            until(lambda: waiting() >= 2, what="who closes the account waiting too")
        outcomes = (chosen.result(), closed.result())
    assert outcomes == (None, None)
    with acting_for(badged_town.municipality):
        assert not Badge.objects.filter(account=karel, revoked_at=None).exists()
