"""The cast: Aalter's town hall with its wall, Karel at the desk, Els with a shop, Bram of the scouts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.central.lockers.town import Town, turned_clock
from tests.central.lockers.wall import Wall

if TYPE_CHECKING:
    from onthaal.central.foundation.people.models import Municipality

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> turned_clock:
    """A clock that a test turns; it begins on a Monday morning and runs on by itself."""
    return turned_clock(tmp_path / "clock", monkeypatch, MONDAY)


class Founded(NamedTuple):
    town: Town
    wall: Wall | None = None
    out: Any = None
    """The handover that waits, or of which the thing is lent."""


def _wall(clock: turned_clock) -> Founded:
    wall = Wall(Town.founded(clock))
    return Founded(wall.town, wall)


def _waiting(clock: turned_clock) -> Founded:
    from tests.central.lockers.test_the_way_of_a_thing import waiting

    wall = Wall(Town.founded(clock))
    return Founded(wall.town, wall, waiting(wall.town, wall))


def _lent(clock: turned_clock) -> Founded:
    from tests.central.lockers.test_the_way_of_a_thing import borrowed

    wall = Wall(Town.founded(clock))
    return Founded(wall.town, wall, borrowed(wall.town, wall))


@pytest.fixture
def _founded(request: pytest.FixtureRequest, clock: turned_clock, in_aalter: Municipality) -> Founded:
    """All at once of what a test asks for: it is laid out together."""
    from tests.central.lockers.photograph import once

    for name, made in (("waits", _waiting), ("lent", _lent)):
        if name in request.fixturenames:
            return once(made, clock)
    return once(_wall, clock) if "wall" in request.fixturenames else Founded(Town.founded(clock))


@pytest.fixture
def town(_founded: Founded) -> Town:
    """Aalter, seeded; the test runs in its scope and is rolled back."""
    return _founded.town


@pytest.fixture
def wall(_founded: Founded) -> Wall:
    """Its wall, enrolled and configured."""
    assert _founded.wall is not None
    return _founded.wall


@pytest.fixture
def waits(_founded: Founded) -> Any:
    """Els's vouchers lie behind its first door and she was told. The handover out."""
    return _founded.out


@pytest.fixture
def lent(_founded: Founded) -> Any:
    """Bram has the case of his scouts since today, the third day after the clock began. The handover out."""
    return _founded.out
