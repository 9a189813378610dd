"""Facts come in, and the ledger follows."""

from __future__ import annotations

import msgspec
import pytest

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.journal.queries import first_break
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact, Log
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.core import facts
from onthaal.core.refusals import Refusal, Why
from tests.central.devices.cast import STAFF, Teller, Wall, collected, holder, loaded, stays

pytestmark = pytest.mark.django_db


def kinds(stream: str) -> list[str]:
    return list(Entry.objects.filter(stream=stream).order_by("number").values_list("kind", flat=True))


def verdicts() -> list[str]:
    return list(HeardFact.objects.order_by("log_id", "number").values_list("verdict", flat=True))


def test_a_thing_goes_in_and_comes_out(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(loaded(handover))
    assert hear(wall.device, teller.post()).heard_up_to == 1
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.stage, handover.compartment, handover.loaded_by) == ("loaded", wall.doors[3], STAFF)
        assert stays() == {3: handover.pk}
        assert holder(handover.item) == "compartment"
        assert Grant.objects.get().status == "awake"
    teller.says(collected(handover))
    assert hear(wall.device, teller.post()).heard_up_to == 2
    with wall.acting():
        handover.refresh_from_db()
        assert (handover.stage, handover.closed_at) == ("collected", teller.at)
        assert stays() == {}
        assert holder(handover.item) == "citizen"
        assert Grant.objects.get().status == "used"
        assert kinds(f"handover:{handover.pk}") == ["handover.planned", "handover.loaded", "handover.collected"]
        assert first_break(f"handover:{handover.pk}") is None
        assert verdicts() == ["good", "good"]


def test_a_whole_stay_told_at_once_is_written_with_both_its_moments(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    put, took = teller.says(loaded(handover), collected(handover))
    hear(wall.device, teller.post())
    with wall.acting():
        stay = Stay.objects.get()
        assert (stay.since, stay.until) == (put.at, took.at)
        assert holder(handover.item) == "citizen"


def test_telling_twice_is_harmless(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(loaded(handover), collected(handover))
    for _ in range(3):
        assert hear(wall.device, teller.post()).heard_up_to == 2
    with wall.acting():
        assert kinds(f"handover:{handover.pk}") == ["handover.planned", "handover.loaded", "handover.collected"]
        assert HeardFact.objects.count() == 2


def test_facts_behind_a_gap_wait_until_it_is_filled(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    first, second, third = teller.says(facts.HelpAsked(session="s"), loaded(handover), collected(handover))
    assert hear(wall.device, teller.post([first, third])).heard_up_to == 1
    with wall.acting():
        handover.refresh_from_db()
        assert handover.stage == "planned"
    assert hear(wall.device, teller.post([third, second, first])).heard_up_to == 3
    with wall.acting():
        handover.refresh_from_db()
        assert handover.stage == "collected"


def test_a_malformed_fact_is_kept_as_it_came_and_the_next_is_heard(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    good, later = teller.says(facts.HelpAsked(session="s"), loaded(handover))
    odd = msgspec.json.encode(good).replace(b"help-asked", b"asked-for-help")
    assert hear(wall.device, teller.raw(odd, msgspec.json.encode(later))).heard_up_to == 2
    with wall.acting():
        kept = HeardFact.objects.get(number=1)
        assert (kept.told, kept.verdict) == (odd.decode(), "malformed")
        handover.refresh_from_db()
        assert handover.stage == "loaded"
        assert "kiosk.fact-malformed" in kinds(f"kiosk:{wall.kiosk.pk}")


@pytest.mark.parametrize(
    "element",
    [
        b"17",
        b'"text"',
        b"null",
        b"[]",
        b"{}",
        b'{"number":"two"}',
        b'{"number":2,"at":"yesterday"}',
        b'{"number":2,"at":"2026-11-20T02:10:02","boot":"b","body":{"type":"help-asked","session":"s"},"hash":"00"}',
        b'{"number":2,"at":"9999-12-31T23:59:59-14:00","boot":"b","body":{"type":"help-asked","session":"s"},"hash":"0"}',
        b'{"number":2,"at":"2026-11-20T02:10:02Z","boot":"b","body":{"type":"help-asked","session":"\\u0000"},"hash":"0"}',
        b"[" * 200 + b"]" * 200,
    ],
)
def test_whatever_stands_between_two_facts_takes_its_number(wall: Wall, teller: Teller, element: bytes) -> None:
    one, _, three = teller.says(*(facts.HelpAsked(session="s") for _ in range(3)))
    body = teller.raw(msgspec.json.encode(one), element, msgspec.json.encode(three))
    assert hear(wall.device, body).heard_up_to == 3
    with wall.acting():
        assert verdicts() == ["good", "malformed", "good"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"log":"l","boot":"b"}',
        b'{"log":"","boot":"b","facts":[]}',
        b'{"log":"a b","boot":"b","facts":[]}',
        b'{"log":"' + b"l" * 41 + b'","boot":"b","facts":[]}',
        b'{"log":"l","boot":"b","facts":[{}]}',
        b'{"log":"l","boot":"b","facts":[' + b",".join([b'{"number":1}'] * 501) + b"]}",
        b"[" * 100_000,
        b'{"log":"l","boot":"b","facts":[' + b"[" * 5000 + b"]" * 5000 + b"]}",
    ],
)
def test_a_body_that_is_no_facts_is_refused_and_changes_nothing(wall: Wall, body: bytes) -> None:
    with pytest.raises(Refusal) as no:
        hear(wall.device, body)
    assert no.value.why is Why.MALFORMED
    with wall.acting():
        assert not HeardFact.objects.exists()
        assert not Log.objects.exists()


def test_a_broken_chain_is_recorded_once_and_refuses_nothing(wall: Wall, teller: Teller) -> None:
    one, two, three = teller.says(*(facts.HelpAsked(session=f"s{n}") for n in range(3)))
    forged = msgspec.structs.replace(two, body=facts.HelpAsked(session="forged"))
    assert hear(wall.device, teller.post([one, forged, three])).heard_up_to == 3
    with wall.acting():
        assert Log.objects.get().broken_at == 2
        assert kinds(f"kiosk:{wall.kiosk.pk}") == ["kiosk.chain-broken"]


def test_a_replaced_disk_begins_a_new_log(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(loaded(handover))
    hear(wall.device, teller.post())
    new = Teller(log="log-two")
    new.says(facts.Started(software="1", clean=False), collected(handover))
    assert hear(wall.device, new.post()).heard_up_to == 2
    with wall.acting():
        handover.refresh_from_db()
        assert handover.stage == "collected"
        assert "kiosk.log-replaced" in kinds(f"kiosk:{wall.kiosk.pk}")


def test_a_restored_centre_hears_again_what_it_forgot(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(facts.HelpAsked(session="s"), loaded(handover), collected(handover))
    # Restored from before: it says where it stands, and the kiosk tells again from there.
    assert hear(wall.device, teller.post(teller.facts[2:])).heard_up_to == 0
    assert hear(wall.device, teller.post(teller.facts[0:])).heard_up_to == 3
    with wall.acting():
        handover.refresh_from_db()
        assert handover.stage == "collected"


def test_the_measures_of_a_wall_come_from_its_file(wall: Wall, teller: Teller) -> None:
    fitted = tuple(facts.Fitted(number=n, size="L", bottom_mm=0, top_mm=900, presence=False) for n in (1, 12))
    with wall.acting():
        handover = wall.planned()
    teller.says(facts.Configured(compartments=fitted), loaded(handover, 12))
    hear(wall.device, teller.post())
    with wall.acting():
        assert stays() == {12: handover.pk}
        assert kinds(f"kiosk:{wall.kiosk.pk}") == ["kiosk.configured"]
        wall.doors[1].refresh_from_db()
        wall.doors[2].refresh_from_db()
        assert (wall.doors[1].size, wall.doors[2].removed_at is None) == ("L", False)
        assert Handover.objects.get().stage == "loaded"
