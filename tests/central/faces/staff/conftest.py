"""Aalter's desk on a Monday morning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.central.faces.staff.desk import Desk
from tests.central.lockers.conftest import clock  # noqa: F401 (a fixture)
from tests.central.lockers.town import Town, turned_clock

if TYPE_CHECKING:
    from onthaal.central.foundation.people.models import Municipality


def _desk(clock: turned_clock, aalter: Municipality) -> Desk:  # noqa: F811 (no fixture)
    return Desk(Town.founded(clock), aalter)


@pytest.fixture
def desk(clock: turned_clock, aalter: Municipality) -> Desk:  # noqa: F811 (the fixture)
    """Seeded, with its wall enrolled; between pages no scope is set, as in a real process."""
    from onthaal.central.foundation.tenancy import acting_for
    from tests.central.lockers.photograph import once

    with acting_for(aalter.pk):
        return once(_desk, clock, aalter)
