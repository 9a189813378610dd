"""Somebody signs in with each of the three providers."""

from __future__ import annotations

from datetime import date

import pytest

from onthaal.central.foundation.people.models import Municipality
from tests.central.identity.signing_in import AN, Desk, locks_held
from tests.provider.fixture import RealProvider


@pytest.mark.parametrize("dialect", ["itsme", "acm-idm", "fas"])
def test_somebody_signs_in_at_the_portal(aalter: Municipality, provider: RealProvider, dialect: str) -> None:
    desk = Desk(aalter, provider, dialect)
    finished = desk.signs_in()
    assert finished.why is None, desk.what()
    who = finished.assertion
    assert who is not None
    assert (who.issuer, who.subject, who.loa) == (desk.registered.issuer, AN.sub, "high")
    assert (who.given_name, who.family_name, who.language) == ("An", "Peeters", "nl")
    assert who.birthdate == date(1990, 5, 17)
    assert who.national_number is None
    assert locks_held() == 0
