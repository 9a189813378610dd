"""The physical fact wins: what contradicts it is displaced, marked, and put before people. Nothing is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import Command, HeardFact
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.models import Kiosk, Site
from onthaal.core import facts
from tests.central.devices.cast import NOW, STAFF, Teller, Wall, collected, holder, loaded, stays

pytestmark = pytest.mark.django_db


def stage(handover: Handover) -> str:
    handover.refresh_from_db()
    return str(handover.stage)


def remarks() -> list[str]:
    return [remark for remark in HeardFact.objects.order_by("number").values_list("remark", flat=True) if remark]


def tells(wall: Wall, teller: Teller, *bodies: facts.Body) -> None:
    teller.says(*bodies)
    assert hear(wall.device, teller.post()).heard_up_to == len(teller.facts)


def taken_out(handover: Handover | None, door: int = 3) -> facts.TakenOut:
    number = handover.pk if handover else None
    return facts.TakenOut(compartment=door, staff=STAFF, session="s3", grade="B", handover=number)


def returned(door: int = 5, **more: object) -> facts.Returned:
    return facts.Returned(compartment=door, session="s4", grade="A", **more)  # type: ignore[arg-type]


def test_what_was_taken_although_recalled_is_collected_and_marked(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    tells(wall, teller, loaded(handover))
    with wall.acting():
        Handover.objects.update(stage="recalled", recalled_at=NOW)
    tells(wall, teller, collected(handover))
    with wall.acting():
        assert stage(handover) == "collected"
        assert holder(handover.item) == "citizen"
        assert remarks() == ["was-recalled"]
        assert Entry.objects.filter(kind="kiosk.fact-conflict", data__why="was-recalled").exists()


def test_what_was_loaded_although_cancelled_is_disputed_and_not_forgotten(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
        Handover.objects.update(stage="cancelled", closed_at=NOW)
    tells(wall, teller, loaded(handover))
    with wall.acting():
        assert stage(handover) == "disputed"
        assert handover.closed_at is None
        assert stays() == {3: handover.pk}
        assert holder(handover.item) == "compartment"


def test_two_things_in_one_compartment_displace_the_one_before(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        first, second = wall.planned(), wall.planned()
    tells(wall, teller, loaded(first), loaded(second))
    with wall.acting():
        assert (stage(first), stage(second)) == ("disputed", "loaded")
        assert stays() == {3: second.pk}
        assert remarks() == ["occupied"]


def test_what_came_out_of_another_compartment_puts_both_in_doubt(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        first, second = wall.planned(), wall.planned()
    tells(wall, teller, loaded(first, 3), loaded(second, 4), collected(first, 4))
    with wall.acting():
        assert (stage(first), stage(second)) == ("disputed", "disputed")
        assert stays() == {}


@pytest.mark.parametrize("number", [0, -5, 999_999, 2**70])
def test_an_unknown_handover_moves_nothing_but_what_lay_there(wall: Wall, teller: Teller, number: int) -> None:
    with wall.acting():
        known = wall.planned()
    stranger = facts.Collected(handover=number, compartment=3, session="s", grade="B")
    tells(wall, teller, loaded(known), stranger)
    with wall.acting():
        assert stage(known) == "disputed"
        assert remarks() == ["handover-unknown"]


def test_a_door_that_no_wall_has_puts_the_thing_in_doubt(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    tells(wall, teller, loaded(handover, 2**40))
    with wall.acting():
        assert stage(handover) == "disputed"
        assert remarks() == ["compartment-unknown"]


def test_a_thing_of_another_wall_is_not_moved_by_this_one(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
        other = Kiosk(site=Site.objects.get(), name="Bibliotheek")
        other.save()
        Handover.objects.update(kiosk=other)
    tells(wall, teller, loaded(handover), collected(handover))
    with wall.acting():
        assert stage(handover) == "planned"
        assert remarks() == ["handover-unknown", "handover-unknown"]


def test_one_person_where_two_are_needed_is_disputed(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        alone, together, unprepared = wall.planned(), wall.planned(), wall.planned()
        wall.vouchers.two_staff = True
        wall.vouchers.save()
        Handover.objects.filter(pk=alone.pk).update(prepared_by=STAFF)
        Handover.objects.filter(pk=together.pk).update(prepared_by="somebody else")
    tells(wall, teller, loaded(alone), loaded(together, 4, first_staff="somebody else"), loaded(unprepared, 5))
    with wall.acting():
        assert (stage(alone), alone.dispute) == ("disputed", "rule-broken")
        assert (stage(unprepared), unprepared.dispute) == ("disputed", "rule-broken")
        assert stage(together) == "loaded"
        assert not Entry.objects.filter(stream=f"handover:{alone.pk}", kind="handover.loaded").exists()


def test_undoing_puts_it_back_on_the_desk_even_when_the_mail_has_gone(wall: Wall, teller: Teller) -> None:
    undone = {"compartment": 3, "staff": STAFF, "session": "s1"}
    with wall.acting():
        handover = wall.planned()
    tells(wall, teller, loaded(handover))
    with wall.acting():
        Handover.objects.update(stage="waiting", ready_at=NOW, collect_by=NOW + timedelta(days=5))
    tells(wall, teller, facts.LoadUndone(handover=handover.pk, **undone))  # type: ignore[arg-type]
    with wall.acting():
        assert (stage(handover), handover.compartment, handover.collect_by) == ("planned", None, None)
        assert (stays(), holder(handover.item)) == ({}, "desk")
        assert Grant.objects.get().status == "asleep"


def test_staff_takes_back_a_recalled_thing_and_inspects_a_returned_one(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        item = wall.thing(wall.material, tag="E200AA")
        out = wall.planned(item)
        back = wall.planned(item, direction="back", out=out)
        other = wall.planned()
    tells(wall, teller, loaded(out), collected(out), loaded(other, 4))
    with wall.acting():
        Handover.objects.filter(pk=other.pk).update(stage="recalled")
    tells(wall, teller, returned(handover=back.pk, item=item.pk), taken_out(back, 5), taken_out(other, 4))
    with wall.acting():
        assert (stage(out), stage(back), stage(other)) == ("collected", "collected", "taken_back")
        assert (holder(item), holder(other.item), stays()) == ("desk", "desk", {})
        assert remarks() == []


def test_a_loan_that_comes_back_unplanned_is_planned_backwards(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        item = wall.thing(wall.material, tag="E200AA")
        out = wall.planned(item)
    tells(wall, teller, loaded(out), collected(out), returned(tag="E200AA"))
    with wall.acting():
        back = Handover.objects.get(direction="back")
        assert (back.stage, back.out, back.person_id) == ("loaded", out, out.person_id)
        assert (stays(), holder(item)) == ({5: back.pk}, "compartment")
        assert list(Entry.objects.filter(stream=f"handover:{back.pk}").values_list("kind", flat=True)) == [
            "handover.planned", "handover.returned",
        ]  # fmt: skip
        assert remarks() == []


def test_a_loan_planned_back_at_another_wall_is_taken_here_all_the_same(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        item = wall.thing(wall.material, tag="E200AA")
        out = wall.planned(item)
        back = wall.planned(item, direction="back", out=out)
        other = Kiosk(site=Site.objects.get(), name="Bibliotheek")
        other.save()
        Handover.objects.filter(pk=back.pk).update(kiosk=other)
    tells(wall, teller, loaded(out), collected(out), returned(item=item.pk))
    with wall.acting():
        assert (stage(back), back.kiosk) == ("loaded", wall.kiosk)


def test_what_nobody_had_on_loan_lies_there_for_staff_to_look_at(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        item = wall.thing(wall.material, tag="E200AA")
    tells(wall, teller, returned(tag="E200AA"), returned(6, tag="FFFF"))
    with wall.acting():
        assert remarks() == ["not-on-loan", "not-on-loan"]
        assert holder(item) == "compartment"


def test_five_wrong_pins_close_the_pin_and_leave_the_qr(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        wall.planned()
        grant = Grant.objects.get()
    wrong = facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=grant.pk, counts=True)
    tells(wall, teller, *[wrong] * 4)
    with wall.acting():
        grant.refresh_from_db()
        assert (grant.pin_tries, grant.pin_closed_at) == (4, None)
    tells(wall, teller, wrong, wrong)
    with wall.acting():
        grant.refresh_from_db()
        assert grant.pin_closed_at == teller.facts[4].at
        assert Entry.objects.filter(kind="grant.pin-closed").count() == 1


def test_a_thing_in_doubt_keeps_its_compartment_until_people_looked(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    doubt = facts.Disputed(handover=handover.pk, compartment=3, why="loading-unfinished")
    tells(wall, teller, doubt)
    with wall.acting():
        assert (stage(handover), handover.dispute, stays()) == ("disputed", "loading-unfinished", {3: handover.pk})
        assert holder(handover.item) == "desk"
    tells(wall, teller, taken_out(handover))
    with wall.acting():
        assert (stage(handover), stays(), remarks()) == ("taken_back", {}, [])


def test_an_empty_compartment_that_should_hold_something_is_told(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    tells(wall, teller, loaded(handover), facts.SeenEmpty(compartment=3))
    with wall.acting():
        assert (stage(handover), stays(), remarks()) == ("disputed", {}, ["was-loaded"])


def test_the_answer_to_a_command_is_kept_with_it(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        Command(
            kiosk=wall.kiosk, nonce="n1", boot="b", compartment=wall.doors[1], asked_by=wall.clerk, reason="test",
            issued_at=NOW,
        ).save()  # fmt: skip
    answers = [facts.CommandAnswered(nonce=nonce, outcome="opened") for nonce in ("n1", "n2")]
    tells(wall, teller, *answers)
    with wall.acting():
        assert Command.objects.get().outcome == "opened"
        assert remarks() == ["command-unknown"]


def test_every_kind_of_fact_is_heard(wall: Wall, teller: Teller) -> None:
    """Whatever a kiosk can say, with rows that exist and rows that do not."""
    with wall.acting():
        handover = wall.planned()
    for number in (handover.pk, 12345):
        for kind in facts.Body.__args__:
            teller.says(_any(kind, number))
    for fact in teller.facts:
        hear(wall.device, teller.post([fact]))
    with wall.acting():
        assert HeardFact.objects.count() == len(teller.facts)
        assert not HeardFact.objects.filter(verdict="malformed").exists()


def _any(kind: type[facts.Body], number: int) -> facts.Body:
    import msgspec

    known = {
        "handover": number, "compartment": 3, "compartments": [], "changed": [1], "what": "door", "how": "done",
        "channel": "pin", "purpose": "collect", "grade": "B", "why": "crash-open", "outcome": "opened", "clean": True,
        "epoch": 2, "was": 1, "wrong_codes": 120, "pulse": 2, "pulsed": 1, "moved": 2, "grant": number, "item": number,
        "counts": True, "still": [2], "expected": number, "same_up_to": 2,
        "identification": number, "handovers": [number], "way": "phone",
    }  # fmt: skip
    body = {field.name: known.get(field.name, "text") for field in msgspec.structs.fields(kind)}
    if "present" in body:
        body["present"] = True
    return msgspec.convert(body | {"type": kind.__struct_config__.tag}, kind)
