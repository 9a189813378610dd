"""A wall that goes out of use: nothing is planned for it any more, and nobody is left waiting for it."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.papers import Papers
from tests.central.lockers.town import Town


def retired(town: Town) -> None:
    from onthaal.central.lockers.places.models import Kiosk

    Kiosk.objects.filter(pk=town.seeded.kiosk.pk).update(retired_at=town.clock.now())


def waits_for_the_wall(town: Town) -> bool:
    from onthaal.central.lockers.requests import queries

    return queries.wait_for_wall(town.seeded.kiosk.pk).exists()


def refused(town: Town, request: Any) -> None:
    from onthaal.central.lockers.handovers.models import Handover
    from onthaal.central.lockers.requests import actions

    with pytest.raises(Refusal) as no:
        actions.accept(request_id=request.pk, by=town.clerk)
    assert no.value.why is Why.WALL_RETIRED
    assert not Handover.objects.exists()


def test_nothing_is_planned_for_a_wall_that_is_out_of_use(town: Town) -> None:
    asked = town.confirmed(town.asks())
    loan = town.confirmed(town.asks_to_borrow())
    retired(town)
    refused(town, asked)
    refused(town, loan)


def test_no_document_is_planned_for_a_wall_that_is_out_of_use_and_the_desk_goes_on(town: Town) -> None:
    from onthaal.central.lockers.requests import actions, desk

    papers = Papers(town)
    asked = papers.asked()
    assert waits_for_the_wall(town)
    retired(town)
    refused(town, asked)
    desk.to_desk(request_id=asked.pk, by=town.clerk, reason=Why.PROXY)
    assert actions.accept(request_id=asked.pk, by=town.clerk).status == "accepted"
    assert not waits_for_the_wall(town)


def test_who_waits_for_an_answer_waits_for_the_wall(town: Town) -> None:
    from onthaal.central.lockers.requests import actions

    asked = town.asks()
    assert not waits_for_the_wall(town), "nobody confirmed it yet"
    town.confirmed(asked)
    assert waits_for_the_wall(town)
    assert asked is not None
    actions.refuse(request_id=asked.pk, by=town.clerk, reason="Op")
    assert not waits_for_the_wall(town)
