"""A wall at Aalter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # Django is not set up yet when this file is read
    from onthaal.central.foundation.people.models import Municipality
    from tests.central.devices.cast import Teller, Wall


@pytest.fixture
def wall(aalter: Municipality) -> Wall:
    from tests.central.devices.cast import a_wall

    return a_wall(aalter)


@pytest.fixture
def teller() -> Teller:
    from tests.central.devices.cast import Teller

    return Teller()
