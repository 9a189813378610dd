"""One thing, lent to one after another: what is brought back ends the loan of who has it, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.catalogue.models import Item
from onthaal.central.lockers.devices import queries
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact
from onthaal.central.lockers.handovers.models import Handover
from onthaal.core import facts
from tests.central.devices.cast import NOW, Teller, Wall, collected, holder, loaded

pytestmark = pytest.mark.django_db

TAG = "E2000017221101441890"
Loan = tuple[Handover, Handover]


def lent_on(wall: Wall, item: Item, day: int) -> Loan:
    """Accepted: out on that day, and back. Inside a scope."""
    out = wall.planned(item)
    back = wall.planned(item, direction="back", out=out)
    for handover in (out, back):
        handover.starts_on = (NOW + timedelta(days=day)).date()
        handover.save(update_fields=["starts_on"])
    return out, back


def two_loans(wall: Wall, *, later_accepted_first: bool) -> tuple[Loan, Loan]:
    """Of one tagged thing: the earlier by its days, and the later."""
    with wall.acting():
        item = wall.thing(wall.material, tag=TAG)
        if later_accepted_first:
            later, earlier = lent_on(wall, item, 10), lent_on(wall, item, 3)
        else:
            earlier, later = lent_on(wall, item, 3), lent_on(wall, item, 10)
    return earlier, later


def brought_back(**named: object) -> facts.Returned:
    return facts.Returned(compartment=5, session="s4", grade="A", **named)  # type: ignore[arg-type]


def tells(wall: Wall, teller: Teller, *bodies: facts.Body) -> None:
    told = teller.says(*bodies)
    assert hear(wall.device, teller.post(told)).heard_up_to == len(teller.facts)


def stages(*handovers: Handover) -> list[str]:
    return [str(Handover.objects.get(pk=handover.pk).stage) for handover in handovers]


@pytest.mark.parametrize("later_accepted_first", [False, True])
def test_a_wall_is_told_the_return_of_who_has_the_thing(
    wall: Wall, teller: Teller, *, later_accepted_first: bool
) -> None:
    (out, back), _ = two_loans(wall, later_accepted_first=later_accepted_first)
    tells(wall, teller, loaded(out), collected(out))
    with queries.snapshot_of(wall.municipality.pk):
        assert [loan.handover for loan in queries.wishes(wall.kiosk.pk).loans] == [back.pk]


@pytest.mark.parametrize("later_accepted_first", [False, True])
@pytest.mark.parametrize("by_tag", [False, True])
def test_a_thing_brought_back_ends_the_loan_of_who_had_it(
    wall: Wall, teller: Teller, *, later_accepted_first: bool, by_tag: bool
) -> None:
    (out, back), (_, of_another) = two_loans(wall, later_accepted_first=later_accepted_first)
    named = {"tag": TAG} if by_tag else {"item": out.item_id}
    tells(wall, teller, loaded(out), collected(out))
    tells(wall, teller, brought_back(**named))
    with wall.acting():
        assert stages(back, of_another) == ["loaded", "planned"]
        assert set(HeardFact.objects.values_list("verdict", flat=True)) == {"good"}
        told = Entry.objects.filter(kind="handover.returned")
        assert [entry.about["handover"] for entry in told] == [back.pk]


def test_a_thing_brought_back_that_nobody_has_ends_no_loan(wall: Wall, teller: Teller) -> None:
    (out, back), (_, of_another) = two_loans(wall, later_accepted_first=False)
    tells(wall, teller, brought_back(item=out.item_id))
    with wall.acting():
        assert stages(back, of_another) == ["planned", "planned"]
        assert HeardFact.objects.get().remark == "not-on-loan"
        assert holder(out.item_id) == "compartment"


def test_a_loan_whose_return_was_called_off_before_it_went_out_comes_back_all_the_same(
    wall: Wall, teller: Teller
) -> None:
    """Told in one go, long after: the return that was called off keeps its place beside the handover out."""
    (out, back), (_, of_another) = two_loans(wall, later_accepted_first=False)
    with wall.acting():
        Handover.objects.filter(pk__in=[out.pk, back.pk]).update(stage="cancelled", closed_at=NOW)
    tells(wall, teller, loaded(out), collected(out), brought_back(item=out.item_id))
    with wall.acting():
        assert stages(out, back, of_another) == ["disputed", "cancelled", "planned"]
        assert holder(out.item_id) == "compartment"
