"""A relying party in few lines, for trying the provider itself. Ours is in `onthaal.central`; this one knows nothing
of it, checks nothing it need not, and lets a test send what a good client never would."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwe, jws
from joserfc.jwk import KeySet, RSAKey

from tests.provider.fixture import Client, RealProvider
from tests.provider.keys import Jwk, encryption_key, read, signing_key
from tests.provider.line import NO_ROOTS

ITSME = "http://itsme.services/v2/claim/"
BACK = "http://127.0.0.1:9/aanmelden/itsme/terug"
RELAXED = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "A128CBC-HS256"], strict_check_header=False)


def sign(key: Jwk, claims: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "RS256", "kid": key["kid"]}, json.dumps(claims), read(key))


def encrypt(key: Jwk, inner: str) -> str:
    header = {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "JWT", "kid": key["kid"]}
    return jwe.encrypt_compact(header, inner, RSAKey.import_key(key), registry=RELAXED)


@cache
def own_keys() -> dict[str, Jwk]:
    """Making keys is most of what a sign-in takes; one pair does for all small clients of a run."""
    return {"sig": signing_key(), "enc": encryption_key()}


@dataclass
class Asked:
    """A request that was made, and what only its maker knows."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass
class SmallClient:
    provider: RealProvider
    dialect: str = "itsme"
    redirect_uri: str = BACK
    keys: dict[str, Jwk] = field(default_factory=lambda: dict(own_keys()))
    more: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def registered(self) -> Client:
        return self.provider.register(
            self.dialect, redirect_uris=[self.redirect_uri], jwks={"keys": list(self.keys.values())}, **self.more
        )

    @cached_property
    def discovery(self) -> dict[str, Any]:
        found: dict[str, Any] = self._get(self.registered.issuer + "/.well-known/openid-configuration").json()
        return found

    def _get(self, url: str) -> httpx.Response:
        return httpx.get(url, trust_env=False, verify=NO_ROOTS, timeout=30)

    def ask(self, *, scope: str = "openid service:PORTAL", without: tuple[str, ...] = (), **more: Any) -> Asked:
        """An address to send somebody to; itsme: with a request object, signed and encrypted."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        claims = {
            "client_id": self.registered.client_id, "response_type": "code", "redirect_uri": self.redirect_uri,
            "scope": scope, "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256", **more,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in without}
        if self.dialect == "itsme":
            now = int(time.time())
            about = {"iss": self.registered.client_id, "aud": self.registered.issuer, "iat": now, "exp": now + 60}
            sealed = encrypt(self._provider_key("enc"), sign(self.keys["sig"], {**claims, **about}))
            claims = {name: claims[name] for name in ("client_id", "response_type", "scope")} | {"request": sealed}
        return Asked(f"{self.discovery['authorization_endpoint']}?{urlencode(claims)}", state, nonce, verifier)

    def _provider_key(self, use: str) -> Jwk:
        keys: list[Jwk] = self._get(self.discovery["jwks_uri"]).json()["keys"]
        return next(key for key in keys if key["use"] == use)

    def assertion(self, **changed: Any) -> str:
        now = int(time.time())
        audience = self.registered.issuer if self.dialect == "acm-idm" else self.discovery["token_endpoint"]
        name = self.registered.client_id
        claims = {"iss": name, "sub": name, "aud": audience, "iat": now, "exp": now + 60, "jti": secrets.token_hex(16)}
        return sign(self.keys["sig"], {**claims, **changed})

    def exchange(self, code: str, verifier: str, *, assertion: str | None = None) -> httpx.Response:
        return httpx.post(
            self.discovery["token_endpoint"], trust_env=False, verify=NO_ROOTS, timeout=30,
            data={
                "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
                "code_verifier": verifier, "client_id": self.registered.client_id,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion or self.assertion(),
            },
        )  # fmt: skip

    def userinfo(self, token: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.get(
            self.discovery["userinfo_endpoint"], headers=headers, trust_env=False, verify=NO_ROOTS, timeout=30
        )

    def open(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token, out of its envelope and its signature checked."""
        if token.count(".") == 4:
            opened = jwe.decrypt_compact(token, read(self.keys["enc"]), registry=RELAXED)
            assert opened.plaintext is not None
            token = opened.plaintext.decode()
        keys = KeySet.import_key_set({"keys": [self._provider_key("sig")]})
        found = jws.deserialize_compact(token, keys, algorithms=["RS256"])
        return dict(found.protected), json.loads(found.payload)


def answer(address: str) -> dict[str, str]:
    """The query of the address somebody was sent back to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
