"""Promise 12: every route declares who may call it; a route without a declaration fails the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path

from onthaal.central.foundation.gates import for_roles, gate_of
from onthaal.central.foundation.people.actions import NewAccount, create_account
from onthaal.central.foundation.people.models import Municipality, Role
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.web.middleware import UndeclaredRoute

OPEN = {
    "alive/", "desk/sign-in/", "desk/sign-out/",
    "", "ask/<slug:slug>/", "asked/", "r/<str:token>/", "r/<str:token>/withdraw/", "privacy/",
    "muur/<str:handle>", "aanmelden/", "aanmelden/<slug:profile>/terug", ".well-known/onthaal-jwks.json", "sign-out/",
}  # fmt: skip
PASSWORD = "een-goed-wachtwoord"


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from routes(pattern, route)


def test_promise_12_every_route_says_who_may_call_it() -> None:
    assert [route for route, view in routes() if gate_of(view) is None] == []


def test_promise_12_what_is_open_to_everybody_is_named_here() -> None:
    found = {route for route, view in routes() if (gate := gate_of(view)) and gate.to == "all"}
    assert found == OPEN


def test_promise_12_only_what_kiosks_call_is_for_devices() -> None:
    for route, view in routes():
        gate = gate_of(view)
        assert gate is not None
        assert (gate.to == "devices") == route.startswith("device/v1/"), route


def filled(route: str) -> str:
    """An address of a route, with something in each of its places."""
    import re

    plain = re.sub(r"<(\w+):\w+>", lambda found: "1" if found[1] == "int" else "x", route)
    return "/" + re.sub(r"\(\?P<\w+>.*?\)\$?|<\w+>|\^|\$|\\Z", "1", plain)


def for_staff() -> list[tuple[str, frozenset[str]]]:
    return [(route, gate.roles) for route, view in routes() if (gate := gate_of(view)) and gate.to == "roles"]


def test_promise_12_nobody_comes_in_without_signing_in(aalter: Municipality) -> None:
    client = Client(headers={"host": "aalter.example"})
    for route, _roles in for_staff():
        for answer in (client.get(filled(route)), client.post(filled(route))):
            assert answer.status_code == 302, route
            assert answer["Location"].startswith("/desk/sign-in/"), route


def for_citizens() -> list[str]:
    return [route for route, view in routes() if (gate := gate_of(view)) and gate.to == "citizens"]


def test_promise_12_what_is_a_citizens_own_needs_their_sign_in(aalter: Municipality) -> None:
    nobody = Client(headers={"host": "aalter.example"})
    with acting_for(aalter.pk):
        create_account(NewAccount(username="an", name="An", password=PASSWORD, roles=tuple(Role.values)), by=None)
    staff = Client(headers={"host": "aalter.example"})
    assert staff.post("/desk/sign-in/", {"username": "an", "password": PASSWORD}).status_code == 302
    assert len(for_citizens()) > 8
    for route in for_citizens():
        for client in (nobody, staff):
            for answer in (client.get(filled(route)), client.post(filled(route))):
                assert answer.status_code == 302, route
                assert answer["Location"].startswith("/aanmelden/?next="), route


def test_promise_12_only_personal_pages_are_for_citizens() -> None:
    assert {route.partition("/")[0] for route in for_citizens()} == {"apply", "mine"}


@pytest.mark.parametrize("role", Role.values)
def test_promise_12_staff_without_the_role_is_refused(aalter: Municipality, role: str) -> None:
    with acting_for(aalter.pk):
        create_account(NewAccount(username="an", name="An", password=PASSWORD, roles=(role,)), by=None)
    client = Client(headers={"host": "aalter.example"})
    assert client.post("/desk/sign-in/", {"username": "an", "password": PASSWORD}).status_code == 302
    for route, roles in for_staff():
        if role not in roles:
            assert client.get(filled(route)).status_code == 403, route


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("everybody's")


urlpatterns = [path("undeclared/", undeclared)]


@pytest.mark.urls(__name__)
def test_promise_12_a_view_that_says_nothing_is_refused(aalter: Municipality) -> None:
    with pytest.raises(UndeclaredRoute):
        Client(headers={"host": "aalter.example"}).get("/undeclared/")


def test_a_gate_for_no_role_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not roles"):
        for_roles()
    with pytest.raises(ValueError, match="not roles"):
        for_roles("mayor")
