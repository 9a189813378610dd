"""What happens around every page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import path

from onthaal import clock
from onthaal.central.foundation.gates import for_devices, open_to_all, own_transaction
from onthaal.central.foundation.people.actions import NewAccount, create_account, create_person, set_password
from onthaal.central.foundation.people.models import Account, Municipality, Person
from onthaal.central.foundation.tenancy import NoScope, acting_for, scope
from onthaal.core.refusals import Refusal, Why

PASSWORD = "een-goed-wachtwoord"


@open_to_all
def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(scope()))


@open_to_all
def refuses(request: HttpRequest) -> HttpResponse:
    create_person(name="An", email="an@example.org", language="nl")
    raise Refusal(Why.LINK_EXPIRED)


@open_to_all
def breaks(request: HttpRequest) -> HttpResponse:
    create_person(name="An", email="an@example.org", language="nl")
    raise ZeroDivisionError


def _spoils(answer: object) -> None:
    create_person(name="An", email="an@example.org", language="nl")
    raise ZeroDivisionError


@open_to_all
def breaks_while_drawn(request: HttpRequest) -> HttpResponse:
    """Breaks when its own transaction is over already: its page is drawn afterwards (the admin does so)."""
    answer = TemplateResponse(request, "web/error.html", {"title": "web.400.title", "text": "web.400.text"})
    answer.add_post_render_callback(_spoils)
    return answer


@open_to_all
def says_broken(request: HttpRequest) -> HttpResponse:
    create_person(name="An", email="an@example.org", language="nl")
    return HttpResponse("no", status=503)


@open_to_all
@own_transaction
def alone(request: HttpRequest) -> HttpResponse:
    assert not connection.in_atomic_block or connection.savepoint_ids is not None
    try:
        scope()
    except NoScope:
        return HttpResponse(str(request.municipality.pk))  # type: ignore[attr-defined]
    return HttpResponse("a scope")


@for_devices
def device(request: HttpRequest) -> HttpResponse:
    return HttpResponse("heard")


urlpatterns = [
    path("breaks/", breaks), path("breaks-while-drawn/", breaks_while_drawn), path("says-broken/", says_broken),
    path("who/", who), path("refuses/", refuses), path("alone/", alone), path("device/", device),
    path("desk/sign-in/", who, name="sign-in"), path("desk/account/", who, name="own-account"),
    path("desk/sign-out/", who, name="sign-out"),
]  # fmt: skip
own_urls = pytest.mark.urls(__name__)


@pytest.fixture
def client(aalter: Municipality) -> Client:
    return Client(headers={"host": "aalter.example"})


@pytest.fixture
def an(aalter: Municipality) -> Account:
    with acting_for(aalter.pk):
        return create_account(NewAccount(username="an", name="An", password=PASSWORD, roles=("clerk",)), by=None)


def signed_in(client: Client) -> Client:
    answer = client.post("/desk/sign-in/", {"username": "an", "password": PASSWORD, "next": "/desk/account/"})
    assert answer["Location"] == "/desk/account/"
    return client


@own_urls
def test_the_host_name_says_the_municipality(client: Client, aalter: Municipality, deinze: Municipality) -> None:
    assert client.get("/who/").content.decode() == str(aalter.pk)
    assert client.get("/who/", headers={"host": "DEINZE.example"}).content.decode() == str(deinze.pk)


@own_urls
def test_an_unknown_host_is_told_so_in_three_languages(client: Client) -> None:
    answer = client.get("/who/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 404
    assert all(f'lang="{lang}"' in answer.content.decode() for lang in ("nl", "fr", "en"))


@own_urls
def test_the_only_municipality_may_answer_any_host(client: Client, aalter: Municipality) -> None:
    Municipality.objects.update(host="*")
    assert client.get("/who/", headers={"host": "127.0.0.1:9800"}).content.decode() == str(aalter.pk)


@own_urls
def test_with_two_municipalities_nobody_answers_any_host(
    client: Client, aalter: Municipality, deinze: Municipality
) -> None:
    Municipality.objects.filter(pk=aalter.pk).update(host="*")
    assert client.get("/who/", headers={"host": "127.0.0.1"}).status_code == 404


@own_urls
def test_a_refusal_has_words_and_leaves_nothing_behind(client: Client, aalter: Municipality) -> None:
    answer = client.get("/refuses/", headers={"accept-language": "fr-BE"})
    assert answer.status_code == 410
    assert 'data-why="link-expired"' in answer.content.decode()
    with acting_for(aalter.pk):
        assert not Person.objects.exists()


@own_urls
@pytest.mark.parametrize("page", ["breaks", "breaks-while-drawn", "says-broken"])
def test_a_page_that_breaks_leaves_nothing_behind(aalter: Municipality, page: str) -> None:
    client = Client(headers={"host": "aalter.example"}, raise_request_exception=False)
    assert client.get(f"/{page}/").status_code in (500, 503)
    with acting_for(aalter.pk):
        assert not Person.objects.exists()


@own_urls
def test_a_refusal_is_json_for_who_asks_json(client: Client) -> None:
    answer = client.get("/refuses/", headers={"accept": "application/json"})
    assert answer.json()["why"] == "link-expired"


@own_urls
def test_a_view_with_transactions_of_its_own_gets_no_scope(client: Client, aalter: Municipality) -> None:
    assert client.get("/alone/").content.decode() == str(aalter.pk)


@own_urls
def test_kiosks_are_heard_on_any_host_and_without_a_form_token() -> None:
    assert Client(enforce_csrf_checks=True).post("/device/").content == b"heard"


def test_a_page_may_run_only_its_own_scripts(client: Client) -> None:
    answer = client.get("/desk/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"' in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_the_language_is_kept_once_chosen(client: Client) -> None:
    assert "Se connecter" in client.get("/desk/sign-in/?lang=fr").content.decode()
    assert "Se connecter" in client.get("/desk/sign-in/").content.decode()
    assert client.get("/desk/sign-in/")["Content-Language"] == "fr"


def test_signing_in_draws_a_new_session(client: Client, an: Account) -> None:
    client.cookies["sessionid"] = "planted-by-somebody-else-planted"
    signed_in(client)
    assert client.cookies["sessionid"].value != "planted-by-somebody-else-planted"
    assert client.get("/desk/account/").status_code == 200


def test_a_wrong_password_says_nothing_about_the_name(client: Client, an: Account) -> None:
    known = client.post("/desk/sign-in/", {"username": "an", "password": "fout"})
    unknown = client.post("/desk/sign-in/", {"username": "jan", "password": "fout"})
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert "horen niet bij elkaar" in known.content.decode()
    assert "horen niet bij elkaar" in unknown.content.decode()


def test_the_next_page_is_never_elsewhere(client: Client, an: Account) -> None:
    told = {"username": "an", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/desk/sign-in/", told)["Location"] == "/desk/"


@pytest.mark.parametrize(("key", "seconds"), [("seen_at", 31 * 60), ("signed_in_at", 8 * 3600 + 60)])
def test_a_session_ends_when_idle_or_old(client: Client, an: Account, key: str, seconds: int) -> None:
    session = signed_in(client).session
    session[key] = (clock.now() - timedelta(seconds=seconds)).timestamp()
    session.save()
    assert client.get("/desk/account/").status_code == 302


def test_a_new_password_ends_the_other_sessions(client: Client, an: Account, aalter: Municipality) -> None:
    signed_in(client)
    with acting_for(aalter.pk):
        set_password(Account.objects.get(), "een-heel-ander-wachtwoord", by=None)
    assert client.get("/desk/account/").status_code == 302


@pytest.mark.parametrize(
    ("lang", "said"), [("nl", "Neem minstens 12 tekens."), ("fr", "au moins 12 caractères"), ("en", "at least 12")]
)
def test_a_password_that_is_too_short_is_refused_in_the_language_of_the_page(
    client: Client, an: Account, lang: str, said: str
) -> None:
    page = signed_in(client).post(f"/desk/account/?lang={lang}", {"present": PASSWORD, "new": "kort"})
    assert "password is too short" not in page.content.decode()
    assert page.content.decode().count(said) == 2, "above all, and beside the field"


def test_promise_11_a_session_of_one_municipality_is_nothing_in_another(
    client: Client, an: Account, deinze: Municipality
) -> None:
    signed_in(client)
    assert client.get("/desk/account/", headers={"host": "deinze.example"}).status_code == 302


def test_signing_out_needs_a_button(client: Client, an: Account) -> None:
    signed_in(client)
    assert client.get("/desk/sign-out/")["Location"] == "/desk/"
    assert client.get("/desk/account/").status_code == 200
    client.post("/desk/sign-out/")
    assert client.get("/desk/account/").status_code == 302
    assert not Session.objects.exists()
