"""A page left open: who is away is signed out, told so, and comes back to where they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from onthaal import clock
from onthaal.central.foundation.people.actions import NewAccount, create_account
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for

PASSWORD = "een-goed-wachtwoord"
A_PIECE = {"HX-Request": "true", "HX-Current-URL": "http://aalter.example/desk/requests/7/"}


@pytest.fixture
def client(aalter: Municipality) -> Client:
    with acting_for(aalter.pk):
        create_account(NewAccount(username="an", name="An", password=PASSWORD, roles=("clerk",)), by=None)
    client = Client(headers={"host": "aalter.example"})
    sign_in(client)
    return client


def sign_in(client: Client, onward: str = "") -> HttpResponse:
    return client.post(  # type: ignore[return-value]
        "/desk/sign-in/", {"username": "an", "password": PASSWORD, "next": onward}
    )


def away(client: Client, *, minutes: int) -> None:
    session = client.session
    session["seen_at"] = (clock.now() - timedelta(minutes=minutes)).timestamp()
    session.save()


def test_who_comes_back_reads_why_they_must_sign_in_again(client: Client) -> None:
    away(client, minutes=31)
    answer = client.get("/desk/loans/", follow=True)
    assert answer.redirect_chain[0][0] == "/desk/sign-in/?next=/desk/loans/"
    assert "U was een tijd weg" in answer.content.decode()


def test_a_button_pressed_too_late_says_that_nothing_was_kept_and_leads_back_to_its_page(client: Client) -> None:
    away(client, minutes=31)
    answer = client.post("/desk/alerts/7/seen/", follow=True)
    assert "is niet bewaard" in answer.content.decode()
    onward = answer.redirect_chain[0][0].partition("next=")[2]
    signed_in = sign_in(client, onward)
    assert client.get(signed_in["Location"])["Location"] == "/desk/alerts/"


def test_a_page_left_open_goes_to_the_sign_in_page_by_itself(client: Client) -> None:
    away(client, minutes=31)
    answer = client.get("/desk/still-here/", headers=A_PIECE)
    assert answer["HX-Redirect"] == "/desk/sign-in/?next=/desk/requests/7/"


def test_a_page_left_open_warns_before_and_a_button_keeps_one_signed_in(client: Client) -> None:
    away(client, minutes=20)
    assert "Bent u er nog" not in client.get("/desk/still-here/", headers=A_PIECE).content.decode()
    away(client, minutes=28)
    assert "Bent u er nog" in client.get("/desk/still-here/", headers=A_PIECE).content.decode()
    assert "Bent u er nog" not in client.post("/desk/still-here/", headers=A_PIECE).content.decode()
    assert "Bent u er nog" not in client.get("/desk/still-here/", headers=A_PIECE).content.decode()


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [
        ("/desk/requests/7/act/", "/desk/requests/7/"),
        ("/desk/walls/1/doors/3/act/", "/desk/walls/1/doors/3/"),
        ("/desk/badge/new/", "/desk/badge/"),
        ("/desk/alerts/7/seen/", "/desk/alerts/"),
    ],
)
def test_reading_an_address_that_only_takes_forms_leads_to_the_page_above_it(
    client: Client, sent_to: str, page: str
) -> None:
    assert client.get(sent_to)["Location"] == page


def test_another_language_keeps_what_was_searched(client: Client) -> None:
    said = client.get("/desk/requests/?filter=on-loan&product=aalterbonnen").content.decode()
    assert 'href="?filter=on-loan&amp;product=aalterbonnen&amp;lang=fr"' in said


def test_a_no_at_the_desk_stands_in_the_desks_frame_and_leads_back(client: Client) -> None:
    answer = client.get("/desk/accounts/", headers={"referer": "http://aalter.example/desk/loans/"})
    said = answer.content.decode()
    assert answer.status_code == 403
    assert 'class="places"' in said
    assert '<a class="button" href="/desk/loans/">' in said
    assert '<a class="button" href="/desk/">' in client.get("/desk/nowhere/").content.decode()


def test_back_never_leads_elsewhere(client: Client) -> None:
    said = client.get("/desk/accounts/", headers={"referer": "https://elsewhere.example/"}).content.decode()
    assert '<a class="button" href="/desk/">' in said
    assert "elsewhere.example" not in said


def test_a_form_that_came_too_late_leads_back_to_its_own_page(aalter: Municipality) -> None:
    strict = Client(headers={"host": "aalter.example"}, enforce_csrf_checks=True)
    for page in ("/aanmelden/", "/privacy/"):
        answer = strict.post(page, headers={"referer": f"http://aalter.example{page}"})
        assert answer.status_code == 403
        assert f'<a class="button" href="{page}">' in answer.content.decode()
    late = strict.post("/desk/sign-in/", headers={"referer": "http://aalter.example/desk/sign-in/"})
    assert '<a class="button" href="/desk/">' in late.content.decode(), "whoever signed in elsewhere goes on"
