"""Where the simulator is stricter than the certified provider, as itsme's documents are."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.identity_contract.relying import CALL, MODE, NATIONAL_NUMBER, V2, browse, comes_back, key
from tests.simulator.conftest import Standing

TEMPLATE, TEXT = f"{V2}claim_approval_template_name", f"{V2}claim_approval_text_key"


def error(standing: Standing, **changes: str | None) -> str:
    back = browse(standing.relying.portal(**changes).url)
    assert isinstance(back, dict), back.text
    return back["error"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"scope": "openid service:PORTAL unknown"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"response_mode": "form_post"}, "unsupported_request"),
        ({"display": "popup"}, "unsupported_display"),
        ({"prompt": "none"}, "login_required"),
        ({"acr_values": "urn:something"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token": {"name": true}}'}, "invalid_request"),
        ({"claims": json.dumps({"userinfo": {TEXT: {"value": "x"}}})}, "invalid_request"),
        ({"request_uri": "https://aalter.example:443/r"}, "invalid_request_uri"),
        ({"something": "else"}, "unsupported_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
    ids=str,
)
def test_a_slip_goes_back_under_the_providers_own_name(
    standing: Standing, changes: dict[str, str | None], name: str
) -> None:
    assert error(standing, **changes) == name
    assert standing.running.state()["waiting"] == []


def test_a_confirmation_without_request_object_is_refused(standing: Standing) -> None:
    back = comes_back(standing.relying.wall(form="plain").url)
    assert back["error"] == "invalid_request"
    assert "request object" in back["error_description"]


@pytest.mark.parametrize("text", ["", "x" * 7501, "kluisje 7 → links"])
def test_a_text_that_no_phone_can_show_is_refused(standing: Standing, text: str) -> None:
    assert comes_back(standing.relying.wall(text=text).url)["error"] == "invalid_request"


def test_a_parameter_that_stands_twice_or_differs_inside_is_refused(standing: Standing) -> None:
    twice = standing.relying.portal()
    assert comes_back(twice.url + "&nonce=again")["error"] == "invalid_request"
    wall = standing.relying.wall()
    other = httpx.URL(wall.url).copy_set_param("state", "another")
    assert comes_back(str(other))["error"] == "invalid_request"


def test_a_client_without_permission_is_told_no_national_number(standing: Standing) -> None:
    running, back = standing.running, standing.relying.portal().redirect_uri
    client = {
        "client_id": "aalter", "name": "Aalter", "jwks_uri": "http://127.0.0.1:9/keys", "national_number": False,
        "service": [{"code": "PORTAL", "type": "identification", "redirect_uris": [back]}],
    }  # fmt: skip
    assert running.posts("clients", {"client": [client]})[0] == 200
    assert error(standing) == "invalid_request"
    assert error(standing, claims=None, scope="openid eid service:PORTAL") == "invalid_scope"
    client["jwks_uri"] = "http://elsewhere.example/keys"
    assert running.posts("clients", {"client": [client]})[0] == 400


def test_a_code_lives_three_minutes(standing: Standing) -> None:
    asking = standing.relying.portal()
    standing.phone("approve")
    code = comes_back(asking.url)["code"]
    assert len(code) == 36
    standing.clock.write_text("181")
    now_then = standing.relying.assertion(exp=2**33)
    answer = standing.relying.exchange(asking, code, assertion=now_then)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_access_token_lives_an_hour(standing: Standing) -> None:
    asking = standing.relying.portal()
    standing.phone("approve")
    access = standing.relying.exchange(asking, comes_back(asking.url)["code"]).json()["access_token"]
    assert standing.relying.userinfo(access).status_code == 200
    standing.clock.write_text("3601")
    assert standing.relying.userinfo(access).status_code == 401


def test_a_wrong_verifier_uses_the_code_up(standing: Standing) -> None:
    asking, other = standing.relying.portal(), standing.relying.portal()
    standing.phone("approve")
    code = comes_back(asking.url)["code"]
    assert standing.relying.exchange(asking, code, code_verifier=other.verifier).status_code == 400
    assert standing.relying.exchange(asking, code).status_code == 400


def test_only_what_was_asked_is_told(standing: Standing) -> None:
    asking = standing.relying.portal(scope="openid service:PORTAL", claims=None)
    standing.phone("approve")
    given = standing.relying.exchange(asking, comes_back(asking.url)["code"]).json()
    _, _, claims = standing.relying.read(given["id_token"])
    assert set(claims) == {"sub", "aud", "iss", "nonce", "exp", "iat"}
    _, _, told = standing.relying.read(standing.relying.userinfo(given["access_token"]).text)
    assert set(told) == {"sub", "aud", "iss"}


def test_every_key_that_a_client_publishes_is_written_to(standing: Standing) -> None:
    seen = set()
    asking = standing.relying.portal()
    standing.phone("approve")
    access = standing.relying.exchange(asking, comes_back(asking.url)["code"]).json()["access_token"]
    for _ in range(40):
        seen.add(standing.relying.read(standing.relying.userinfo(access).text)[0]["kid"])
    assert seen == {each.kid for each in standing.relying.reading}


def test_a_new_signing_key_of_the_client_is_fetched_at_once(standing: Standing) -> None:
    first = standing.relying.portal()
    standing.phone("approve")
    standing.relying.exchange(first, comes_back(first.url)["code"])
    standing.relying.signing = key("sig", "a new one")
    asking = standing.relying.wall()
    standing.phone("approve")
    assert standing.relying.exchange(asking, comes_back(asking.url)["code"]).status_code == 200


def test_the_provider_signs_with_a_new_key_and_still_publishes_the_one_before(standing: Standing) -> None:
    before = standing.relying.keys_of_provider()[0].kid
    assert standing.running.posts("keys/rotate", {})[0] == 200
    asking = standing.relying.portal()
    standing.phone("approve")
    given = standing.relying.exchange(asking, comes_back(asking.url)["code"]).json()
    assert standing.relying.read(given["id_token"])[1]["kid"] != before
    assert before in {each.kid for each in standing.relying.keys_of_provider()}


def test_what_a_phone_noticed_is_told(standing: Standing) -> None:
    asking = standing.relying.portal()
    standing.phone("approve", citizen="lou", ongoing_call=True, mode="a2a")
    given = standing.relying.exchange(asking, comes_back(asking.url)["code"]).json()
    _, _, claims = standing.relying.read(given["id_token"])
    lou = next(who for who in standing.running.state()["citizens"] if who["citizen"] == "lou")
    assert (claims[CALL], claims[MODE], claims[NATIONAL_NUMBER]) == (True, "a2a", lou["national_number"])
    assert lou["age"] == 17
