"""What can go wrong on the line, one thing at a time.

    with provider.line.lying(Forged(provider, claims={"iss": "https://elsewhere.example"})): …

A forged token is the real one with exactly one thing changed: its claims come from the provider, it is signed anew with
the provider's own key, and sealed anew for the client's public key.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from joserfc import jwe, jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import RSAKey

from tests.provider.fixture import PATHS, Client, RealProvider
from tests.provider.keys import Jwk, public, read, strangers_key
from tests.provider.line import Passing

DISCOVERY = "/.well-known/openid-configuration"
JWKS = ("/jwkset", "/v1/keys", "/connect/jwk_uri")
TOKEN = ("/token", "/access_token")
USERINFO = ("/userinfo",)
ANY_JWE = jwe.JWERegistry(
    algorithms=["RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "A128CBC-HS256", "A256GCM", "DEF"], strict_check_header=False
)
DROP = object()
"""As the value of a claim: leave it out."""


class Signed(StrEnum):
    """By what a forged token is signed."""

    RIGHTLY = "rightly"
    NOT = "none"
    WITH_THE_PUBLIC_KEY = "hs256"
    BY_A_STRANGER = "stranger"
    """Another key under the right `kid`."""
    UNKNOWN_KID = "unknown-kid"
    """The right key under a `kid` that is not published."""
    BROKEN = "broken"
    """One bit of the signature turned."""


class Sealed(StrEnum):
    """How a forged token is encrypted."""

    RIGHTLY = "rightly"
    """As the client registered: not at all when it did not ask for it."""
    NOT = "not"
    RSA1_5 = "rsa1_5"
    WRONG_CTY = "wrong-cty"
    NO_CTY = "no-cty"
    ZIPPED = "zip"
    ZIP_BOMB = "zip-bomb"
    """64 MiB of nothing, in a few kilobytes."""
    OTHER_CONTENT = "a256gcm"
    UNKNOWN_KID = "unknown-kid"


@dataclass
class Forged:
    """The ID token (or `which="userinfo"`) with one thing changed. `key`: the client's key to seal for, where it
    is not the one it publishes now."""

    provider: RealProvider
    which: str = "id_token"
    claims: Mapping[str, Any] = field(default_factory=dict)
    signed: Signed = Signed.RIGHTLY
    sealed: Sealed = Sealed.RIGHTLY
    header: Mapping[str, Any] = field(default_factory=dict)
    """Changes of the signature's header."""
    key: Jwk | None = None
    signing: Jwk | None = None
    """Sign with this key and its `kid` (a key rotated just now: see `Rotated`)."""

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        if passing.status != 200 or not _at(passing, TOKEN if self.which == "id_token" else USERINFO):
            return
        if self.which == "id_token":
            answer = passing.json()
            answer["id_token"] = self._token(passing, answer["id_token"])
            passing.set_json(answer)
        elif passing.claims is None:  # plain JSON
            passing.set_json(_changed(passing.json(), self.claims))
        else:
            passing.body = self._token(passing, passing.body.decode()).encode()

    def _token(self, passing: Passing, real: str) -> str:
        dialect = _dialect(passing)
        outer = json.loads(_unpadded(real.partition(".")[0]))
        client = self._client(outer, real)
        now = int(time.time())
        said = {**(passing.claims or {}), "iss": self.provider.issuer(dialect), "aud": client.client_id,
                "iat": now, "exp": now + 300}  # fmt: skip
        inner = self._sign(_changed(said, self.claims), self.signing or self.provider.signing_keys[dialect])
        encrypted = real.count(".") == 4
        if self.sealed is Sealed.NOT or not encrypted:
            return inner
        return _seal(inner, self.key or _named(client.keys(), outer["kid"]), self.sealed)

    def _client(self, outer: Mapping[str, Any], real: str) -> Client:
        # The provider repeats the audience outside the seal; without a seal it stands inside.
        audience = outer.get("aud") or json.loads(_unpadded(real.split(".")[1]))["aud"]
        return self.provider.clients[audience]

    def _sign(self, claims: Mapping[str, Any], key: Jwk) -> str:
        header = {"alg": "RS256", "kid": key["kid"], **self.header}
        text = json.dumps(claims)
        if self.signed is Signed.NOT:
            return f"{_packed(json.dumps({**header, 'alg': 'none'}).encode())}.{_packed(text.encode())}."
        if self.signed is Signed.WITH_THE_PUBLIC_KEY:
            shared = RSAKey.import_key(public(key)).as_pem(private=False)
            said = f"{_packed(json.dumps({**header, 'alg': 'HS256'}).encode())}.{_packed(text.encode())}"
            return f"{said}.{_packed(hmac.digest(shared, said.encode(), 'sha256'))}"
        if self.signed is Signed.BY_A_STRANGER:
            key = {**strangers_key(), "kid": key["kid"]}
        if self.signed is Signed.UNKNOWN_KID:
            header["kid"] = secrets.token_hex(4)
        made = jws.serialize_compact(header, text, read(key), algorithms=["RS256"])
        return _one_bit_off(made) if self.signed is Signed.BROKEN else made


@dataclass
class Rotated:
    """The provider signs with a new key from now on. `keeps`: the old one stays published; `published=False`: the
    new one is not. Put `Forged(provider, signing=rotated.key)` beside it."""

    keeps: bool = False
    published: bool = True
    key: Jwk = field(default_factory=strangers_key)

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        if not _at(passing, JWKS):
            return
        keys = [key for key in passing.json()["keys"] if self.keeps or key["use"] != "sig"]
        passing.set_json({"keys": [*keys, *([public(self.key)] if self.published else [])]})


@dataclass
class Broken:
    """One place answers something else. `where`: `discovery`, `jwks`, `token`, `userinfo`, `authorization` or `all`."""

    where: str
    status: int = 500
    body: bytes = b"{}"
    content_type: str = "application/json"

    def before(self, passing: Passing) -> bool:
        if not _is(passing, self.where):
            return False
        passing.status, passing.body = self.status, self.body
        passing.headers = [("content-type", self.content_type)]
        return True

    def after(self, passing: Passing) -> None:
        """All was said before."""


@dataclass
class Slow:
    """One place answers late, rightly."""

    where: str
    seconds: float = 10.0

    def before(self, passing: Passing) -> bool:
        if _is(passing, self.where):
            threading.Event().wait(self.seconds)
        return False

    def after(self, passing: Passing) -> None:
        """It is only late."""


@dataclass
class Discovered:
    """Discovery says something else: `{"issuer": …}`, `{"token_endpoint": DROP}`."""

    changed: Mapping[str, Any]

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        if _is(passing, "discovery"):
            passing.set_json(_changed(passing.json(), self.changed))


@dataclass
class SentBack:
    """The person comes back with another query: `{"iss": DROP}`, `{"iss": "https://…"}`, `{"state": "…"}`."""

    changed: Mapping[str, Any]

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        address = passing.header("location")
        if address is None or not _is(passing, "authorization"):
            return
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        if "state" in query:
            changed = urlencode(_changed(query, self.changed))
            passing.set_header("location", urlunsplit(parts._replace(query=changed)))


def _changed(claims: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not DROP}


def _dialect(passing: Passing) -> str:
    return next(name for name, path in PATHS.items() if passing.path.startswith(f"{path}/"))


def _at(passing: Passing, ends: Sequence[str]) -> bool:
    return passing.path.partition("?")[0].endswith(tuple(ends))


def _is(passing: Passing, where: str) -> bool:
    if where == "all":
        return True
    if where == "authorization":
        return any(f"{part}" in passing.path for part in ("/authorization", "/auth", "/authorize"))
    ends = {"discovery": (DISCOVERY,), "jwks": JWKS, "token": TOKEN, "userinfo": USERINFO}
    return _at(passing, ends[where])


def _named(keys: Sequence[Jwk], kid: str) -> Jwk:
    return next(key for key in keys if key["kid"] == kid)


def _seal(inner: str, key: Jwk, how: Sealed) -> str:
    header = {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "JWT", "kid": key["kid"]}
    match how:
        case Sealed.RSA1_5:
            header["alg"] = "RSA1_5"
        case Sealed.WRONG_CTY:
            header["cty"] = "text/plain"
        case Sealed.NO_CTY:
            del header["cty"]
        case Sealed.ZIPPED | Sealed.ZIP_BOMB:
            header["zip"] = "DEF"
        case Sealed.OTHER_CONTENT:
            header["enc"] = "A256GCM"
        case Sealed.UNKNOWN_KID:
            header["kid"] = secrets.token_hex(4)
        case _:
            pass
    text = inner if how is not Sealed.ZIP_BOMB else inner + " " * (64 << 20)
    bare = {name: value for name, value in key.items() if name not in {"use", "alg", "key_ops"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # that RSA1_5 is not safe is the point
        return jwe.encrypt_compact(header, text, RSAKey.import_key(public(bare)), registry=ANY_JWE)


def _one_bit_off(token: str) -> str:
    head, said, signature = token.split(".")
    turned = bytearray(_unpadded(signature))
    turned[10] ^= 1
    return f"{head}.{said}.{_packed(bytes(turned))}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
