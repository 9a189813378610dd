"""A spare disk, and then the first one again: the wishes speak of the log that the wall writes now."""

from __future__ import annotations

import msgspec
import pytest

from onthaal import clock
from onthaal.central.lockers.devices import actions, queries
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core import facts
from onthaal.core.protocol import Wishes
from tests.central.devices.cast import Caller, Teller, Wall
from tests.central.devices.test_addresses import a_state

pytestmark = pytest.mark.django_db


def works_with(wall: Wall, disk: Teller, word: str) -> None:
    """The wall tells something, and how it is."""
    told = disk.says(facts.HelpAsked(session=word))
    hear(wall.device, disk.post(told))
    with wall.acting():
        actions.keep_state(
            wall.device,
            msgspec.structs.replace(
                a_state(), log=disk.log, boot=word, at=clock.now(), version=1, last_fact=len(disk.facts)
            ),
        )


def named(wall: Wall) -> tuple[str, int]:
    with wall.acting():
        moment = queries.moment(wall.kiosk.pk)
    return moment.log, moment.heard_up_to


def test_the_wishes_name_the_log_of_the_disk_that_was_put_back(wall: Wall) -> None:
    first, spare = Teller(log="log-a"), Teller(log="log-b")
    works_with(wall, first, "a1")
    assert named(wall) == ("log-a", 1)
    works_with(wall, spare, "b1")
    assert named(wall) == ("log-b", 1)
    works_with(wall, first, "a2")
    assert named(wall) == ("log-a", 2)


def test_the_wall_hears_that_its_wishes_speak_of_another_log(wall: Wall) -> None:
    first, spare = Teller(log="log-a"), Teller(log="log-b")
    works_with(wall, first, "a1")
    works_with(wall, spare, "b1")
    kiosk = Caller(wall)
    of_spare = msgspec.json.decode(kiosk.ask("GET", "wishes").content, type=Wishes)
    first.says(facts.HelpAsked(session="unheard"))
    with wall.acting():
        before = Kiosk.objects.get(pk=wall.kiosk.pk).wish_version
        back = msgspec.structs.replace(a_state(), log="log-a", boot="a2", at=clock.now(), version=before)
        for _ in range(2):
            actions.keep_state(wall.device, back)
        assert Kiosk.objects.get(pk=wall.kiosk.pk).wish_version == before + 1
    of_first = msgspec.json.decode(kiosk.ask("GET", "wishes", since=of_spare.etag).content, type=Wishes)
    assert (of_spare.log, of_first.log, of_first.heard_up_to) == ("log-b", "log-a", 1)


def test_two_snapshots_of_different_logs_have_different_names(wall: Wall) -> None:
    works_with(wall, Teller(log="log-a"), "a1")
    with wall.acting():
        one = queries.moment(wall.kiosk.pk)
    assert one.etag != msgspec.structs.replace(one, log="log-b").etag


def test_a_log_of_which_nothing_was_heard_is_not_named(wall: Wall) -> None:
    works_with(wall, Teller(log="log-a"), "a1")
    with wall.acting():
        actions.keep_state(
            wall.device, msgspec.structs.replace(a_state(), log="log-new", boot="n1", at=clock.now(), version=1)
        )
    assert named(wall) == ("log-a", 1)
