"""A page of a request that was left open while the request went on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.central.faces.citizen.portal import Browser
from tests.central.lockers.wall import Wall

if TYPE_CHECKING:
    from tests.central.faces.citizen.portal import Portal


def test_what_was_collected_is_not_asked_to_be_withdrawn_and_its_page_says_why_not(portal: Portal) -> None:
    with portal.acting():
        from onthaal.central.lockers.requests import actions, queries

        town = portal.town
        asked = town.confirmed(town.asks())
        link = town.link_of(asked)
        actions.accept(request_id=asked.pk, by=town.clerk)
        out = queries.get(asked.pk).handover
        assert out is not None
        wall = Wall(town)
        wall.loads(out, 1)
        town.follows()
        wall.applied()
        town.posts()
    somebody, page = Browser(portal), f"/r/{link}/"
    assert "Wilt u de aanvraag intrekken?" in somebody.text(f"{page}withdraw/")
    with portal.acting():
        wall.gives(out, 1)
        town.follows()
    assert somebody.get(f"{page}withdraw/").headers["Location"] == page
    late = somebody.post(f"{page}withdraw/")
    assert late.headers["Location"] == page
    assert "intussen iets veranderd" in somebody.text(page)
    assert somebody.get("/r/nergens/withdraw/").status_code == 410
    assert somebody.post("/r/nergens/withdraw/").status_code == 410
