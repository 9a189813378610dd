"""Whatever a wall tells is heard, also what no row may say: it is kept, put in doubt, and the next fact is heard."""

from __future__ import annotations

import pytest

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.devices import happenings
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact
from onthaal.central.lockers.handovers.models import Handover
from onthaal.core import facts
from tests.central.devices.cast import NOW, STAFF, Teller, Wall, loaded, stays

pytestmark = pytest.mark.django_db

ANOTHER = "9c8d1f2a-0000-4b3c-9f3a-0d6a5c0b7a11"


def tells(wall: Wall, teller: Teller, *bodies: facts.Body) -> None:
    """All of it is heard."""
    told = teller.says(*bodies)
    assert hear(wall.device, teller.post(told)).heard_up_to == len(teller.facts)


def verdicts() -> list[tuple[str, str]]:
    return list(HeardFact.objects.order_by("number").values_list("verdict", "remark"))


def taken_out(handover: Handover, by: str) -> facts.TakenOut:
    return facts.TakenOut(compartment=3, staff=by, session="s3", grade="B", handover=handover.pk)


def prepared_by_who_loads(wall: Wall) -> Handover:
    """Of a product that does not ask for two people."""
    with wall.acting():
        handover = wall.planned()
        Handover.objects.update(prepared_by=STAFF, prepared_at=NOW)
    return handover


def test_what_one_person_prepared_and_loaded_breaks_a_rule_and_is_heard(wall: Wall, teller: Teller) -> None:
    handover = prepared_by_who_loads(wall)
    tells(wall, teller, loaded(handover), facts.HelpAsked(session="s"))
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.stage, handover.dispute, handover.loaded_by) == ("disputed", "rule-broken", "")
        assert verdicts() == [("conflict", "rule-broken"), ("good", "")]
        assert stays() == {3: handover.pk}


def test_who_received_a_document_may_take_it_out_another_time(wall: Wall, teller: Teller) -> None:
    """It was at the desk, and the wall says that it stands there again: a new taking out asks for a new receiving."""
    with wall.acting():
        handover = wall.planned(wall.thing(wall.documents()))
        Handover.objects.update(prepared_by=ANOTHER, prepared_at=NOW)
    tells(wall, teller, loaded(handover), taken_out(handover, ANOTHER))
    with wall.acting():
        Handover.objects.update(received_by=STAFF, received_at=NOW)
    tells(wall, teller, loaded(handover))
    tells(wall, teller, taken_out(handover, STAFF))
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.stage, handover.taken_out_by) == ("taken_back", STAFF)
        assert (handover.received_by, handover.received_at) == ("", None)


def test_told_once_more_that_it_was_taken_out_who_received_it_still_did(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned(wall.thing(wall.documents()))
        Handover.objects.update(prepared_by=ANOTHER, prepared_at=NOW)
    tells(wall, teller, loaded(handover), taken_out(handover, ANOTHER))
    with wall.acting():
        Handover.objects.update(received_by=STAFF, received_at=NOW)
    tells(wall, teller, taken_out(handover, STAFF))
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.taken_out_by, handover.received_by, handover.received_at) == (ANOTHER, STAFF, NOW)


def test_a_fact_that_breaks_a_rule_nobody_thought_of_is_kept_and_those_around_it_count(
    wall: Wall, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(happenings, "_loading_wrong", lambda handover, body: "")
    handover = prepared_by_who_loads(wall)
    with wall.acting():
        other = wall.planned()
    tells(wall, teller, facts.HelpAsked(session="s"), loaded(handover), loaded(other, 4))
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.stage, handover.dispute) == ("disputed", "conflict")
        assert verdicts() == [("good", ""), ("conflict", "breaks:two_people_load"), ("good", "")]
        assert stays() == {4: other.pk}
        about = Entry.objects.get(kind="kiosk.fact-conflict").about
        assert (about["handover"], about["compartment"]) == (handover.pk, 3)
    again = hear(wall.device, teller.post())
    assert (again.heard_up_to, again.same_up_to) == (3, 3)
