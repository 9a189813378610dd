"""RSA keys as JWKs, for the provider and for clients of the tests."""

from __future__ import annotations

import secrets
from typing import Any

from joserfc.jwk import RSAKey

Jwk = dict[str, Any]


def new_key(use: str, algorithm: str) -> Jwk:
    """A private RSA 2048 JWK with a `kid`; `use` is `sig` or `enc`."""
    made = RSAKey.generate_key(2048, private=True)
    return {**made.as_dict(private=True), "use": use, "alg": algorithm, "kid": secrets.token_urlsafe(8)}


def signing_key() -> Jwk:
    return new_key("sig", "RS256")


def encryption_key() -> Jwk:
    return new_key("enc", "RSA-OAEP-256")


def public(key: Jwk) -> Jwk:
    """The half that may be published."""
    return {name: value for name, value in key.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "oth"}}
