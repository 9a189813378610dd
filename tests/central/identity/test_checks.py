"""`onthaal central check` finds what is wrong with a provider, and says what to do."""

from __future__ import annotations

from datetime import timedelta
from email.utils import formatdate
from typing import Any

import pytest
from django.test import Client

from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.findings import Finding
from onthaal.central.foundation.identity import actions as identity
from onthaal.central.foundation.identity import checks, keyring
from onthaal.central.foundation.identity.models import ClientKey, Provider
from onthaal.central.foundation.identity.queries import providers
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.actions import NewAccount, create_account, create_person
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.web.checks import production_is_strict
from tests.central.identity.signing_in import NUMBER, Desk, case, turned_clock
from tests.central.identity.test_knowing import said
from tests.provider.fixture import RealProvider
from tests.provider.lies import DROP, Broken, Discovered
from tests.provider.line import Passing


def wrong(row: Municipality, *, wanted: bool = True) -> list[Finding]:
    return [finding for finding in checks.findings(row, wanted=wanted) if not finding.good]


def test_nothing_is_wrong_with_what_is_right(desk: Desk) -> None:
    assert wrong(desk.row) == []
    assert len(list(checks.findings(desk.row, wanted=True))) >= 9


def test_a_municipality_without_personal_documents_needs_no_provider(aalter: Municipality) -> None:
    assert list(checks.findings(aalter, wanted=False)) == []
    (none,) = wrong(aalter)
    assert "/admin/" in none.hint


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        case("no client", {"client_id": ""}, "ask the provider"),
        case("no service for the wall", {"wall_service": ""}, "service codes"),
        case("a provider nobody knows", {"profile": "eherkenning"}, "acm-idm, fas, itsme"),
        case("no provider there", {"issuer": "http://127.0.0.1:9/v2"}, "network"),
        case("an address of our own network", {"issuer": "https://10.0.0.1/v2"}, "public on the internet"),
        case("http", {"issuer": "http://idp.example/v2"}, "must be https"),
    ],
)
def test_each_mistake_comes_with_a_hint(desk: Desk, fields: dict[str, Any], hint: str) -> None:
    desk.set(**fields)
    assert any(hint in finding.hint for finding in wrong(desk.row))


@pytest.mark.parametrize(
    ("lie", "hint"),
    [
        case("another issuer", Discovered({"issuer": "https://elsewhere.example"}), "letter for letter"),
        case("not there", Broken("discovery", status=404), "another environment"),
        case("no page of a provider", Broken("discovery", status=200, body=b"<html>"), "no OpenID provider"),
        case("broken", Broken("discovery"), "status page"),
        case("no keys", Broken("jwks", status=200, body=b'{"keys": []}'), "no RSA key"),
        case("no PKCE", Discovered({"code_challenge_methods_supported": ["plain"]}), "PKCE"),
        case("no names", Discovered({"userinfo_endpoint": DROP}), "userinfo_endpoint"),
    ],
)
def test_each_mistake_of_the_provider_comes_with_a_hint(desk: Desk, lie: Any, hint: str) -> None:
    with desk.real.line.lying(lie):
        assert [finding for finding in wrong(desk.row) if hint in finding.hint]


def test_missing_and_old_keys_are_found(desk: Desk) -> None:
    with acting_for(desk.row.pk):
        ClientKey.objects.update(made_at=ClientKey.objects.all()[0].made_at - timedelta(days=120))
    assert any("worker" in finding.hint for finding in wrong(desk.row))
    with acting_for(desk.row.pk):
        ClientKey.objects.all().delete()
    assert any("onthaal central keys" in finding.hint for finding in wrong(desk.row))


class Dated:
    """The provider says what time it is: the machine's."""

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        passing.set_header("Date", formatdate(usegmt=True))


def test_a_clock_that_is_wrong_is_found(desk: Desk, clock: turned_clock) -> None:
    with desk.real.line.lying(Dated()):
        assert wrong(desk.row) == []
        clock.turn(300)
        assert any("NTP" in finding.hint for finding in wrong(desk.row))


def test_outside_a_demo_addresses_must_be_https_and_the_certificate_named(desk: Desk, settings) -> None:
    settings.ONTHAAL_IDENTITY_LOOPBACK = False
    settings.ONTHAAL_PUBLIC_URL = "http://127.0.0.1:1"
    hints = " ".join(finding.hint for finding in wrong(desk.row))
    assert "ONTHAAL_PUBLIC_URL" in hints
    assert "OV or EV" in hints
    assert "must be https and public" in hints


def test_production_refuses_a_provider_on_its_own_machine(settings) -> None:
    settings.PRODUCTION = True
    settings.ONTHAAL_PUBLIC_URL = "https://onthaal.example"
    assert "onthaal.E004" in [error.id for error in production_is_strict(None)]
    settings.ONTHAAL_IDENTITY_LOOPBACK = False
    assert "onthaal.E004" not in [error.id for error in production_is_strict(None)]


def test_an_administrator_registers_a_provider_and_keys_are_made(aalter: Municipality) -> None:
    with acting_for(aalter.pk):
        for name, role in (("an", "administrator"), ("tom", "technician")):
            create_account(NewAccount(username=name, name=name, password="een-goed-wachtwoord", roles=(role,)), by=None)
    filled = {
        "profile": "itsme", "issuer": "https://idp.prd.itsme.services/v2", "client_id": "AALTER", "enabled": "on",
        "portal_service": "AALTER_LOGIN", "wall_service": "AALTER_WALL", "in_portal": "on", "at_wall_page": "on",
    }  # fmt: skip
    answers = {}
    for name in ("tom", "an"):
        client = Client(headers={"host": "aalter.example"})
        client.post("/desk/sign-in/", {"username": name, "password": "een-goed-wachtwoord"})
        answers[name] = client.post("/admin/foundation/provider/add/", filled).status_code
    assert answers == {"tom": 403, "an": 302}
    with acting_for(aalter.pk):
        assert [row.client_id for row in providers("wall-page")] == ["AALTER"]
        assert providers("wall-phone") == []
        assert keyring.have_keys()
        (added,) = Entry.objects.filter(kind="provider.changed")
        assert added.data["changed"]["issuer"] == [None, "https://idp.prd.itsme.services/v2"]
        assert Entry.objects.filter(kind="configuration.added", stream__startswith="provider:").count() == 1


def test_who_changes_a_provider_is_heard_of_and_what_it_was_stands_in_the_journal(aalter: Municipality) -> None:
    with acting_for(aalter.pk):
        create_account(
            NewAccount(username="an", name="an", password="een-goed-wachtwoord", roles=("administrator",)), by=None
        )
        row = Provider.objects.create(
            profile="itsme", issuer="https://idp.prd.itsme.services/v2", client_id="AALTER", authorisation="KB 1"
        )
        bound = identity.bind(create_person(name="x", email="", language="nl"), said(national_number=NUMBER))
        assert bound.number_key
    client = Client(headers={"host": "aalter.example"})
    client.post("/desk/sign-in/", {"username": "an", "password": "een-goed-wachtwoord"})
    filled = {"profile": "itsme", "issuer": "https://mine.example", "client_id": "AALTER", "enabled": "on"}
    assert client.post(f"/admin/foundation/provider/{row.pk}/change/", filled).status_code == 302
    with acting_for(aalter.pk):
        (changed,) = Entry.objects.filter(kind="provider.changed")
        assert changed.data["changed"]["issuer"] == ["https://idp.prd.itsme.services/v2", "https://mine.example"]
        assert changed.data["changed"]["authorisation"] == ["KB 1", ""]
        (alert,) = Alert.objects.filter(kind="provider-changed")
        assert (alert.level, alert.about) == ("critical", f"provider:{row.pk}")
        bound.refresh_from_db()
        assert (bound.number_key, bound.number_sealed) == ("", None)


def test_in_production_an_issuer_that_nobody_knows_is_found(desk: Desk, settings) -> None:
    assert not [finding for finding in wrong(desk.row) if "once you are live" in finding.hint]
    settings.PRODUCTION = True
    assert [finding for finding in wrong(desk.row) if "once you are live" in finding.hint]


def test_a_provider_of_the_portal_that_walls_do_not_name_is_found(desk: Desk, provider: RealProvider) -> None:
    collects = "can collect at a wall"
    acm = Desk(desk.row, provider, "acm-idm")
    assert [one.question for one in wrong(desk.row) if collects in one.question] == [
        f"aalter, acm-idm: who asks with it in the portal {collects}"
    ]
    acm.set(authorisation="KB 1")
    desk.set(authorisation="KB 1")
    assert not [one for one in wrong(desk.row) if collects in one.question]
    desk.set(authorisation="", at_wall_page=False, at_wall_phone=False)
    acm.set(authorisation="", at_wall_page=False, at_wall_phone=False)
    assert len([one for one in wrong(desk.row) if collects in one.question]) == 2
