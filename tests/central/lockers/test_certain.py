"""Where a personal document went when nobody is certain: two people say it, or nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.db import IntegrityError, transaction

from onthaal.core import facts
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.papers import Papers
from tests.central.lockers.photograph import once
from tests.central.lockers.town import Town, turned_clock
from tests.central.lockers.wall import Wall

if TYPE_CHECKING:
    from onthaal.central.foundation.people.models import Municipality


class InDoubt(NamedTuple):
    """Lien's licence, that Karel prepared and Sofie loaded: the wall does not know what became of it."""

    wall: Wall
    papers: Papers
    request: Any


def _in_doubt(clock: turned_clock) -> InDoubt:
    wall = Wall(Town.founded(clock))
    papers = Papers(wall.town)
    request = papers.in_the_wall(wall)
    out = papers.out(request).pk
    wall.tells(facts.Disputed(handover=out, compartment=1, why="crash-open"))
    papers.town.follows()
    assert papers.out(request).stage == "disputed"
    return InDoubt(wall, papers, request)


@pytest.fixture
def _founded(request: pytest.FixtureRequest, clock: turned_clock, in_aalter: Municipality) -> InDoubt:
    """All at once: they are laid out together."""
    if "request_" in request.fixturenames:
        return once(_in_doubt, clock)
    wall = Wall(Town.founded(clock))
    return InDoubt(wall, Papers(wall.town), None)


@pytest.fixture
def town(_founded: InDoubt) -> Town:
    return _founded.wall.town


@pytest.fixture
def wall(_founded: InDoubt) -> Wall:
    return _founded.wall


@pytest.fixture
def papers(_founded: InDoubt) -> Papers:
    return _founded.papers


@pytest.fixture
def request_(_founded: InDoubt) -> Any:
    return _founded.request


def refused(why: Why) -> Any:
    return pytest.raises(Refusal, match=f"^{why.value}$")


def found(papers: Papers, request: Any, to: str = "collected", by: Any = None) -> Any:
    from onthaal.central.lockers.handovers import findings

    said = findings.find(
        handover_id=papers.out(request).pk, to=to, by=by or papers.town.clerk, reason="Ze belde: ze heeft het"
    )
    papers.town.follows()
    return said


@pytest.mark.parametrize("to", [Stage.COLLECTED, Stage.PLANNED])
def test_nobody_ends_the_doubt_on_a_document_alone(papers: Papers, request_: Any, to: Stage) -> None:
    from onthaal.central.lockers.handovers import actions

    with refused(Why.NEEDS_SECOND_PERSON):
        actions.resolve(handover_id=papers.out(request_).pk, to=to, by=papers.head, reason="Zeker")
    assert papers.out(request_).stage == "disputed"


def test_nobody_says_alone_that_a_document_is_lost(papers: Papers, request_: Any) -> None:
    from onthaal.central.lockers.handovers import ending

    for one in (request_, papers.accepted(subject="joke")):
        with refused(Why.NEEDS_SECOND_PERSON):
            ending.lost(handover_id=papers.out(one).pk, by=papers.head, reason="Weg")
    assert papers.out(request_).stage == "disputed"


def test_one_says_it_and_another_confirms_it(papers: Papers, request_: Any) -> None:
    from onthaal.central.lockers.catalogue.queries import held_now
    from onthaal.central.lockers.handovers import findings

    said = found(papers, request_)
    assert papers.out(request_).stage == "disputed"
    assert ("confirm-finding", f"finding:{said.pk}") in papers.town.tasks()
    findings.confirm_finding(finding_id=said.pk, by=papers.head)
    papers.town.follows()
    assert papers.out(request_).stage == "collected"
    assert held_now(papers.out(request_).item_id).holder == "citizen"
    assert papers.now(request_).status == "done"
    assert not [kind for kind, _ in papers.town.tasks() if kind in {"confirm-finding", "resolve-dispute"}]
    kinds = papers.town.kinds(f"handover:{papers.out(request_).pk}")
    assert [kind for kind in kinds if kind.startswith("finding.")] == ["finding.said", "finding.confirmed"]


def test_who_said_it_or_had_a_part_in_it_does_not_confirm_it(papers: Papers, request_: Any) -> None:
    from onthaal.central.lockers.handovers import findings

    said = found(papers, request_, by=papers.head)
    for one in (papers.head, papers.town.clerk, papers.second):  # said it, prepared it, loaded it
        with refused(Why.SAME_PERSON_TWICE):
            findings.confirm_finding(finding_id=said.pk, by=one)
    assert papers.out(request_).stage == "disputed"
    findings.confirm_finding(finding_id=said.pk, by=papers.account("Wim Wouters", "clerk"))
    assert papers.out(request_).stage == "collected"


def test_the_database_refuses_who_said_it_as_who_confirms_it(papers: Papers, request_: Any) -> None:
    from onthaal.central.lockers.handovers.models import Finding

    said = found(papers, request_)
    with pytest.raises(IntegrityError, match="finding_needs_two_people"), transaction.atomic():
        Finding.objects.filter(pk=said.pk).update(confirmed_by=said.found_by)


def test_it_lies_at_the_desk_once_another_saw_it_there(papers: Papers, wall: Wall, request_: Any) -> None:
    from onthaal.central.lockers.handovers import findings

    said = found(papers, request_, "planned")
    findings.confirm_finding(finding_id=said.pk, by=papers.head)
    papers.town.follows()
    out = papers.out(request_)
    assert (out.stage, out.loaded_by, out.compartment_id) == ("planned", "", None)


@pytest.mark.parametrize("where", ["in doubt", "at the desk"])
def test_a_lost_document_is_an_incident_with_a_deadline(papers: Papers, request_: Any, where: str) -> None:
    from onthaal.central.lockers.handovers import counting, findings

    request = request_ if where == "in doubt" else papers.prepared(papers.accepted(subject="joke"))
    said = found(papers, request, "lost", by=papers.second)
    assert not counting.open_incidents()
    findings.confirm_finding(finding_id=said.pk, by=papers.head)
    papers.town.follows()
    assert papers.out(request).stage == "cancelled"
    (incident,) = counting.open_incidents()
    assert (incident.kind, incident.handover_id) == ("lost", papers.out(request).pk)
    assert incident.due_at > papers.town.clock.now()
    assert ("incident", f"incident:{incident.pk}") in papers.town.tasks()


def test_what_was_withdrawn_or_confirmed_is_not_confirmed_again(papers: Papers, request_: Any) -> None:
    from onthaal.central.lockers.handovers import findings

    said = found(papers, request_)
    with refused(Why.MOVE_NOT_ALLOWED):
        found(papers, request_, "planned", by=papers.second)
    findings.withdraw_finding(finding_id=said.pk, by=papers.second)
    with refused(Why.COMMAND_STALE):
        findings.confirm_finding(finding_id=said.pk, by=papers.head)
    again = found(papers, request_)
    findings.confirm_finding(finding_id=again.pk, by=papers.head)
    with refused(Why.COMMAND_STALE):
        findings.confirm_finding(finding_id=again.pk, by=papers.head)
    with refused(Why.COMMAND_STALE):
        findings.withdraw_finding(finding_id=again.pk, by=papers.head)


def test_what_was_said_in_an_earlier_doubt_stands_no_more(papers: Papers, wall: Wall, request_: Any) -> None:
    from onthaal.central.lockers.handovers import actions, findings

    said, out = found(papers, request_), papers.out(request_).pk
    actions.resolve(handover_id=out, to=Stage.LOADED, by=papers.second, reason="Het ligt er nog")
    papers.town.follows()
    wall.tells(facts.Disputed(handover=out, compartment=1, why="crash-open"))
    papers.town.follows()
    with refused(Why.COMMAND_STALE):
        findings.confirm_finding(finding_id=said.pk, by=papers.head)
    assert papers.out(request_).stage == "disputed"


def test_an_ordinary_thing_is_decided_on_by_one(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.handovers import findings

    out: Any = town.accepted(town.asks()).handover_id
    with refused(Why.MOVE_NOT_ALLOWED):
        findings.find(handover_id=out, to="lost", by=town.clerk, reason="Weg")


def test_what_one_takes_out_after_it_had_left_by_the_ledger_is_an_incident(
    papers: Papers, wall: Wall, request_: Any
) -> None:
    from onthaal.central.lockers.handovers import counting, findings

    said = found(papers, request_)
    findings.confirm_finding(finding_id=said.pk, by=papers.head)
    papers.town.follows()
    papers.taken_out(wall, request_, papers.second)
    (incident,) = counting.open_incidents()
    assert (incident.kind, incident.handover_id) == ("taken-after", papers.out(request_).pk)
    (entry,) = [
        one for one in papers.town.journal(f"handover:{papers.out(request_).pk}") if one.kind == "handover.taken-after"
    ]
    assert entry.by == str(papers.second.pseudonym)


def test_what_somebody_wrote_goes_with_the_person_it_is_about(papers: Papers, request_: Any) -> None:
    from onthaal.central.lockers.handovers import findings
    from onthaal.central.lockers.handovers.models import Finding
    from onthaal.central.lockers.requests import actions

    findings.confirm_finding(finding_id=found(papers, request_).pk, by=papers.head)
    papers.town.follows()
    actions.erase(request_id=request_.pk, by=papers.head)
    assert [one.reason for one in Finding.objects.all()] == [""]


def test_once_a_week_people_count_what_lies_in_a_wall(papers: Papers, wall: Wall) -> None:
    from onthaal.central.lockers.devices.counting import count_walls
    from onthaal.central.lockers.handovers import counting
    from onthaal.central.lockers.handovers.models import Handover, StockCount

    town, kiosk = papers.town, papers.town.seeded.kiosk.pk
    task = ("count-by-hand", f"kiosk:{kiosk}")

    def day_goes_by(days: int) -> set[tuple[str, str]]:
        town.clock.turn(days=days)
        count_walls(town.clock.now())
        town.follows()
        return town.tasks()

    request = papers.in_the_wall(wall)
    Handover.objects.update(collect_by=None)
    count_walls(town.clock.now())
    assert task not in day_goes_by(6)
    assert task in day_goes_by(1)
    counting.count(kiosk_id=kiosk, there={}, by=None)  # the wall's own books are no count by a person
    town.follows()
    assert task in town.tasks()
    place = papers.out(request).compartment_id
    assert place is not None
    counting.count(kiosk_id=kiosk, there={place: True}, by=papers.second)
    town.follows()
    assert task not in town.tasks()
    assert task not in day_goes_by(6)
    assert task in day_goes_by(1)
    assert StockCount.objects.filter(by__isnull=False).count() == 1
