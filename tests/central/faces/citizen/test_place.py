"""Where a document is collected, on the citizen's own page: their choice until the staff decided."""

from __future__ import annotations

from onthaal.core.refusals import Why
from tests.central.faces.citizen.portal import Portal


def test_who_asked_cannot_choose_a_wall_when_the_staff_chose_the_desk(portal: Portal) -> None:
    from onthaal.central.lockers.requests import desk

    an = portal.browser()
    request = an.applies("voorlopig-rijbewijs")
    with portal.acting():
        desk.to_desk(request_id=request.pk, by=portal.town.clerk, reason=Why.PAYMENT_OPEN)
        kiosk = portal.town.seeded.kiosk.pk
    page = an.text(f"/mine/{request.pk}/place/")
    assert f'value="{kiosk}"' not in page
    assert an.client.post(f"/mine/{request.pk}/place/", {"place": str(kiosk)}).status_code == 422
    with portal.acting():
        assert portal.requests()[0].dossier.place == "desk"
