"""Our own keys as JSON Web Keys: made here, sealed elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import msgspec
from joserfc.jwk import RSAKey

BITS = 2048
ALGORITHMS = {"sig": "RS256", "enc": "RSA-OAEP-256"}


@dataclass(frozen=True, repr=False)
class OurKeys:
    """What we sign with now, and everything that still opens what is written to us (by `kid`)."""

    signing_kid: str
    signing: RSAKey
    opening: Mapping[str, RSAKey]


@dataclass(frozen=True, repr=False)
class Made:
    """A new key: its name, and the private JWK to seal."""

    kid: str
    jwk: bytes


def made(use: Literal["sig", "enc"]) -> Made:
    """A fresh RSA key with a random name."""
    kid = f"{use}-{secrets.token_hex(8)}"
    key = RSAKey.generate_key(BITS, {"kid": kid, "use": use, "alg": ALGORITHMS[use]})
    return Made(kid, msgspec.json.encode(key.as_dict(private=True)))


@lru_cache(maxsize=32)  # its numbers are proved to be primes anew each time: longer than all else in a sign-in
def read(jwk: bytes) -> RSAKey:
    """A private key as it was made; it is used for what we say, not for what it says of itself."""
    entry = msgspec.json.decode(jwk, type=dict[str, Any])
    return RSAKey.import_key({name: value for name, value in entry.items() if name not in {"use", "alg", "key_ops"}})


def public(jwk: bytes) -> dict[str, Any]:
    """What may be published of it: modulus, exponent, name, use and algorithm."""
    entry = msgspec.json.decode(jwk, type=dict[str, Any])
    return {name: entry[name] for name in ("kty", "n", "e", "kid", "use", "alg")}
