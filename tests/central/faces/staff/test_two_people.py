"""What one person does not decide alone, over HTTP; and what no page prints or lets anybody keep."""

from __future__ import annotations

import pytest

from onthaal.core import facts
from tests.central.faces.staff.desk import Desk
from tests.central.lockers.papers import Papers


@pytest.fixture
def papers(desk: Desk) -> Papers:
    with desk.acting():
        made = Papers(desk.town, fee_cents=2550, asks_old_document=True)
        desk.staff["third"] = made.account("Wim Wouters", "clerk")
    desk.staff["second"] = made.second
    return made


def in_doubt(desk: Desk) -> tuple[int, int]:
    """Request and handover of a licence that nobody knows the whereabouts of: Karel prepared it, Sofie loaded it."""
    with desk.acting():
        papers = Papers(desk.town)
        request = papers.in_the_wall(desk.wall, 2)
        out = papers.out(request).pk
        desk.wall.tells(facts.Disputed(handover=out, compartment=2, why="crash-open"))
        desk.town.follows()
    return request.pk, out


@pytest.mark.parametrize("to", ["collected", "planned", "lost"])
def test_two_people_say_at_the_desk_where_a_document_went(desk: Desk, to: str) -> None:
    from onthaal.central.lockers.handovers.models import Finding, Handover

    _, out = in_doubt(desk)
    with desk.acting():
        desk.staff["third"] = Papers(desk.town, slug="ander").account("Wim Wouters", "clerk")
    clerk, third = desk.browser("clerk"), desk.browser("third")
    assert "Dan kijkt iemand anders het ook na" in clerk.sees(f"disputes/{out}/")
    said = clerk.sends(f"disputes/{out}/", to=to, reason="De aanvrager belde")
    assert said.headers["Location"] == "/desk/openings/"
    with desk.acting():
        finding = Finding.objects.get(handover_id=out)
        assert Handover.objects.get(pk=out).stage == "disputed"
        desk.town.follows()
    assert "Iemand zei waar het document is" in third.sees("tasks/")
    assert "U had hier een deel in" in clerk.sees("openings/")
    assert "Dit is al gezegd" in third.sees(f"disputes/{out}/")
    where = f"findings/{finding.pk}/act/"
    assert clerk.sends(where, act="confirm").status_code == 409
    assert desk.browser("technician").sends(where, act="confirm").status_code == 403
    assert "De aanvrager belde" in third.sees("openings/")
    assert third.sends(where, act="confirm").status_code == 302
    assert third.sends(where, act="withdraw").status_code == 409
    assert third.sends("findings/999999/act/", act="confirm").status_code == 404
    with desk.acting():
        ended = {"collected": "collected", "planned": "planned", "lost": "cancelled"}[to]
        assert Handover.objects.get(pk=out).stage == ended
        desk.town.follows()
    assert "bevestigd door Wim Wouters" in clerk.sees("openings/")
    assert ("Een document is verloren" in clerk.sees("incidents/")) == (to == "lost")


def test_what_was_said_is_withdrawn_at_the_desk(desk: Desk) -> None:
    from onthaal.central.lockers.handovers.models import Finding

    _, out = in_doubt(desk)
    clerk = desk.browser("clerk")
    clerk.sends(f"disputes/{out}/", to="collected", reason="De aanvrager belde")
    with desk.acting():
        finding = Finding.objects.get(handover_id=out)
    assert clerk.sends(f"findings/{finding.pk}/act/", act="withdraw").status_code == 302
    assert "niet bevestigd" in clerk.sees("openings/")


def test_no_page_prints_what_is_in_an_envelope(desk: Desk, papers: Papers) -> None:
    with desk.acting():
        request = papers.accepted()
        item = papers.out(request).item_id
    clerk = desk.browser("clerk")
    for where in (f"requests/{request.pk}/label/", f"things/{item}/label/"):
        answer = clerk.client.get(f"/desk/{where}")
        assert answer.status_code == 409
        assert "rijbewijs" not in answer.content.decode().partition("<main")[2].lower()
    assert f"things/{item}/label/" not in clerk.sees(f"things/{item}/")


def test_what_was_registered_by_mistake_is_undone_with_a_reason(desk: Desk, papers: Papers) -> None:
    with desk.acting():
        request = papers.accepted(old_document=True)
    clerk, where = desk.browser("clerk"), f"dossiers/{request.pk}/"
    assert "Maak de betaling ongedaan" not in clerk.sees(where)
    clerk.sends(where + "act/", act="paid", amount="25,50", reference="B-7")
    clerk.sends(where + "act/", act="old-document")
    page = clerk.sees(where)
    assert "Maak de betaling ongedaan" in page
    assert "toch niet ingeleverd" in page
    assert clerk.sends(where + "act/", act="undo-paid", reason="").status_code == 409
    assert clerk.sends(where + "act/", act="undo-paid", reason="wrong-dossier").status_code == 302
    assert clerk.sends(where + "act/", act="undo-old-document", reason="mistyped").status_code == 302
    page = clerk.sees(where)
    assert "25,50 euro nog te betalen" in page
    assert "nog in te leveren" in page
    assert "het was een ander dossier" in page
