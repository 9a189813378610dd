"""The provider of the tests does what itsme, ACM/IDM and FAS would do, and refuses what they would refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.provider.fixture import Person, ProviderSaidNo, RealProvider
from tests.provider.line import NO_ROOTS
from tests.provider.small_client import BACK, ITSME, Asked, SmallClient, answer
from tests.waiting import until

NUMBER = f"{ITSME}BENationalNumber"
AN = Person(
    "an", {"name": "An Peeters", "given_name": "An", "family_name": "Peeters", "birthdate": "1990-05-17",
           "locale": "nl", NUMBER: "90051700104", f"{ITSME}identification_mode": "QR", f"{ITSME}ongoing_call": False,
           "rrn": "90051700104", "givenName": "An", "surname": "Peeters", "egovNRN": "90051700104"},
)  # fmt: skip
WISHES = {"id_token": {f"{ITSME}ongoing_call": None, f"{ITSME}identification_mode": None},
          "userinfo": {"given_name": None, "family_name": None, NUMBER: None}}  # fmt: skip


@pytest.fixture
def client(provider: RealProvider) -> SmallClient:
    return SmallClient(provider)


def signed_in(client: SmallClient) -> tuple[Asked, str]:
    """An's request, and the code it gave."""
    asked = client.ask(claims=WISHES)
    client.provider.approves(client.registered, AN)
    said = answer(client.provider.follow(asked.url))
    assert said["state"] == asked.state
    return asked, said["code"]


def test_somebody_signs_in_with_everything_sealed(client: SmallClient) -> None:
    asked, code = signed_in(client)
    tokens = client.exchange(code, asked.verifier).json()
    header, claims = client.open(tokens["id_token"])
    assert header["alg"] == "RS256"
    assert (claims["sub"], claims["nonce"], claims["iss"]) == ("an", asked.nonce, client.registered.issuer)
    assert claims["exp"] - claims["iat"] == 300
    assert claims[f"{ITSME}ongoing_call"] is False
    assert {"acr", "at_hash", "given_name", NUMBER} & set(claims) == set()
    told = client.userinfo(tokens["access_token"])
    assert told.headers["content-type"].startswith("application/jwt")
    said = client.open(told.text)[1]
    assert (said["sub"], said["given_name"], said[NUMBER]) == ("an", "An", "90051700104")


def test_a_code_is_good_once(client: SmallClient) -> None:
    asked, code = signed_in(client)
    assert client.exchange(code, asked.verifier).status_code == 200
    again = client.exchange(code, asked.verifier)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_good_for_its_own_asker_only(client: SmallClient) -> None:
    _, code = signed_in(client)
    assert client.exchange(code, "x" * 43).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_three_minutes(client: SmallClient) -> None:
    asked, code = signed_in(client)
    client.provider.clock(ahead=181)
    try:
        late = client.exchange(code, asked.verifier, assertion=client.assertion(exp=2**31))
    finally:
        client.provider.clock(ahead=0)
    assert late.json()["error"] == "invalid_grant"


def test_a_request_without_pkce_is_refused(client: SmallClient) -> None:
    asked = client.ask(without=("code_challenge", "code_challenge_method"))
    assert answer(client.provider.follow(asked.url))["error"] == "invalid_request"


@pytest.mark.parametrize("wrong", [{"aud": "https://elsewhere.example"}, {"exp": 1_000_000_000}, {"iss": "somebody"}])
def test_an_assertion_that_is_not_right_is_refused(client: SmallClient, wrong: dict[str, object]) -> None:
    asked, code = signed_in(client)
    refused = client.exchange(code, asked.verifier, assertion=client.assertion(**wrong))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_an_assertion_is_good_once(client: SmallClient) -> None:
    assertion = client.assertion()
    for status in (200, 401):
        asked, code = signed_in(client)
        assert client.exchange(code, asked.verifier, assertion=assertion).status_code == status


def test_somebody_refuses(client: SmallClient) -> None:
    client.provider.refuses(client.registered)
    asked = client.ask()
    said = answer(client.provider.follow(asked.url))
    assert (said["error"], said["state"]) == ("access_denied", asked.state)


def test_nobody_answers_in_time(client: SmallClient) -> None:
    client.provider.times_out(client.registered)
    assert answer(client.provider.follow(client.ask().url))["error"] == "login_required"


def test_the_phone_waits_until_it_is_touched(client: SmallClient) -> None:
    client.provider.waits(client.registered)
    asked = client.ask()
    with pytest.raises(AssertionError, match="did not happen"):
        client.provider.follow(asked.url, within=0.2)


@pytest.mark.parametrize("scope", ["openid service:UNKNOWN", "openid service:OTHER", "openid"])
def test_a_service_that_is_not_ours_is_refused(client: SmallClient, scope: str) -> None:
    asked = client.ask(scope=scope)
    assert answer(client.provider.follow(asked.url))["error"] == "invalid_scope"


def test_the_way_back_belongs_to_the_service(provider: RealProvider) -> None:
    client = SmallClient(provider, more={"services": {"PORTAL": ["http://127.0.0.1:9/other"]}})
    assert answer(provider.follow(client.ask().url))["error"] == "invalid_request"


def test_an_address_that_is_not_registered_is_never_sent_to(client: SmallClient) -> None:
    asked = client.ask(redirect_uri=f"{BACK}/else")
    with pytest.raises(ProviderSaidNo):
        client.provider.follow(asked.url)


def test_the_phone_saw_what_was_asked(client: SmallClient) -> None:
    asked, _ = signed_in(client)
    [seen] = client.provider.asked(client.registered)
    assert (seen["params"]["nonce"], json.loads(seen["params"]["claims"])) == (asked.nonce, WISHES)


def test_every_request_asks_the_person_again(client: SmallClient) -> None:
    signed_in(client)
    signed_in(client)
    assert len(client.provider.asked(client.registered)) == 2


def test_acm_says_everything_in_the_id_token_and_the_level_when_asked(provider: RealProvider) -> None:
    client = SmallClient(provider, "acm-idm")
    provider.approves(client.registered, AN, always=True)
    levels: list[dict[str, Any]] = [{"acr_values": "urn:be:vlaanderen:authmech:itsme"}, {}]
    for level in levels:
        asked = client.ask(scope="openid profile rrn", **level)
        tokens = client.exchange(answer(provider.follow(asked.url))["code"], asked.verifier).json()
        claims = client.open(tokens["id_token"])[1]
        assert (claims["rrn"], claims["given_name"], claims.get("acr")) == (
            "90051700104", "An", level.get("acr_values"))  # fmt: skip


def test_acm_wants_its_issuer_as_audience(provider: RealProvider) -> None:
    client = SmallClient(provider, "acm-idm")
    provider.approves(client.registered, AN)
    asked = client.ask(scope="openid profile")
    code = answer(provider.follow(asked.url))["code"]
    assertion = client.assertion(aud=client.discovery["token_endpoint"])
    assert client.exchange(code, asked.verifier, assertion=assertion).json()["error"] == "invalid_client"


def test_fas_has_names_of_its_own(provider: RealProvider) -> None:
    client = SmallClient(provider, "fas")
    provider.approves(client.registered, AN)
    asked = client.ask(scope="openid profile egovnrn", acr_values="urn:be:fedict:iam:fas:Level500")
    tokens = client.exchange(answer(provider.follow(asked.url))["code"], asked.verifier).json()
    assert client.open(tokens["id_token"])[1]["acr"] == "urn:be:fedict:iam:fas:Level500"
    said = client.userinfo(tokens["access_token"]).json()
    assert (said["surname"], said["egovNRN"]) == ("Peeters", "90051700104")


def test_one_browser_is_asked_again_and_may_be_somebody_else(client: SmallClient) -> None:
    with httpx.Client(trust_env=False, verify=NO_ROOTS) as browser:
        for person in (AN, Person("bart", {"name": "Bart Maes"})):
            client.provider.approves(client.registered, person)
            asked = client.ask()
            said = answer(client.provider.follow(asked.url, browser=browser))
            tokens = client.exchange(said["code"], asked.verifier).json()
            assert client.open(tokens["id_token"])[1]["sub"] == person.sub


def test_a_waiting_phone_is_answered_meanwhile(client: SmallClient) -> None:
    asked = client.ask()
    with ThreadPoolExecutor(1) as thread:
        way = thread.submit(client.provider.follow, asked.url)
        client.provider.answers_waiting(client.registered, AN)
        assert "code" in answer(way.result(10))


def test_the_provider_ends_with_whoever_started_it(tmp_path: Path) -> None:
    starts = (
        "import pathlib, sys\n"
        "from tests.provider.fixture import real_provider\n"
        f"with real_provider(pathlib.Path({str(tmp_path)!r})) as provider:\n"
        "    print(provider.pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    run = subprocess.Popen([sys.executable, "-c", starts], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    assert psutil.pid_exists(pid)
    run.kill()
    run.communicate()
    until(lambda: not psutil.pid_exists(pid), what="the provider's end")
