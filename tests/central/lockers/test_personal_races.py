"""Two people, held by the database: real transactions that commit, one after the other and at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from onthaal.core.refusals import Refusal, Why
from tests.central.conftest import municipality
from tests.central.lockers.papers import Papers
from tests.central.lockers.racing import crossing, held_open, race
from tests.central.lockers.town import Town, turned_clock
from tests.central.lockers.wall import Wall


@dataclass
class Committed:
    """Aalter, committed: threads see it."""

    town: Town
    papers: Papers
    wall: Wall
    request: Any
    out: int

    @property
    def place(self) -> int:
        return self.town.municipality

    def handover(self) -> Any:
        from onthaal.central.foundation.tenancy import acting_for

        with acting_for(self.place):
            return self.papers.out(self.request)


@pytest.fixture
def licence(committed: None, clock: turned_clock) -> Committed:
    """An accepted licence, waiting for its envelope."""
    from onthaal.central.foundation.tenancy import acting_for

    aalter = municipality("aalter", "aalter.example")
    with acting_for(aalter.pk):
        town = Town.founded(clock)
        papers = Papers(town)
        request = papers.accepted()
        out = papers.out(request).pk
        wall = Wall(town)
    town.municipality = aalter.pk
    return Committed(town, papers, wall, request, out)


def test_the_database_refuses_who_prepared_as_who_loads_at_the_same_moment(licence: Committed) -> None:
    """Past every verb of ours: two bare updates, of which the second waits for the first."""
    from onthaal.central.lockers.handovers.models import Handover

    karel, row = str(licence.town.clerk.pseudonym), Handover.objects.filter
    first, second = held_open(
        licence.place,
        lambda: row(pk=licence.out).update(prepared_by=karel),
        lambda: row(pk=licence.out).update(loaded_by=karel),
    )
    assert first == 1
    assert isinstance(second, IntegrityError)
    assert "two_people_load" in str(second)
    assert licence.handover().loaded_by == ""


def test_the_database_refuses_who_took_it_out_as_who_receives_it_at_the_same_moment(licence: Committed) -> None:
    from onthaal.central.lockers.handovers.models import Handover

    karel, row = str(licence.town.clerk.pseudonym), Handover.objects.filter
    _, second = held_open(
        licence.place,
        lambda: row(pk=licence.out).update(taken_out_by=karel),
        lambda: row(pk=licence.out).update(received_by=karel),
    )
    assert isinstance(second, IntegrityError)
    assert "two_people_take_back" in str(second)


def test_who_prepares_while_the_wall_tells_that_they_loaded_leaves_it_in_doubt(licence: Committed) -> None:
    """Whichever comes first, one person never both prepared and loaded it."""
    karel = licence.town.clerk
    race(
        licence.place,
        [
            lambda: licence.papers.prepared(licence.request, by=karel),
            lambda: licence.papers.load(licence.wall, licence.request, karel),
        ],
    )
    now = licence.handover()
    assert (now.stage, now.dispute, now.loaded_by) == ("disputed", "rule-broken", "")


def test_of_two_who_prepare_at_once_one_stands_and_the_other_may_load(licence: Committed) -> None:
    karel, sofie = licence.town.clerk, licence.papers.second
    race(licence.place, [partial(licence.papers.prepared, licence.request, by=by) for by in (karel, sofie)])
    now = licence.handover()
    assert now.prepared_by in {str(karel.pseudonym), str(sofie.pseudonym)}


def test_an_opening_is_confirmed_once_and_never_by_who_asked(licence: Committed) -> None:
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.devices import actions, openings
    from onthaal.central.lockers.devices.models import Command, OpeningAsked
    from onthaal.core.protocol import State

    papers, town = licence.papers, licence.town
    with acting_for(licence.place):
        papers.prepared(licence.request)
        papers.load(licence.wall, licence.request, papers.second, 4)
        doors = range(1, 10)
        told = State(
            log=licence.wall.log, boot="boot-1", at=town.clock.now(), software="1.0", epoch=1,
            version=town.wish_version(), last_fact=licence.wall.number, doors=dict.fromkeys(doors, "closed"),
            contents=dict.fromkeys(doors, "holds"),
        )  # fmt: skip
        actions.keep_state(licence.wall.device, told)
        out = papers.out(licence.request)
        assert out.compartment_id is not None
        asked = openings.ask_opening(
            kiosk_id=out.kiosk_id, compartment_id=out.compartment_id, handover_id=out.pk, by=town.clerk,
            reason="Verkeerd document",
        )  # fmt: skip
    by = [papers.second, papers.head, town.clerk]
    answers = race(
        licence.place, [partial(openings.confirm_opening, opening_id=asked.pk, by=one) for one in by]
    )  # fmt: skip
    refused = [one.why for one in answers if isinstance(one, Refusal)]
    assert sorted(refused) == sorted([Why.COMMAND_STALE, Why.SAME_PERSON_TWICE])
    with acting_for(licence.place):
        assert Command.objects.count() == 1
        bare = OpeningAsked.objects.filter(pk=asked.pk)
        with pytest.raises(IntegrityError, match="opening_needs_two_people"):
            bare.update(confirmed_by=town.clerk)


def test_a_document_that_comes_back_to_the_desk_as_somebody_decides_about_it_is_no_deadlock(licence: Committed) -> None:
    """Whoever decides has the request, then writes of its handover."""
    from onthaal.central.foundation.attention import actions as attention
    from onthaal.central.foundation.journal import actions as journal
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.handovers import actions as handovers
    from onthaal.central.lockers.requests import following
    from onthaal.central.lockers.requests.models import Request

    stream = f"handover:{licence.out}"
    with acting_for(licence.place):
        attention.open_task(kind="receive-back", about=stream)
        received = journal.note(stream=stream, kind="handover.received", about={"handover": licence.out})
    with crossing(licence.place) as both:
        Request.objects.select_for_update(of=("self",)).get(pk=licence.request.pk)
        both.comes(lambda: following.is_back_at_desk(received))
        handovers.note(licence.papers.out(licence.request), "handover.prepared", by=None)
