"""What the desk sees of a wall and asks of it; and what a wall's own word sets off."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from onthaal import clock
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.devices import actions, jobs, queries
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import SILENT_AFTER, Command, KioskState
from onthaal.central.lockers.places.actions import block
from onthaal.core.refusals import Refusal, Why
from tests.central.devices.cast import NOW, Teller, Wall, loaded
from tests.central.devices.test_addresses import a_state

pytestmark = pytest.mark.django_db
REASON = "Sleutel zit vast"


def asks(wall: Wall, door: int, *, handover: int | None = None, reason: str = REASON) -> Command:
    return actions.open_now(
        kiosk_id=wall.kiosk.pk, compartment_id=wall.doors[door].pk, by=wall.clerk, reason=reason, handover_id=handover
    )


def why_not(wall: Wall, door: int, **asked: object) -> Why:
    with wall.acting(), pytest.raises(Refusal) as no:
        asks(wall, door, **asked)  # type: ignore[arg-type]
    return no.value.why


def test_an_empty_compartment_opens_for_who_gives_a_reason(wall: Wall) -> None:
    assert why_not(wall, 4) is Why.WALL_BEHIND, "nobody knows whether the wall is there"
    with wall.acting():
        actions.keep_state(wall.device, a_state())
        command = asks(wall, 4)
        assert (command.boot, command.reason, command.handover) == ("boot-one", REASON, None)
        entry = Entry.objects.get(kind="kiosk.opened-remotely")
        assert (entry.by, entry.about["compartment"]) == (str(wall.clerk.pseudonym), 4)
        assert REASON not in str(entry.data), "a reason in somebody's own words may name people"
    assert why_not(wall, 4, reason="  ") is Why.REASON_MISSING


def test_what_holds_a_thing_opens_only_as_a_recall_of_that_thing(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
        actions.keep_state(wall.device, a_state())
    teller.says(loaded(handover))
    hear(wall.device, teller.post())
    assert why_not(wall, 3) is Why.COMPARTMENT_UNAVAILABLE
    assert why_not(wall, 4, handover=handover.pk) is Why.COMPARTMENT_UNAVAILABLE
    with wall.acting():
        before = queries.moment(wall.kiosk.pk).version
        assert asks(wall, 3, handover=handover.pk).handover == handover
        handover.refresh_from_db()
        assert handover.stage == "recalled"
        assert queries.moment(wall.kiosk.pk).version > before


def test_a_personal_document_needs_a_second_person(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned(wall.thing(wall.documents()))
        handover.prepared_by = "somebody else"
        handover.save()
        actions.keep_state(wall.device, a_state())
    teller.says(loaded(handover))
    hear(wall.device, teller.post())
    assert why_not(wall, 3, handover=handover.pk) is Why.NEEDS_SECOND_PERSON
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.stage, Command.objects.count()) == ("loaded", 0)


def test_a_kiosk_that_says_nothing_is_told_of_once_and_over_when_it_speaks(wall: Wall) -> None:
    with wall.acting():
        actions.keep_state(wall.device, a_state())
        assert jobs.silent(clock.now()) == 0
        later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
        assert [jobs.silent(later), jobs.silent(later)] == [1, 0]
        assert Alert.objects.get().kind == "kiosk-silent"
        actions.keep_state(wall.device, a_state())
        assert Alert.objects.get().over_at is not None
        assert {"kiosk.silent", "kiosk.back"} <= set(Entry.objects.values_list("kind", flat=True))


def test_a_kiosk_that_knows_more_than_the_centre_raises_an_alert(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(loaded(handover))
    hear(wall.device, teller.post())
    with wall.acting():
        actions.keep_state(wall.device, a_state(version=99, last_fact=1))
        assert {alert.kind for alert in Alert.objects.filter(over_at=None)} == {"ahead"}
        actions.keep_state(wall.device, a_state(last_fact=0, at=teller.facts[0].at))
        assert not Alert.objects.filter(over_at=None).exists(), "the fact may have overtaken this state"
        actions.keep_state(wall.device, a_state(last_fact=0))
        assert {alert.kind for alert in Alert.objects.filter(over_at=None)} == {"log-behind"}


def test_a_code_leaves_only_once_its_wall_knows_it(wall: Wall) -> None:
    with wall.acting():
        handover = wall.planned()
        Grant.objects.update(status="awake", wish_version=7, sealed=b"sealed")
        Notice(
            kind="ready", person=wall.person, about=f"handover:{handover.pk}", language="nl", status="held",
            created_at=NOW, due_at=NOW,
        ).save()  # fmt: skip
        wall.kiosk.wish_version = 8
        wall.kiosk.save()
        for version, status in ((6, "held"), (7, "due")):
            actions.keep_state(wall.device, a_state(version=version))
            assert Notice.objects.get(kind="ready").status == status


def test_the_live_wall_says_what_lies_where_and_names_nobody(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
        actions.keep_state(wall.device, a_state(doors={3: "open"}, contents={3: "holds"}, blocked={5: ("forced",)}))
        block(compartment_id=wall.doors[6].pk, by=wall.clerk, reason="Slot stuk")
    teller.says(loaded(handover))
    hear(wall.device, teller.post())
    with wall.acting():
        live = queries.wall(wall.kiosk.pk)
        cells = {cell.number: cell for cell in live.cells}
        assert len(cells) == 9
        third = cells[3]
        assert (third.door, third.sensed, third.handover, third.stage) == ("open", "holds", handover.pk, "loaded")
        assert (cells[5].blocked_by_kiosk, cells[6].blocked_by_centre) == (("forced",), "Slot stuk")
        assert wall.person.name not in msgspec.json.encode(live).decode()
        KioskState.objects.update(told_at=NOW - timedelta(days=9))
        silent = queries.wall(wall.kiosk.pk)
        assert silent.silent
        assert {cell.door for cell in silent.cells} == {"unknown"}, "unknown is never closed"


@pytest.mark.parametrize("trouble", ["bus-degraded", "reader-silent"])
def test_a_machine_that_is_in_trouble_for_a_while_is_an_alert_until_it_is_not(wall: Wall, trouble: str) -> None:
    with wall.acting():
        actions.keep_state(wall.device, a_state(troubles=(trouble,)))
        actions.keep_state(wall.device, a_state(troubles=(trouble,)))
        assert [alert.kind for alert in Alert.objects.filter(over_at=None)] == [trouble]
        actions.keep_state(wall.device, a_state())
        assert not Alert.objects.filter(over_at=None).exists()
