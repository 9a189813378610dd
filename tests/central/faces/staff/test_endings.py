"""What ends at the desk: a loan that is back already, a thing that is lost, the name of who left."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.central.faces.staff.desk import Desk
from tests.central.lockers.test_endings import loaded_while_on_loan
from tests.central.lockers.test_the_way_of_a_thing import borrowed, waiting


def loan(desk: Desk) -> Any:
    with desk.acting():
        return borrowed(desk.town, desk.wall)


def test_the_task_of_a_thing_that_is_back_leads_to_the_button_that_ends_its_loan(desk: Desk) -> None:
    with desk.acting():
        out = loaded_while_on_loan(desk.town, desk.wall)
        request = out.request.pk
    clerk = desk.browser("clerk")
    tasks = clerk.sees("tasks/")
    assert 'data-task="still-on-loan"' in tasks
    assert f"/desk/requests/{request}/" in tasks
    page = clerk.sees(f"requests/{request}/")
    assert "Het stuk is terug" in page
    assert "Aan de balie teruggekregen" not in page
    assert clerk.sends(f"requests/{request}/act/", act="came-back").status_code == 302
    page = clerk.sees(f"requests/{request}/")
    assert "De lening is gestopt." in page
    assert "Het stuk is terug" not in page


def test_a_lost_loan_asks_for_a_reason_and_shows_it(desk: Desk) -> None:
    out, clerk = loan(desk), desk.browser("clerk")
    with desk.acting():
        request = out.request.pk
    assert clerk.sends(f"requests/{request}/act/", act="lost", reason=" ").status_code == 409
    assert clerk.sends(f"requests/{request}/act/", act="lost", reason="Bram is hem kwijt.").status_code == 302
    page = clerk.sees(f"requests/{request}/")
    assert "Bram is hem kwijt." in page
    assert "Ja, het is verloren" not in page


def test_a_lost_thing_is_ended_on_its_own_page_and_put_back_in_use_when_found(desk: Desk) -> None:
    out, technician, clerk = loan(desk), desk.browser("technician"), desk.browser("clerk")
    where = f"things/{out.item_id}/"
    assert "Ja, het is verloren" in technician.sees(where)
    technician.sends(f"{where}retire/", lost="yes", reason="Bram is hem kwijt.")
    with desk.acting():
        out.back.refresh_from_db()
        assert out.back.stage == "cancelled"
    page = clerk.sees(where)
    assert "Uit dienst" in page
    assert 'data-holder="lost"' in page
    assert clerk.sends(f"{where}back/").status_code == 302
    page = clerk.sees(where)
    assert "Neem weer in dienst" not in page
    assert page.index('data-holder="desk"') < page.index('data-holder="lost"')


def test_a_thing_in_doubt_may_turn_out_to_be_lost(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    handover = desk.handover_of(asked)
    with desk.acting():
        desk.wall.disputes(handover, 1)
    clerk = desk.browser("clerk")
    assert "Het is verloren. Het gaat uit dienst" in clerk.sees(f"disputes/{handover.pk}/")
    assert clerk.sends(f"disputes/{handover.pk}/", to="lost", reason="").status_code == 409
    assert clerk.sends(f"disputes/{handover.pk}/", to="lost", reason="Het kluisje was leeg.").status_code == 302
    assert desk.handover_of(asked).stage == "cancelled"


@pytest.mark.parametrize("failure", [{}, {"doors": {1: "unknown"}, "buses": {"main": "silent"}}], ids=["no", "yes"])
def test_staff_and_who_waits_read_that_a_failing_wall_takes_no_days(desk: Desk, failure: dict[str, Any]) -> None:
    with desk.acting():
        asked: Any = desk.town.asks()
        link = desk.town.link_of(asked)
        waiting(desk.town, desk.wall, request=asked)
        desk.wall.states(**failure)
    clerk, anybody = desk.browser("clerk"), Client(HTTP_HOST=desk.aalter.host, HTTP_ACCEPT_LANGUAGE="nl")
    assert ("De termijn staat stil sinds" in clerk.sees(f"requests/{asked.pk}/")) is bool(failure)
    assert ("Bel ons voor u komt" in anybody.get(f"/r/{link}/").content.decode()) is bool(failure)


def test_an_administrator_erases_the_name_of_who_left_and_no_page_breaks(desk: Desk) -> None:
    from onthaal.central.foundation.attention import actions as attention

    asked = desk.asked()
    karel = desk.town.clerk
    with desk.acting():
        alert = attention.raise_alert(kind="mail-stuck", level="warning", about=f"request:{asked.pk}")
    desk.browser("clerk").sends(f"requests/{asked.pk}/act/", act="accept")
    desk.browser("clerk").sends(f"alerts/{alert.pk}/seen/")
    boss, where = desk.browser("administrator"), f"accounts/{karel.pk}/"
    assert boss.sends(f"{where}act/", act="erase").status_code == 409
    boss.sends(f"{where}act/", act="close")
    assert "Ja, wis deze naam" in boss.sees(where)
    assert boss.sends(f"{where}act/", act="erase").status_code == 302
    pages = {
        path: boss.sees(path)
        for path in (where, "accounts/", "alerts/", "journal/?kind=request", f"requests/{asked.pk}/", "", "tasks/")
    }
    assert [path for path, page in pages.items() if "Karel" in page or "Claeys" in page] == []
    mark = str(karel.pseudonym)[:8]
    for path in (where, "accounts/", "alerts/", f"requests/{asked.pk}/"):
        assert mark in pages[path], path
    assert "Naam gewist" in pages["accounts/"]
    admin = f"/admin/foundation/account/{karel.pk}/change/"
    assert boss.client.post(admin, {"name": "Karel Claeys", "username": "karel", "is_active": "on"}).status_code == 403
    assert boss.sends(f"{where}act/", act="erase").status_code == 409
