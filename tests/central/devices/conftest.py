"""A wall at Aalter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # Django is not set up yet when this file is read
    from onthaal.central.foundation.people.models import Municipality
    from tests.central.devices.cast import Teller, Wall
    from tests.central.lockers.town import turned_clock


@pytest.fixture
def wall(aalter: Municipality) -> Wall:
    from tests.central.devices.cast import a_wall

    return a_wall(aalter)


@pytest.fixture
def teller() -> Teller:
    from tests.central.devices.cast import Teller

    return Teller()


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> turned_clock:
    """Our clock, on the machine's time until a test turns it."""
    from onthaal import clock as clocks
    from tests.central.lockers.town import turned_clock

    return turned_clock(tmp_path / "clock", monkeypatch, clocks.now())


@pytest.fixture
def nothing_learnt() -> None:
    """Nothing is known of any provider yet."""
    from onthaal.central.foundation.identity import parties

    parties.forget()
