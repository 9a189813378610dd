"""What is promised does not lie there: the desk says which thing it is instead."""

from __future__ import annotations

from tests.central.faces.staff.desk import Desk
from tests.central.lockers.test_loan_days import begun, not_brought_back, ready_and_lost


def test_the_desk_says_that_another_case_is_prepared_than_the_page_showed(desk: Desk) -> None:
    with desk.acting():
        late, following = not_brought_back(desk.town, desk.wall)
        request = following.request.pk
    clerk = desk.browser("clerk")
    assert f'name="item" value="{late.item_id}"' in clerk.sees(f"requests/{request}/")
    assert clerk.sends(f"requests/{request}/act/", act="prepare", item=late.item_id).status_code == 302
    page = clerk.sees(f"requests/{request}/")
    assert "met een ander stuk dan u zag" in page
    assert f"/desk/things/{late.item_id}/" not in page


def test_what_stood_ready_and_is_lost_can_be_prepared_anew_on_its_page(desk: Desk) -> None:
    with desk.acting():
        request = ready_and_lost(desk.town, desk.wall).pk
    clerk = desk.browser("clerk")
    page = clerk.sees(f"requests/{request}/")
    assert 'name="act" value="prepare"' in page
    assert "Leg het in de automaat" not in page
    clerk.sends(f"requests/{request}/act/", act="prepare")
    page = clerk.sees(f"requests/{request}/")
    assert 'name="act" value="prepare"' not in page
    assert "Leg het in de automaat" in page


def test_a_loan_that_begins_and_lies_in_no_wall_is_a_task_that_leads_to_its_request(desk: Desk) -> None:
    with desk.acting():
        request = begun(desk.town).request.pk
    page = desk.browser("clerk").sees("tasks/")
    assert "De uitlening begint" in page
    assert f"/desk/requests/{request}/" in page
