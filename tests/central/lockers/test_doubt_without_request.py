"""A doubt about a thing that nobody asks for any more: it goes to no addressee again."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core import facts
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.papers import Papers
from tests.central.lockers.test_the_way_of_a_thing import holder, waiting
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def withdrawn_in_doubt(town: Town, wall: Wall) -> Any:
    """Els withdrew her request while the vouchers waited; then the wall lost sight of them. The handover out."""
    from onthaal.central.lockers.requests import actions

    asked = town.asks()
    link, out = town.link_of(asked), waiting(town, wall, request=asked)
    actions.withdraw(token=link)
    wall.disputes(out, 1)
    town.follows()
    out.refresh_from_db()
    assert out.stage == "disputed"
    return out


def resolved(town: Town, out: Any, to: Stage) -> Any:
    from onthaal.central.lockers.handovers import actions

    found = actions.resolve(handover_id=out.pk, to=to, by=town.clerk, reason="We gingen kijken.")
    town.follows()
    return found


@pytest.mark.parametrize("to", [Stage.PLANNED, Stage.LOADED])
def test_what_was_withdrawn_is_not_planned_again_and_nobody_gets_a_code_for_it(
    town: Town, wall: Wall, to: Stage
) -> None:
    from onthaal.central.lockers.handovers import queries

    out = withdrawn_in_doubt(town, wall)
    assert to not in queries.resolutions(out)
    with pytest.raises(Refusal) as no:
        resolved(town, out, to)
    assert no.value.why is Why.MOVE_NOT_ALLOWED
    out.refresh_from_db()
    assert out.stage == "disputed"


@pytest.mark.parametrize("to", [Stage.RECALLED, Stage.TAKEN_BACK])
def test_what_was_withdrawn_ends_at_the_desk_and_who_asked_can_be_erased(town: Town, wall: Wall, to: Stage) -> None:
    from onthaal.central.lockers.devices.queries import wishes
    from onthaal.central.lockers.requests import actions

    out = withdrawn_in_doubt(town, wall)
    resolved(town, out, to)
    if to is Stage.RECALLED:
        wall.is_emptied(out, 1)
        town.follows()
    out.refresh_from_db()
    assert (out.stage, holder(out), town.tasks()) == ("taken_back", "desk", set())
    assert not wishes(town.seeded.kiosk.pk).handovers
    assert actions.erase(request_id=out.request.pk, by=town.clerk).person.erased_at is not None


@pytest.mark.parametrize("to", [Stage.PLANNED, Stage.LOADED])
def test_what_somebody_still_asks_for_may_go_to_them_again(town: Town, wall: Wall, waits: Any, to: Stage) -> None:
    wall.disputes(waits, 1)
    town.follows()
    assert resolved(town, waits, to).stage == to


def test_nobody_says_of_a_withdrawn_document_that_it_goes_to_the_wall_again(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.identity.models import Identity
    from onthaal.central.lockers.handovers import actions, findings
    from onthaal.central.lockers.requests import applying

    papers = Papers(town)
    request = papers.in_the_wall(wall)
    who = Identity.objects.get(pk=request.dossier.identity_id)
    applying.cancel(identity=who, request_id=request.pk)
    out = papers.out(request)
    wall.tells(facts.Disputed(handover=out.pk, compartment=1, why="crash-open"))
    town.follows()
    with pytest.raises(Refusal, match=Why.MOVE_NOT_ALLOWED.value):
        findings.find(handover_id=out.pk, to="planned", by=town.clerk, reason="Het ligt hier")
    with pytest.raises(Refusal, match=Why.MOVE_NOT_ALLOWED.value):
        actions.resolve(handover_id=out.pk, to=Stage.LOADED, by=papers.head, reason="Ligt erin")
    actions.resolve(handover_id=out.pk, to=Stage.TAKEN_BACK, by=papers.head, reason="Het ligt hier")
    town.follows()
    assert ("receive-back", f"handover:{out.pk}") in town.tasks()
