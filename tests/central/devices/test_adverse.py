"""What somebody could try against the centre through a wall, or two clerks by accident."""

from __future__ import annotations

import json

import msgspec
import pytest

from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.devices import queries
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.models import Kiosk, Site
from onthaal.core import facts
from onthaal.core.lifecycles import Stage
from onthaal.core.protocol import Wishes
from onthaal.core.refusals import Refusal, Why
from onthaal.kiosk.soundness import unsound
from tests.central.devices.cast import Teller, Wall, collected, holder, loaded

pytestmark = pytest.mark.django_db


def tells(wall: Wall, teller: Teller, *bodies: facts.Body) -> None:
    teller.says(*bodies)
    assert hear(wall.device, teller.post()).heard_up_to == len(teller.facts)


def wished(wall: Wall) -> Wishes:
    with queries.snapshot_of(wall.municipality.pk):
        return queries.wishes(wall.kiosk.pk)


def make_proofs_real() -> None:
    """The cast's verifiers are stand-ins; a wall refuses those."""
    Grant.objects.update(pin_verifier="$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43)


def test_a_wall_can_still_use_its_wishes_after_two_things_were_told_behind_one_door(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        first, second = wall.planned(), wall.planned()
        make_proofs_real()
    tells(wall, teller, loaded(first), loaded(second))
    told = wished(wall)
    assert unsound(told) is None
    assert {one.id: one.compartment for one in told.handovers} == {first.pk: None, second.pk: 3}


def test_what_was_seen_gone_claims_no_door_when_another_thing_comes_there(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        first, second = wall.planned(), wall.planned()
        make_proofs_real()
    tells(wall, teller, loaded(first), facts.SeenEmpty(compartment=3, staff="s"), loaded(second))
    assert unsound(wished(wall)) is None


def test_staff_cannot_say_that_a_thing_lies_where_another_one_does(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        first, second = wall.planned(), wall.planned()
    tells(wall, teller, loaded(first), loaded(second))
    with wall.acting():
        with pytest.raises(Refusal) as no:
            handovers.resolve(handover_id=first.pk, to=Stage.LOADED, by=wall.clerk, reason="it is there")
        assert no.value.why is Why.COMPARTMENT_UNAVAILABLE
        first.refresh_from_db()
        assert first.stage == "disputed"


def test_a_wall_cannot_close_the_pin_of_another_wall(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        site = Site(name="Bibliotheek", address="Lostraat 3")
        site.save()
        other = Kiosk(site=site, name="Automaat bibliotheek")
        other.save()
        handover = wall.planned()
        Handover.objects.update(kiosk=other)
        Grant.objects.update(kiosk=other)
        grant = Grant.objects.get(handover=handover)
    wrong = facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=grant.pk, counts=True)
    names_it = facts.NotTaken(handover=handover.pk, compartment=3, session="s")
    tells(wall, teller, names_it, *[wrong] * 6)
    with wall.acting():
        grant.refresh_from_db()
        assert (grant.pin_tries, grant.pin_closed_at) == (0, None)


@pytest.mark.parametrize("number", [10**30, -(2**70), 2**63])
def test_hearing_takes_numbers_that_no_column_holds(wall: Wall, teller: Teller, number: int) -> None:
    bodies = (
        facts.WrongDoor(pulsed=number, moved=1),
        facts.NotTaken(handover=number, compartment=number, session="s"),
        facts.FoundItem(compartment=number, session="s", expected=number, tag="E2"),
        facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=number, counts=True),
        facts.Returned(compartment=number, session="s", grade="D", item=number),
        facts.BusRestored(bus="main", changed=(number,)),
    )
    elements = []
    for place, body in enumerate(bodies, start=1):
        plain = msgspec.to_builtins(body)
        elements.append({"number": place, "at": "2026-11-20T02:10:00Z", "boot": "b", "body": plain, "hash": "a" * 64})
    post = json.dumps({"log": teller.log, "boot": "b", "facts": elements}).encode()
    assert hear(wall.device, post).heard_up_to == len(bodies)


@pytest.mark.parametrize("typed", ["bo@example.org\r\nBcc: all@example.org", "bo", "b@" + "a" * 250 + ".example"])
def test_a_code_is_not_sent_again_to_what_is_no_address(wall: Wall, teller: Teller, typed: str) -> None:
    with wall.acting():
        handover = wall.planned()
    tells(wall, teller, loaded(handover))
    with wall.acting():
        with pytest.raises(Refusal) as no:
            access.send_again(handover_id=handover.pk, by=wall.clerk, email=typed)
        assert no.value.why is Why.MALFORMED
        wall.person.refresh_from_db()
        assert wall.person.email == "bo@example.org"
        assert Grant.objects.get(handover=handover).status == "awake"


def test_a_thing_loaded_while_the_ledger_says_that_somebody_borrowed_it_is_looked_into(
    wall: Wall, teller: Teller
) -> None:
    with wall.acting():
        item = wall.thing(wall.material, tag="E200AA")
        first, second = wall.planned(item), wall.planned(item)
    tells(wall, teller, loaded(first), collected(first), loaded(second))
    with wall.acting():
        second.refresh_from_db()
        assert second.stage == "loaded"
        assert HeardFact.objects.get(number=3).remark == "was-on-loan"
        assert holder(item) == "compartment"
