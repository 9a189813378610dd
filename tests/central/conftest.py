"""The cast of the centre's tests: two municipalities and their staff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # Django is not set up yet when this file is read
    from onthaal.central.foundation.people.models import Municipality


def municipality(slug: str, host: str) -> Municipality:
    """A municipality, saved."""
    from onthaal.central.foundation.people.models import Municipality

    return Municipality.objects.create(
        slug=slug, name=slug.capitalize(), host=host, address="Europalaan 22, 9880 Aalter",
        help_phone="+32 9 325 22 00", duty_address=f"wacht@{slug}.example", sender_address=f"onthaal@{slug}.example",
        languages=["nl", "fr", "en"],
    )  # fmt: skip


@pytest.fixture
def aalter(db: None) -> Municipality:
    return municipality("aalter", "aalter.example")


@pytest.fixture
def deinze(db: None) -> Municipality:
    return municipality("deinze", "deinze.example")


@pytest.fixture
def in_aalter(aalter: Municipality) -> Iterator[Municipality]:
    """The whole test acts for Aalter."""
    from onthaal.central.foundation.tenancy import acting_for

    with acting_for(aalter.pk):
        yield aalter
