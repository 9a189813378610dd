"""What every provider does, the certified one and ours: so that the simulator cannot drift towards our own mistakes."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.identity_contract.conftest import Pair
from tests.identity_contract.providers import PROVIDERS
from tests.identity_contract.relying import (
    CALL,
    MODE,
    NATIONAL_NUMBER,
    Asking,
    Relying,
    browse,
    comes_back,
    key,
)
from tests.identity_contract.under_test import CLIENT_ID, WALL_BACK, Doing
from tests.provider.line import NO_ROOTS


def approved(pair: Pair, asking: Asking, **doing: Any) -> str:
    """The code, after somebody approved on the phone."""
    pair.provider.phone(Doing(**doing))
    back = comes_back(asking.url)
    assert back["state"] == asking.state
    return back["code"]


def refused(answer: httpx.Response, error: str) -> bool:
    return answer.status_code in {400, 401} and answer.json()["error"] == error


def not_begun(outcome: dict[str, str] | httpx.Response) -> str:
    """The error of a request that never reached a phone: brought back, or shown on a page."""
    if isinstance(outcome, dict):
        assert "code" not in outcome
        return outcome["error"]
    assert outcome.status_code in {400, 401, 403}
    return outcome.text


def test_discovery_names_its_own_issuer_and_endpoints(pair: Pair) -> None:
    found = pair.relying.discovery()
    assert found["issuer"] == pair.provider.issuer
    assert pair.provider.issuer.endswith("/v2")
    for name in ("authorization", "token", "userinfo", "jwkset"):
        known_as = "jwks_uri" if name == "jwkset" else f"{name}_endpoint"
        assert found[known_as] == f"{pair.provider.issuer}/{name}"
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert {each.as_dict()["use"] for each in pair.relying.keys_of_provider()} == {"sig", "enc"}


@pytest.mark.parametrize("place", ["portal", "wall"])
def test_who_approves_is_told_in_nested_tokens(pair: Pair, place: str) -> None:
    asking: Asking = getattr(pair.relying, place)()
    given = pair.relying.exchange(asking, approved(pair, asking)).json()
    assert given["token_type"] == "Bearer"
    outer, inner, claims = pair.relying.read(given["id_token"])
    assert (outer["alg"], outer["enc"], outer["cty"]) == ("RSA-OAEP-256", "A128CBC-HS256", "JWT")
    assert inner["alg"] == "RS256"
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (pair.provider.issuer, CLIENT_ID, asking.nonce)
    assert claims["exp"] - claims["iat"] == 300
    assert abs(claims["iat"] - time.time()) < 60
    assert len(claims[NATIONAL_NUMBER]) == 11
    assert claims[MODE] == "QR"
    assert claims[CALL] is False
    assert "at_hash" not in claims
    assert "family_name" not in claims, "asked for the userinfo only"

    answer = pair.relying.userinfo(given["access_token"])
    assert answer.headers["content-type"].startswith("application/jwt")
    _, _, told = pair.relying.read(answer.text)
    assert told["sub"] == claims["sub"]
    assert {"family_name", "given_name", "birthdate"} <= set(told)
    assert NATIONAL_NUMBER not in told, "asked for the ID token only"


def test_a_person_stays_the_same_and_another_is_another(pair: Pair) -> None:
    seen = []
    for answer in ("approve", "approve", "other"):
        asking = pair.relying.portal()
        given = pair.relying.exchange(asking, approved(pair, asking, answer=answer)).json()
        seen.append(pair.relying.read(given["id_token"])[2]["sub"])
    assert seen[0] == seen[1] != seen[2]


def test_a_call_meanwhile_is_told_to_who_asks(pair: Pair) -> None:
    asking = pair.relying.wall()
    given = pair.relying.exchange(asking, approved(pair, asking, ongoing_call=True)).json()
    assert pair.relying.read(given["id_token"])[2][CALL] is True


def test_who_refuses_is_not_told_of(pair: Pair) -> None:
    asking = pair.relying.wall()
    pair.provider.phone(Doing(answer="refuse"))
    back = comes_back(asking.url)
    assert back["error"] == "access_denied"
    assert back["state"] == asking.state
    assert "code" not in back


def test_a_code_is_good_for_one_time(pair: Pair) -> None:
    asking = pair.relying.portal()
    code = approved(pair, asking)
    assert pair.relying.exchange(asking, code).status_code == 200
    assert refused(pair.relying.exchange(asking, code), "invalid_grant")


def test_a_replayed_code_takes_back_what_it_gave(pair: Pair) -> None:
    asking = pair.relying.portal()
    code = approved(pair, asking)
    access = pair.relying.exchange(asking, code).json()["access_token"]
    pair.relying.exchange(asking, code)
    assert pair.relying.userinfo(access).status_code == 401


def test_another_verifier_or_none_is_refused(pair: Pair) -> None:
    asking, other = pair.relying.portal(), pair.relying.portal()
    assert refused(pair.relying.exchange(asking, approved(pair, asking), code_verifier=other.verifier), "invalid_grant")
    again = pair.relying.portal()
    assert refused(pair.relying.exchange(again, approved(pair, again), code_verifier=""), "invalid_grant")


def test_a_request_without_pkce_is_refused(pair: Pair) -> None:
    asking = pair.relying.portal(code_challenge=None, code_challenge_method=None)
    assert "invalid_request" in not_begun(browse(asking.url))
    plain = pair.relying.portal(code_challenge_method="plain")
    assert "invalid_request" in not_begun(browse(plain.url))


def test_a_code_is_not_given_to_another_address(pair: Pair) -> None:
    asking = pair.relying.portal()
    code = approved(pair, asking)
    assert refused(pair.relying.exchange(asking, code, redirect_uri=WALL_BACK), "invalid_grant")


def test_an_assertion_is_good_for_one_time(pair: Pair) -> None:
    relying, once = pair.relying, pair.relying.assertion()
    first, second = relying.portal(), relying.portal()
    assert relying.exchange(first, approved(pair, first), assertion=once).status_code == 200
    assert refused(relying.exchange(second, approved(pair, second), assertion=once), "invalid_client")


def _wrong_assertion(relying: Relying, slip: str) -> str:
    now = int(time.time())
    match slip:
        case "for another":
            return relying.assertion(aud="https://elsewhere.example/token")
        case "expired":
            return relying.assertion(iat=now - 600, exp=now - 300)
        case "of another client":
            return relying.assertion(iss="somebody", sub="somebody")
        case "about another client":
            return relying.assertion(sub="somebody")
        case "by another key":
            return relying.assertion(with_key=key("sig", "a stranger's"))
    assert slip == "not signed"
    return relying.assertion().rsplit(".", 1)[0] + "."


@pytest.mark.parametrize(
    "slip", ["for another", "expired", "of another client", "about another client", "by another key", "not signed"]
)
def test_a_client_that_does_not_prove_itself_gets_nothing(pair: Pair, slip: str) -> None:
    asking = pair.relying.portal()
    wrong = _wrong_assertion(pair.relying, slip)
    answer = pair.relying.exchange(asking, approved(pair, asking), assertion=wrong)
    assert refused(answer, "invalid_client")


def test_a_secret_in_the_place_of_a_signature_is_refused(pair: Pair) -> None:
    asking = pair.relying.portal()
    form = {
        "grant_type": "authorization_code", "code": approved(pair, asking), "redirect_uri": asking.redirect_uri,
        "code_verifier": asking.verifier, "client_id": CLIENT_ID, "client_secret": "guess",
    }  # fmt: skip
    answer = httpx.post(f"{pair.provider.issuer}/token", data=form, timeout=30, trust_env=False, verify=NO_ROOTS)
    assert refused(answer, "invalid_client")


def test_a_request_object_that_is_only_signed_is_refused(pair: Pair) -> None:
    asking = pair.relying.wall(form="signed")
    pair.provider.phone(Doing())
    outcome = browse(asking.url)
    if "takes-a-signed-request-object" in pair.provider.quirks:
        assert isinstance(outcome, dict)
        assert "code" in outcome
    else:
        pair.provider.phone(Doing(answer="wait"))
        assert "invalid_request_object" in not_begun(outcome)


def test_a_request_object_that_was_changed_is_refused(pair: Pair) -> None:
    relying = pair.relying
    asking = relying.wall()
    foreign = relying.signed({"iss": CLIENT_ID, "aud": relying.issuer}, with_key=key("sig", "a stranger's"))
    stranger = relying.encrypted(foreign)
    url = httpx.URL(asking.url).copy_set_param("request", stranger)
    assert "invalid_request_object" in not_begun(browse(str(url)))


@pytest.mark.parametrize("scope", ["openid service:SOMETHING_ELSE", "openid", "openid service:PORTAL service:WALL"])
def test_a_request_names_one_service_that_is_known(pair: Pair, scope: str) -> None:
    assert "invalid_scope" in not_begun(browse(pair.relying.portal(scope=scope).url))


def test_a_request_is_for_sign_in_with_openid(pair: Pair) -> None:
    assert not_begun(browse(pair.relying.portal(scope="profile service:PORTAL").url))
    assert "unsupported_response_type" in not_begun(browse(pair.relying.portal(response_type="token").url))


@pytest.mark.parametrize("address", ["https://elsewhere.example/terug", "https://aalter.example/Aanmelden/itsme/terug"])
def test_an_address_that_is_not_registered_hears_nothing(pair: Pair, address: str) -> None:
    outcome = browse(pair.relying.portal(redirect_uri=address).url)
    assert isinstance(outcome, httpx.Response)
    assert "redirect_uri" in not_begun(outcome)


def test_the_address_of_another_service_is_refused(pair: Pair) -> None:
    said = not_begun(browse(pair.relying.portal(redirect_uri=WALL_BACK).url))
    assert "redirect_uri" in said or said == "invalid_request"


def test_an_unknown_client_is_told_on_a_page(pair: Pair) -> None:
    outcome = browse(pair.relying.portal(client_id="somebody").url)
    assert isinstance(outcome, httpx.Response)
    assert "client" in not_begun(outcome)


def test_userinfo_is_for_who_has_a_token(pair: Pair) -> None:
    assert pair.relying.userinfo("guess").status_code == 401


def test_the_contract_is_tried_on_the_certified_provider_and_on_ours() -> None:
    assert {"certified", "simulator"} <= set(PROVIDERS)
