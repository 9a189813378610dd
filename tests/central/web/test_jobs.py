"""Timed work, as the worker's ticks do it: each municipality in its own scope, one that fails stops nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from onthaal import clock
from onthaal.central.foundation.people.actions import create_person
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.tenancy import acting_for, scope
from onthaal.central.lockers.catalogue.seeds import seed_aalter
from onthaal.central.lockers.requests.asking import KEPT_DAYS
from onthaal.central.lockers.requests.models import Request
from onthaal.central.web.jobs import NOW_AND_THEN, OFTEN, for_each_municipality
from tests.central.conftest import municipality
from tests.leaks import leaks


@pytest.fixture
def aalter(committed: None) -> Municipality:
    """Committed: a tick drops the connection it finds in a transaction."""
    return municipality("aalter", "aalter.example")


@pytest.fixture
def deinze(committed: None) -> Municipality:
    return municipality("deinze", "deinze.example")


def refused_long_ago(where: Municipality) -> None:
    with acting_for(where.pk):
        seeded = seed_aalter()
        person = create_person(name="Els Bloemen", email="els@bloemen.example", language="nl")
        past = clock.now() - timedelta(days=KEPT_DAYS + 1)
        Request(
            product=seeded.vouchers, kiosk=seeded.kiosk, person=person, address_key="k", status="refused",
            link_hash=f"{where.pk:064}", link_expires_at=past, asked_at=past, ended_at=past,
        ).save()  # fmt: skip


def names(where: Municipality) -> list[str]:
    with acting_for(where.pk):
        return list(Person.objects.values_list("name", flat=True))


def test_who_asked_long_ago_is_erased_in_every_municipality(aalter: Municipality, deinze: Municipality) -> None:
    refused_long_ago(aalter)
    refused_long_ago(deinze)
    for_each_municipality((*OFTEN, *NOW_AND_THEN))
    assert names(aalter) == names(deinze) == [""]


def test_work_that_fails_in_one_municipality_is_told_and_done_in_the_others(
    aalter: Municipality, deinze: Municipality
) -> None:
    refused_long_ago(aalter)
    refused_long_ago(deinze)

    def stumbles_in_aalter(now: datetime) -> None:
        Person.objects.update(name="Nobody")
        if scope() == aalter.pk:
            raise ValueError("Els Bloemen")

    with capture_logs() as lines:
        for_each_municipality((stumbles_in_aalter,))
    assert (names(aalter), names(deinze)) == (["Els Bloemen"], ["Nobody"])
    ((line),) = lines
    assert (line["municipality"], line["error"]) == (aalter.pk, "ValueError")
    assert leaks(str(lines), secrets=("Bloemen",)) == []
