"""A municipality that is registered with the real provider of the tests, and somebody with a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.provider.fixture import RealProvider

if TYPE_CHECKING:  # Django is not set up yet when this file is read
    from onthaal.central.foundation.people.models import Municipality
    from tests.central.identity.signing_in import Desk, turned_clock


@pytest.fixture(autouse=True)
def _fresh(settings) -> Iterator[None]:
    """Nothing learnt of providers goes from one test to the next."""
    from onthaal.central.foundation.identity import parties

    settings.ONTHAAL_IDENTITY_LOOPBACK = True
    settings.ONTHAAL_PUBLIC_URL = "http://aalter.example"
    parties.forget()
    yield
    parties.forget()


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> turned_clock:
    """Our clock, on the machine's time until a test turns it."""
    from tests.central.identity.signing_in import turned_clock

    return turned_clock(tmp_path / "clock", monkeypatch)


@pytest.fixture
def desk(aalter: Municipality, provider: RealProvider) -> Desk:
    """Aalter, registered as itsme wants it."""
    from tests.central.identity.signing_in import Desk

    return Desk(aalter, provider, "itsme")
