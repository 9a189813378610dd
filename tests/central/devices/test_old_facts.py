"""After a backup was put back: facts about what is lost are not taken for facts about what got its number since."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from onthaal import clock
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.devices import actions
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact
from onthaal.central.lockers.handovers.models import Handover
from tests.central.devices.cast import NOW, Teller, Wall, loaded, stays
from tests.central.devices.test_addresses import a_state

pytestmark = pytest.mark.django_db


def planned_after(wall: Wall, later: timedelta) -> Handover:
    """Planned so much later than the wall will say it was loaded."""
    with wall.acting():
        handover = wall.planned()
        handover.planned_at = NOW + timedelta(seconds=1) + later
        handover.save(update_fields=["planned_at"])
    return handover


def heard(wall: Wall, teller: Teller, handover: Handover) -> tuple[str, str, str]:
    teller.says(loaded(handover))
    hear(wall.device, teller.post())
    with wall.acting():
        handover.refresh_from_db()
        fact = HeardFact.objects.get()
        return fact.verdict, fact.remark, str(handover.stage)


def test_what_was_loaded_before_it_was_planned_is_another_thing_and_in_doubt(wall: Wall, teller: Teller) -> None:
    handover = planned_after(wall, timedelta(hours=2))
    assert heard(wall, teller, handover) == ("conflict", "older-than-plan", "disputed")
    with wall.acting():
        assert handover.dispute == "older-than-plan"
        assert stays() == {3: handover.pk}
        assert Grant.objects.get().status == "asleep"
        assert not Entry.objects.filter(kind="handover.loaded").exists()


def test_a_wall_whose_clock_is_a_little_slow_is_believed(wall: Wall, teller: Teller) -> None:
    assert heard(wall, teller, planned_after(wall, timedelta(minutes=10))) == ("good", "", "loaded")


@pytest.mark.parametrize("behind", [timedelta(hours=2), timedelta(days=900)])
def test_a_wall_that_is_known_to_have_a_slow_clock_is_believed(wall: Wall, teller: Teller, behind: timedelta) -> None:
    handover = planned_after(wall, behind)
    with wall.acting():
        actions.keep_state(wall.device, msgspec.structs.replace(a_state(), at=clock.now() - behind))
    assert heard(wall, teller, handover) == ("good", "", "loaded")
