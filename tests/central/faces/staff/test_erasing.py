"""Somebody calls and wants to be forgotten."""

from __future__ import annotations

from tests.central.faces.staff.desk import Desk


def test_who_is_done_is_erased_at_the_desk_and_the_history_stays(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="refuse", reason="De bonnen zijn op.")
    assert "Wis de gegevens van deze persoon" in clerk.sees(f"requests/{asked.pk}/")
    assert clerk.sends(f"requests/{asked.pk}/act/", act="erase").status_code == 302
    page = clerk.sees(f"requests/{asked.pk}/")
    assert "Naam gewist" in page
    assert "Els Bloemen" not in page
    assert "Goedgekeurd" not in page
    assert "Geweigerd" in page


def test_who_still_waits_for_something_is_not_erased(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    assert "Wis de gegevens van deze persoon" not in clerk.sees(f"requests/{asked.pk}/")
    answer = clerk.sends(f"requests/{asked.pk}/act/", act="erase")
    assert answer.status_code == 409
    assert desk.now(asked).person.name == "Els Bloemen"
