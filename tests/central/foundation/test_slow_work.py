"""Work that takes long is still done once: what is claimed behind it is held from then on, not from when it began."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import followers, following
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.notices import actions, delivery
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from tests.central.conftest import municipality
from tests.central.foundation.post_office import PostOffice
from tests.central.foundation.test_notices import SLOTS
from tests.central.meanwhile import apart

LONG = delivery.CLAIM_HOLDS.total_seconds() + 1


@pytest.fixture
def aalter(committed: None) -> Municipality:
    return municipality("aalter", "aalter.example")


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[float], None]:
    """So many seconds pass, for every part of the centre."""
    file = tmp_path / "clock"
    monkeypatch.setenv(clock.CLOCK_FILE, str(file))

    def pass_(seconds: float) -> None:
        file.write_text(str(clock.FileClock(file).moved_by() + seconds))

    return pass_


class SlowPostOffice(PostOffice):
    """It takes minutes over its first mail; over the second a second worker comes by."""

    def __init__(self, passes: Callable[[float], None]) -> None:
        super().__init__()
        self.passes = passes
        self.others: list[int] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (its name at aiosmtpd)
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.received) == 1:
            self.passes(LONG)
        if len(self.received) == 2:
            self.others.append(await asyncio.to_thread(apart, lambda: delivery.work(clock.now())))
        return answer


def test_behind_a_slow_mail_no_other_goes_twice(
    aalter: Municipality, settings: Any, passes: Callable[[float], None]
) -> None:
    with acting_for(aalter.pk):
        for name in ("an", "bo"):
            actions.send(kind="recalled", address=f"{name}@example.org", about="handover:12", slots=SLOTS)
    office = SlowPostOffice(passes)
    with office:
        settings.ONTHAAL_MAIL = office.mail
        assert delivery.work(clock.now()) == 2
    assert (len(office.received), office.others) == (2, [0])


does: dict[str, Callable[[], None]] = {}


def slow(entry: Entry) -> None:
    does["slow"]()


def second(entry: Entry) -> None:
    does["second"]()


TABLE = {"test.slow": (slow,), "test.second": (second,)}


@pytest.fixture
def the_table(settings: Any) -> Iterator[None]:
    settings.ONTHAAL_FOLLOWERS = f"{__name__}.TABLE"
    followers.table.cache_clear()
    yield
    followers.table.cache_clear()


def test_behind_a_slow_follower_no_other_works_twice(
    aalter: Municipality, the_table: None, passes: Callable[[float], None]
) -> None:
    others: list[int] = []
    does["slow"] = lambda: passes(LONG)
    does["second"] = lambda: others.append(apart(lambda: following.work(clock.now(), 10)))
    for kind in TABLE:
        with acting_for(aalter.pk):
            journal.note(stream="handover:1", kind=kind)
    assert following.work(clock.now(), 10) == 2
    assert others == [0]
