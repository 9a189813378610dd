"""What the clock says at midnight waits for nine: it is not sent when it is untrue by then."""

from __future__ import annotations

from typing import Any

from tests.central.lockers.papers import Papers
from tests.central.lockers.test_loan_days import recalled_at_midnight, ticks
from tests.central.lockers.test_the_way_of_a_thing import waiting
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def document_back_at_desk(town: Town, papers: Papers, wall: Wall) -> tuple[Any, Any]:
    """Nobody collected it; at eight it lies at the desk. Its request, and the mail that waits for nine."""
    from onthaal.central.lockers.handovers import two_people

    request = papers.in_the_wall(wall)
    out = papers.out(request)
    assert out.collect_by is not None
    town.clock.turn_to(out.collect_by)
    town.clock.turn(seconds=1)
    ticks(town)
    town.clock.turn(hours=8)
    papers.taken_out(wall, request, town.clerk)
    two_people.receive(handover_id=out.pk, by=papers.second)
    town.follows()
    (mail,) = [mail for mail in town.mails(f"handover:{out.pk}") if mail.kind == "dossier-to-desk"]
    assert (mail.status, mail.due_at > town.clock.now()) == ("due", True)
    return request, mail


def test_who_withdrew_that_night_is_not_told_that_they_did_not_collect_it(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import actions

    asked = town.asks()
    link, out = town.link_of(asked), waiting(town, wall, request=asked)
    mail = recalled_at_midnight(town, out)
    actions.withdraw(token=link)
    town.follows()
    mail.refresh_from_db()
    assert mail.status == "dropped"


def test_who_withdrew_before_the_worker_came_to_it_is_not_told_either(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.handovers import jobs
    from onthaal.central.lockers.requests import actions

    asked = town.asks()
    link, out = town.link_of(asked), waiting(town, wall, request=asked)
    town.clock.turn_to(out.collect_by)
    town.clock.turn(seconds=1)
    jobs.tick(town.clock.now())
    actions.withdraw(token=link)
    town.follows()
    assert "recalled" not in {mail.kind for mail in town.mails(f"handover:{out.pk}") if mail.status == "due"}


def test_who_was_refused_before_nine_is_not_told_that_it_lies_at_the_desk(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import actions

    request, mail = document_back_at_desk(town, Papers(town), wall)
    actions.refuse(request_id=request.pk, by=town.clerk, reason="De termijn is voorbij.")
    town.follows()
    mail.refresh_from_db()
    assert mail.status == "dropped"


def test_who_got_it_at_the_desk_before_nine_is_not_told_that_it_lies_there(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import desk

    papers = Papers(town)
    request, mail = document_back_at_desk(town, papers, wall)
    desk.hand_out(request_id=request.pk, by=papers.second, checked="identity-card")
    town.follows()
    mail.refresh_from_db()
    assert mail.status == "dropped"
