"""The cast: Aalter's town hall with its wall, Karel at the desk, Els with a shop, Bram of the scouts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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


def _wall(clock: turned_clock) -> Wall:
    return Wall(Town.founded(clock))


@pytest.fixture
def _founded(request: pytest.FixtureRequest, clock: turned_clock, in_aalter: Municipality) -> tuple[Town, Wall | None]:
    """Both at once for a test that asks for both: they are laid out together."""
    from tests.central.lockers.photograph import once

    if "wall" not in request.fixturenames:
        return Town.founded(clock), None
    wall = once(_wall, clock)
    return wall.town, wall


@pytest.fixture
def town(_founded: tuple[Town, Wall | None]) -> Town:
    """Aalter, seeded; the test runs in its scope and is rolled back."""
    return _founded[0]


@pytest.fixture
def wall(_founded: tuple[Town, Wall | None]) -> Wall:
    """Its wall, enrolled and configured."""
    assert _founded[1] is not None
    return _founded[1]
