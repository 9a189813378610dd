"""RSA keys as JWKs, for the provider and for clients of the tests."""

from __future__ import annotations

import secrets
from functools import cache
from itertools import count
from typing import Any

from joserfc.jwk import RSAKey

Jwk = dict[str, Any]


def new_key(use: str, algorithm: str) -> Jwk:
    """A private RSA 2048 JWK with a `kid`; `use` is `sig` or `enc`."""
    made = RSAKey.generate_key(2048, private=True)
    return {**made.as_dict(private=True), "use": use, "alg": algorithm, "kid": secrets.token_urlsafe(8)}


class InTurn:
    """A few keys of this run, handed out in turn: never the same one twice in a test. Each giver has its own, so that
    no key of one is ever a key of another."""

    def __init__(self, few: int) -> None:
        self._few, self._turn = few, count()
        self._made: dict[int, Jwk] = {}

    def next(self, use: str, algorithm: str) -> Jwk:
        """As `new_key`."""
        turn = next(self._turn) % self._few
        if turn not in self._made:
            self._made[turn] = new_key(use, algorithm)
        return {**self._made[turn], "use": use, "alg": algorithm}


STRANGERS = InTurn(4)
"""Keys that are not those of the provider, nor of a client."""


def strangers_key() -> Jwk:
    """A key to sign with that nobody published yet."""
    return STRANGERS.next("sig", "RS256")


def read(key: Jwk) -> RSAKey:
    """A key to use. Reading one anew takes longer than signing with it: its primes are proved each time."""
    return _read(**key)


@cache
def _read(**numbers: str) -> RSAKey:
    return RSAKey.import_key(dict(numbers))


def signing_key() -> Jwk:
    return new_key("sig", "RS256")


def encryption_key() -> Jwk:
    return new_key("enc", "RSA-OAEP-256")


def public(key: Jwk) -> Jwk:
    """The half that may be published."""
    return {name: value for name, value in key.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "oth"}}
