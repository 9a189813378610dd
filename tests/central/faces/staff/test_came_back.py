"""The page of a request whose mail came back."""

from __future__ import annotations

from tests.central.faces.staff.desk import Desk
from tests.central.lockers.papers import Papers

CAME_BACK = "De mail kwam terug."


def test_the_page_says_that_a_mail_came_back_until_a_new_code_went(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    clerk, page = desk.browser("clerk"), f"requests/{asked.pk}/"
    handover = desk.handover_of(asked)
    with desk.acting():
        desk.town.bounces(desk.town.mails(f"handover:{handover.pk}")[0])
    assert CAME_BACK in clerk.sees(page)
    clerk.sends(page + "act/", act="send-again", email="els@bloemen-aalter.example")
    with desk.acting():
        desk.wall.applied()
        desk.town.posts()
    assert CAME_BACK not in clerk.sees(page)
    assert 'data-task="mend-address"' not in clerk.sees("tasks/")


def test_a_dossier_whose_mail_came_back_asks_for_no_code_that_nobody_has(desk: Desk) -> None:
    with desk.acting():
        papers = Papers(desk.town)
        request = papers.in_the_wall(desk.wall)
        desk.town.posts()
        desk.town.bounces(desk.town.mails(f"handover:{papers.out(request).pk}")[0])
    page = desk.browser("clerk").sees(f"dossiers/{request.pk}/")
    assert CAME_BACK in page
    assert "nieuwe code" not in page
