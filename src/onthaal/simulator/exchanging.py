"""The token endpoint: who asks, and for which code."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from onthaal.simulator.clients import Client, Register
from onthaal.simulator.jose import Unreadable, claimed_issuer, decrypted, is_encrypted, signer, verified
from onthaal.simulator.keys import ClientKeyrings, ClientKeys, KeysUnreachable, OwnKeys

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_JTI: Final = 255
_LEEWAY_SECONDS: Final = 60
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class NotGiven(Exception):
    """No token: `error` in the answer's body, `status` before it."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@dataclass(kw_only=True)
class Assertions:
    """Checks who a client is by what it signed; remembers each assertion until it would have expired anyway."""

    own: OwnKeys
    keyrings: ClientKeyrings
    audience: str
    _used: dict[tuple[str, str], float] = field(default_factory=dict)

    async def check(self, form: Mapping[str, str], register: Register, now: float) -> Client:
        """The client that signed the assertion, used up by this. Raises NotGiven."""
        if "client_secret" in form or form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise _no_client("the client must sign: private_key_jwt")
        token = form.get("client_assertion", "")
        try:
            inner = decrypted(token, self.own.reading) if is_encrypted(token) else token
            client = _claimed(inner, register)
            claims = verified(inner, (await self._keys(client, inner)).signing)
        except Unreadable as wrong:
            raise _no_client(f"the assertion: {wrong}") from wrong
        except KeysUnreachable as wrong:
            raise _no_client(str(wrong)) from wrong
        _check_names(claims, client, form)
        self._check_life(claims, now)
        self._use(client, claims, now)
        return client

    async def _keys(self, client: Client, token: str) -> ClientKeys:
        keys = await self.keyrings.of(client.jwks_uri)
        if signer(token) not in [key.kid for key in keys.signing]:
            self.keyrings.forget(client.jwks_uri)
            keys = await self.keyrings.of(client.jwks_uri)
        return keys

    def _check_life(self, claims: Mapping[str, Any], now: float) -> None:
        if claims.get("aud") not in (self.audience, [self.audience]):
            raise _no_client(f"aud of the assertion must be {self.audience}")
        expires, issued = claims.get("exp"), claims.get("iat", 0)
        if not isinstance(expires, int | float) or not isinstance(issued, int | float):
            raise _no_client("exp of the assertion is missing, or exp or iat is no number")
        if expires <= now:
            raise _no_client("the assertion has expired")
        if issued > now + _LEEWAY_SECONDS:
            raise _no_client("the assertion is from the future")

    def _use(self, client: Client, claims: Mapping[str, Any], now: float) -> None:
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
            raise _no_client(f"jti of the assertion is missing or longer than {_LONGEST_JTI} characters")
        self._used = {used: until for used, until in self._used.items() if until > now}
        if (client.client_id, jti) in self._used:
            raise _no_client("the assertion was used before")
        self._used[client.client_id, jti] = float(claims["exp"])


def check_verifier(verifier: str | None, challenge: str) -> None:
    """Raises NotGiven unless `challenge` was made from `verifier` (PKCE, S256)."""
    made = urlsafe_b64encode(sha256((verifier or "").encode()).digest()).rstrip(b"=").decode()
    if not verifier or not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(made, challenge):
        raise NotGiven("invalid_grant", "code_verifier is missing or does not fit")


def _claimed(token: str, register: Register) -> Client:
    """The client that an assertion says it is from; not believed before its signature was checked."""
    issuer = claimed_issuer(token)
    client = register.called(issuer)
    if client is None:
        raise Unreadable("iss names no client")
    return client


def _check_names(claims: Mapping[str, Any], client: Client, form: Mapping[str, str]) -> None:
    said = {claims.get("iss"), claims.get("sub"), form.get("client_id", client.client_id)}
    if said != {client.client_id}:
        raise _no_client("iss and sub of the assertion must both be the client_id")


def _no_client(description: str) -> NotGiven:
    return NotGiven("invalid_client", description, 401)
