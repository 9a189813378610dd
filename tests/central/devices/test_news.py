"""What the stream looks at once a second: it must move whenever there is something to tell."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from onthaal.central.lockers.access.models import Identification
from onthaal.central.lockers.devices import news
from onthaal.central.lockers.devices.models import Command
from tests.central.devices.addressees import a_provider, begins
from tests.central.devices.cast import Wall
from tests.central.lockers.town import turned_clock

pytestmark = pytest.mark.django_db


def asked(wall: Wall, nonce: str, at: datetime, *, number: int | None = None) -> None:
    with wall.acting():
        Command(
            id=number, kiosk=wall.kiosk, nonce=nonce, boot="b", compartment=wall.doors[1], asked_by=wall.clerk,
            reason="Sleutel zit vast", issued_at=at,
        ).save(force_insert=True)  # fmt: skip


def decided(wall: Wall, at: datetime) -> int:
    with wall.acting():
        one, _ = begins(wall)
        Identification.objects.filter(pk=one.pk).update(state="refused", decided_at=at, nonce=f"n{one.pk}")
        return int(one.pk)


def test_a_command_that_comes_when_another_grows_old_is_seen(wall: Wall, clock: turned_clock) -> None:
    asked(wall, "one", clock.now())
    before = news.standing(wall.municipality.pk)
    clock.turn(seconds=60.5)
    asked(wall, "two", clock.now())
    assert news.standing(wall.municipality.pk) != before


def test_an_approval_that_comes_when_another_grows_old_is_seen(wall: Wall, clock: turned_clock) -> None:
    with wall.acting():
        a_provider()
    decided(wall, clock.now())
    before = news.standing(wall.municipality.pk)
    clock.turn(seconds=60.5)
    decided(wall, clock.now())
    assert news.standing(wall.municipality.pk) != before


def test_what_was_written_earlier_and_is_seen_later_is_seen(wall: Wall, clock: turned_clock) -> None:
    """Two ask at once; the transaction that began first ends last."""
    with wall.acting():
        a_provider()
    asked(wall, "two", clock.now(), number=1002)
    decided(wall, clock.now())
    before = news.standing(wall.municipality.pk)
    asked(wall, "one", clock.now(), number=1001)
    commanded = news.standing(wall.municipality.pk)
    clock.turn(seconds=-1)
    decided(wall, clock.now())
    assert len({before, commanded, news.standing(wall.municipality.pk)}) == 3


def test_where_nothing_came_nothing_moves(wall: Wall, clock: turned_clock) -> None:
    asked(wall, "one", clock.now())
    before = news.standing(wall.municipality.pk)
    clock.turn(seconds=61)
    assert news.standing(wall.municipality.pk) == before


def test_the_look_of_each_second_reads_no_whole_table(wall: Wall) -> None:
    with wall.acting(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {news.STANDING}", {"municipality": wall.municipality.pk})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # Of two indices that end with the newest the planner takes the primary key while the table is as good as empty.
    assert "lockers_command_own" in plan or "lockers_command_pkey" in plan
    assert "identification_decided" in plan
    assert "Sort" not in plan
