"""What somebody at the desk types wrong, or too late: said in words that help, with nothing lost."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import SRC
from tests.central.faces.staff.desk import Desk
from tests.central.lockers.papers import Papers

NOTED = re.compile(r'(?:kind=|note\([\w.]+, )"([a-z]+(?:-[a-z]+)*\.[a-z-]+)"')
ENTERED = {"product": "", "name": "Lien Peeters", "language": "nl"}


@pytest.mark.parametrize("asked", ["until=9999-12-31", "since=0001-01-01"])
def test_a_search_of_the_journal_that_cannot_be_breaks_nothing(desk: Desk, asked: str) -> None:
    auditor = desk.browser("auditor")
    assert "Niets gevonden." not in auditor.sees(f"journal/?{asked}")
    assert auditor.status_of(f"journal/entries.csv?{asked}") == 200


@pytest.mark.parametrize("asked", ["journal/?stream=%00", "journal/entries.csv?kind=%00", "requests/?q=%00"])
def test_a_search_for_what_nobody_can_type_is_refused(desk: Desk, asked: str) -> None:
    assert desk.browser("auditor").status_of(asked) == 400


def test_a_reason_that_nobody_can_type_is_refused_and_changes_nothing(desk: Desk) -> None:
    asked, clerk = desk.lies_in_the_wall(), desk.browser("clerk")
    said = clerk.sends(f"requests/{asked.pk}/act/", act="recall", reason="no\0thing")
    assert said.status_code == 400
    assert "We begrijpen dit bericht niet" in said.content.decode()
    assert "De aanvrager heeft de code gekregen" in clerk.sees(f"requests/{asked.pk}/")


def test_every_kind_of_entry_has_words_in_the_journal() -> None:
    from onthaal.central.lockers.faces.staff.told import what

    sources = [file.read_text() for file in (SRC / "central").rglob("*.py")]
    kinds = {kind for source in sources for kind in NOTED.findall(source)}
    assert len(kinds) > 60
    assert [kind for kind in sorted(kinds) if what(kind, "nl") == kind] == []


@pytest.mark.parametrize("born", ["2099-01-01", "0198-05-05"])
def test_a_day_on_which_nobody_was_born_is_said_beside_the_day(desk: Desk, born: str) -> None:
    with desk.acting():
        product = Papers(desk.town).licence
    said = desk.browser("clerk").sends("dossiers/new/", **{**ENTERED, "product": product.pk, "born_on": born})
    assert said.status_code == 422
    assert '<p class="error" id="id_born_on_error">Deze dag kan niet' in said.content.decode()


def test_a_second_receipt_is_not_taken_for_the_first_one(desk: Desk) -> None:
    with desk.acting():
        request = Papers(desk.town, fee_cents=2550).asked()
    clerk, act = desk.browser("clerk"), f"dossiers/{request.pk}/act/"
    assert clerk.sends(act, act="paid", amount="25,50", reference="B-7").status_code == 302
    assert clerk.sends(act, act="paid", amount="25,50", reference=" B-7 ").status_code == 302, "a second click"
    other = clerk.sends(act, act="paid", amount="25,50", reference="B-8")
    assert other.status_code == 409
    assert "25,50 euro betaald, B-7" in other.content.decode()


def test_an_address_that_is_none_is_said_to_be_none(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    said = desk.browser("clerk").sends(f"requests/{asked.pk}/act/", act="send-again", email="els@bloemen")
    assert said.status_code == 409
    assert "Dit is geen mailadres." in said.content.decode()


def test_whoever_waits_for_a_new_code_is_not_said_to_have_it(desk: Desk) -> None:
    asked, clerk = desk.lies_in_the_wall(), desk.browser("clerk")
    assert "De aanvrager heeft de code gekregen" in clerk.sees(f"requests/{asked.pk}/")
    clerk.sends(f"requests/{asked.pk}/act/", act="send-again")
    page = clerk.sees(f"requests/{asked.pk}/")
    assert "De aanvrager heeft de code gekregen" not in page
    assert "De code vertrekt" in page


def test_a_name_from_right_to_left_leaves_the_day_beside_it_alone(desk: Desk) -> None:
    desk.asked(name="محمد بن عبد الله")
    assert "<bdi>محمد بن عبد الله</bdi>" in desk.browser("clerk").sees("")


def test_a_document_that_a_colleague_received_is_not_received_by_whoever_is_later(desk: Desk) -> None:
    from onthaal.central.lockers.handovers import actions

    with desk.acting():
        papers = Papers(desk.town)
        request = papers.in_the_wall(desk.wall, 5)
        out = papers.out(request).pk
        actions.recall(handover_id=out, by=None, reason="not-collected")
        papers.taken_out(desk.wall, request, papers.second, 5)
        desk.staff["third"] = papers.account("Wim Wouters", "clerk")
    first, late = desk.browser("clerk"), desk.browser("third")
    assert "Ik heb het" in late.sees("receive/")
    assert first.sends("receive/", handover=out).status_code == 302
    assert first.sends("receive/", handover=out).status_code == 302, "a second click"
    assert late.sends("receive/", handover=out).status_code == 409
    assert first.sends(f"dossiers/{request.pk}/act/", act="hand-out", checked="passport").status_code == 302
    page = first.sees(f"dossiers/{request.pk}/")
    assert "<strong>Afgehandeld</strong>" in page
    assert "Terug aan de balie</span>" not in page
    assert "Terug aan de balie</span>" not in first.sees("requests/?filter=closed")


def test_a_colon_stands_in_french_as_the_french_write_it(desk: Desk) -> None:
    french = {"Accept-Language": "fr"}
    assert "Feuille de comptage\u00a0:" in desk.browser("clerk").sees(
        f"walls/{desk.wall.device.kiosk}/count/", headers=french
    )
    said = desk.browser("clerk").client.post("/desk/dossiers/new/", {"name": ""}, headers=french)
    assert "Nom\u00a0:" in said.content.decode()
