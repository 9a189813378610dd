"""Each lie changes the one thing it names, and nothing else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.errors import BadSignatureError, JoseError

from tests.provider.fixture import RealProvider
from tests.provider.keys import read
from tests.provider.lies import DROP, Broken, Discovered, Forged, Rotated, Sealed, SentBack, Signed, Slow
from tests.provider.small_client import SmallClient, answer
from tests.provider.test_real_provider import signed_in

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def client(provider: RealProvider) -> SmallClient:
    return SmallClient(provider)


def header_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    return found


def id_token(client: SmallClient, *lies: Any) -> str:
    asked, code = signed_in(client)
    with client.provider.line.lying(*lies):
        found: str = client.exchange(code, asked.verifier).json()["id_token"]
    return found


def inner(client: SmallClient, token: str) -> str:
    registry = jwe.JWERegistry(
        algorithms=["RSA1_5", "RSA-OAEP-256", "A128CBC-HS256", "A256GCM"], strict_check_header=False
    )
    bare = {name: value for name, value in client.keys["enc"].items() if name not in {"use", "alg"}}
    plain = jwe.decrypt_compact(token, read(bare), registry=registry).plaintext
    assert plain is not None
    return plain.decode()


def test_a_forged_token_without_a_lie_in_it_is_as_good_as_the_real_one(client: SmallClient) -> None:
    real = client.open(id_token(client))[1]
    forged = client.open(id_token(client, Forged(client.provider)))[1]
    assert set(real) == set(forged)
    assert {name for name in real if real[name] != forged[name]} <= {"nonce", "iat", "exp"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("iss", ELSEWHERE), ("aud", "somebody"), ("aud", ["x", "y"]), ("azp", "somebody"), ("nonce", "other"), ("exp", 1),
     ("iat", 2**31), ("nbf", 2**31), ("acr", "weak"), ("at_hash", "wrong"), ("sub", "bart")],
)  # fmt: skip
def test_one_claim_is_another(client: SmallClient, name: str, value: object) -> None:
    claims = client.open(id_token(client, Forged(client.provider, claims={name: value})))[1]
    assert claims[name] == value
    assert name in {"sub"} or claims["sub"] == "an"


def test_a_claim_is_left_out(client: SmallClient) -> None:
    assert "nonce" not in client.open(id_token(client, Forged(client.provider, claims={"nonce": DROP})))[1]


@pytest.mark.parametrize("how", [Signed.NOT, Signed.WITH_THE_PUBLIC_KEY, Signed.BY_A_STRANGER, Signed.UNKNOWN_KID,
                                 Signed.BROKEN])  # fmt: skip
def test_a_signature_that_is_not_right(client: SmallClient, how: Signed) -> None:
    token = id_token(client, Forged(client.provider, signed=how))
    names = {Signed.NOT: "none", Signed.WITH_THE_PUBLIC_KEY: "HS256"}
    assert header_of(inner(client, token))["alg"] == names.get(how, "RS256")
    with pytest.raises((BadSignatureError, JoseError, ValueError)):
        client.open(token)


@pytest.mark.parametrize(
    ("how", "name", "value"),
    [(Sealed.RSA1_5, "alg", "RSA1_5"), (Sealed.WRONG_CTY, "cty", "text/plain"), (Sealed.NO_CTY, "cty", None),
     (Sealed.ZIPPED, "zip", "DEF"), (Sealed.ZIP_BOMB, "zip", "DEF"), (Sealed.OTHER_CONTENT, "enc", "A256GCM")],
)  # fmt: skip
def test_a_seal_that_is_not_right(client: SmallClient, how: Sealed, name: str, value: str | None) -> None:
    token = id_token(client, Forged(client.provider, sealed=how))
    assert header_of(token).get(name) == value
    assert len(token) < 200_000


def test_a_token_that_is_not_sealed(client: SmallClient) -> None:
    assert id_token(client, Forged(client.provider, sealed=Sealed.NOT)).count(".") == 2


def test_userinfo_is_about_somebody_else(client: SmallClient) -> None:
    asked, code = signed_in(client)
    with client.provider.line.lying(Forged(client.provider, "userinfo", claims={"sub": "bart"})):
        tokens = client.exchange(code, asked.verifier).json()
        assert client.open(client.userinfo(tokens["access_token"]).text)[1]["sub"] == "bart"
        assert client.open(tokens["id_token"])[1]["sub"] == "an"


def test_the_provider_has_a_new_key(client: SmallClient) -> None:
    rotated = Rotated()
    asked, code = signed_in(client)
    with client.provider.line.lying(rotated, Forged(client.provider, signing=rotated.key)):
        token = client.exchange(code, asked.verifier).json()["id_token"]
        assert client.open(token)[0]["kid"] == rotated.key["kid"]
    with pytest.raises((BadSignatureError, JoseError, ValueError)):
        client.open(token)


def test_the_provider_is_broken_or_late(client: SmallClient) -> None:
    asked, code = signed_in(client)
    with client.provider.line.lying(Broken("token", 500)):
        assert client.exchange(code, asked.verifier).status_code == 500
    with client.provider.line.lying(Slow("token", 0.1)):
        assert client.exchange(code, asked.verifier).status_code == 200


def test_discovery_names_another_issuer(client: SmallClient) -> None:
    with client.provider.line.lying(Discovered({"issuer": ELSEWHERE, "jwks_uri": DROP})):
        assert client.discovery["issuer"] == ELSEWHERE
        assert "jwks_uri" not in client.discovery


@pytest.mark.parametrize("value", [ELSEWHERE, DROP])
def test_the_way_back_names_another_issuer(client: SmallClient, value: object) -> None:
    client.provider.refuses(client.registered)
    with client.provider.line.lying(SentBack({"iss": value})):
        said = answer(client.provider.follow(client.ask().url))
    assert said.get("iss") == (None if value is DROP else value)
    assert said["error"] == "access_denied"
