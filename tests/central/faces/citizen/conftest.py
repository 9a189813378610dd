"""Aalter's portal on a Monday morning, registered with a provider; An and Bo sit before their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.central.lockers.conftest import clock  # noqa: F401 (a fixture)
from tests.central.lockers.town import Town, turned_clock

if TYPE_CHECKING:
    from onthaal.central.foundation.people.models import Municipality
    from tests.central.faces.citizen.portal import Portal


def _portal(clock: turned_clock, aalter: Municipality) -> Portal:  # noqa: F811 (no fixture)
    from tests.central.faces.citizen.portal import Portal

    return Portal(Town.founded(clock), aalter)


@pytest.fixture
def portal(clock: turned_clock, aalter: Municipality, settings: Any) -> Portal:  # noqa: F811 (the fixture)
    """Seeded; a licence and a passport are cleared for the wall, an identity card never is."""
    from onthaal.central.foundation.tenancy import acting_for
    from tests.central.lockers.photograph import once

    settings.ONTHAAL_PUBLIC_URL = "http://aalter.example"
    with acting_for(aalter.pk):
        return once(_portal, clock, aalter)
