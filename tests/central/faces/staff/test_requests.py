"""A request from the work list to the wall and back, as the clerk does it."""

from __future__ import annotations

import re

import pytest

from onthaal.core.lifecycles import Stage
from tests.central.faces.staff.desk import Desk, without_tokens


def stage_on(page: str) -> str:
    found = re.search(r'data-stage="([a-z_]+)"', page)
    assert found
    return found[1]


def test_a_new_request_stands_on_the_work_list_and_is_accepted_in_one_click(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    assert f"/desk/requests/{asked.pk}/" in clerk.sees("")
    assert stage_on(clerk.sees(f"requests/{asked.pk}/")) == "received"
    clerk.sends(f"requests/{asked.pk}/act/", act="accept")
    assert stage_on(clerk.sees(f"requests/{asked.pk}/")) == Stage.PLANNED


def test_refusing_without_a_reason_does_nothing_and_says_so(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    answer = clerk.sends(f"requests/{asked.pk}/act/", act="refuse", reason="  ")
    assert answer.status_code == 409
    assert "Schrijf op waarom." in answer.content.decode()
    assert desk.now(asked).status == "received"


def test_a_refusal_goes_with_its_reason(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="refuse", reason="De bonnen zijn op.")
    page = clerk.sees(f"requests/{asked.pk}/")
    assert stage_on(page) == "refused"
    assert "De bonnen zijn op." in page


def test_before_lending_the_clerk_reads_how_many_are_free(desk: Desk) -> None:
    asked = desk.asked_to_borrow()
    assert "Vrij in deze periode: 6 van 6." in desk.browser("clerk").sees(f"requests/{asked.pk}/")


def test_the_label_says_what_and_when_and_names_nobody(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="accept")
    page = clerk.sees(f"requests/{asked.pk}/label/")
    assert re.search(r'data-label="GZL:[A-Z2-7]{9}"', page)
    assert "<svg" in page
    assert "Els" not in without_tokens(page)
    assert "els@bloemen.example" not in page


def test_what_is_prepared_asks_to_be_put_in_the_wall(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="accept")
    clerk.sends(f"requests/{asked.pk}/act/", act="prepare")
    assert "Leg het in de automaat" in clerk.sees(f"requests/{asked.pk}/")
    assert f"/desk/requests/{asked.pk}/" in clerk.sees("requests/?filter=to-load")


def test_a_new_code_ends_the_old_one_and_goes_to_the_mended_address(desk: Desk) -> None:
    asked, clerk = desk.lies_in_the_wall(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="send-again", email="els@nieuw.example")
    assert "els@nieuw.example" in clerk.sees(f"requests/{asked.pk}/")
    stream = f"handover:{desk.handover_of(asked).pk}"
    with desk.acting():
        kinds = desk.town.kinds(stream)
        (told,) = [entry for entry in desk.town.journal(stream) if entry.kind == "person.address-changed"]
    assert {"grant.revoked", "grant.sent-again"} <= set(kinds)
    assert told.by
    assert "nieuw.example" not in f"{told.data}{told.about}"


def test_a_recall_puts_it_on_the_take_out_list(desk: Desk) -> None:
    asked, clerk = desk.lies_in_the_wall(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="recall", reason="wrong-thing")
    assert stage_on(clerk.sees(f"requests/{asked.pk}/")) == Stage.RECALLED
    assert f'data-take-out="{desk.handover_of(asked).pk}"' in clerk.sees("take-out/")


def test_no_free_text_of_a_recall_reaches_the_journal(desk: Desk) -> None:
    asked, clerk = desk.lies_in_the_wall(), desk.browser("clerk")
    answer = clerk.sends(f"requests/{asked.pk}/act/", act="recall", reason="Els is ziek")
    assert answer.status_code == 409
    assert desk.handover_of(asked).stage == Stage.WAITING


def test_the_history_names_who_did_what(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    clerk.sends(f"requests/{asked.pk}/act/", act="accept")
    page = clerk.sees(f"requests/{asked.pk}/")
    assert "Goedgekeurd" in page
    assert "Karel Claeys" in page


def test_a_borrowed_thing_can_come_back_over_the_counter(desk: Desk) -> None:
    from onthaal.central.lockers.requests import actions

    asked, clerk = desk.asked_to_borrow(), desk.browser("clerk")
    with desk.acting():
        actions.accept(request_id=asked.pk, by=desk.town.clerk)
    out = desk.handover_of(asked)
    with desk.acting():
        desk.wall.loads(out, 4)
        desk.wall.gives(out, 4)
        desk.town.follows()
    assert "Scouts Aalter" in clerk.sees("loans/")
    clerk.sends(f"requests/{asked.pk}/act/", act="at-desk")
    assert "Niets uitgeleend." in clerk.sees("loans/")


def test_a_loan_that_was_brought_back_stands_with_what_lies_in_the_wall(desk: Desk) -> None:
    from tests.central.lockers.test_the_way_of_a_thing import borrowed

    with desk.acting():
        desk.wall.takes_back(borrowed(desk.town, desk.wall).back, 5)
        desk.town.follows()
    clerk = desk.browser("clerk")
    page = clerk.sees("requests/?filter=in-wall")
    for said in ("Scouts Aalter", "kluisje 5", "Teruggebracht"):
        assert said in page
    assert "Scouts Aalter" not in clerk.sees("requests/?filter=on-loan")


def test_a_search_that_finds_too_many_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from onthaal.central.lockers.requests import queries

    monkeypatch.setattr(queries, "A_PAGE", 1)
    desk.asked(email="een@winkel.example")
    clerk = desk.browser("clerk")
    assert "Er zijn er meer" not in clerk.sends("requests/", text="Bloemen").content.decode()
    desk.asked(email="twee@winkel.example")
    assert "Er zijn er meer: typ meer van de naam." in clerk.sends("requests/", text="Bloemen").content.decode()


def test_a_doubt_about_what_was_withdrawn_offers_no_new_code_and_no_second_try(desk: Desk) -> None:
    from onthaal.central.lockers.requests import actions

    asked, clerk = desk.asked(), desk.browser("clerk")
    with desk.acting():
        handover = actions.accept(request_id=asked.pk, by=desk.town.clerk).handover
        assert handover is not None
        desk.wall.loads(handover, 1)
        actions.withdraw(token=desk.town.link_of(asked))
        desk.wall.disputes(handover, 1)
        desk.town.follows()
    page = clerk.sees(f"disputes/{handover.pk}/")
    assert "De aanvraag loopt niet meer" in page
    assert 'value="recalled"' in page
    for to in ("planned", "loaded"):
        assert f'value="{to}"' not in page
        assert clerk.sends(f"disputes/{handover.pk}/", to=to, reason="Het ligt hier").status_code == 409
    assert clerk.sends(f"disputes/{handover.pk}/", to="taken_back", reason="Het ligt hier").status_code == 302


def test_a_disputed_thing_is_resolved_with_a_choice_and_a_reason(desk: Desk) -> None:
    asked, clerk = desk.lies_in_the_wall(), desk.browser("clerk")
    handover = desk.handover_of(asked)
    with desk.acting():
        desk.wall.disputes(handover, 1)
        desk.town.follows()
    assert "Het kluisje is dicht en leeg" in clerk.sees(f"disputes/{handover.pk}/")
    assert clerk.sends(f"disputes/{handover.pk}/", to="collected", reason="").status_code == 409
    assert clerk.sends(f"disputes/{handover.pk}/", to="cancelled", reason="Gebeld").status_code == 409
    assert clerk.sends(f"disputes/{handover.pk}/", to="collected", reason="Gebeld").status_code == 302
    assert desk.handover_of(asked).stage == Stage.COLLECTED
