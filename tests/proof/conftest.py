"""The whole: one wall at Aalter, seen from both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # Django is not set up yet when this file is read
    from tests.proof.town import Town


@pytest.fixture
def town(db: None) -> Town:
    """The centre with one wall; all of it is rolled back after the test."""
    from tests.proof.town import a_town

    return a_town()
