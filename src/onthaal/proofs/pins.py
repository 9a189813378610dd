"""PINs: three digits that name a grant at one kiosk, six that are the secret.

Verifier = argon2id over HMAC(pepper, selector, secret), 19 MiB, two passes, one lane (RFC 9106 sizes from OWASP's
list): 59-89 ms on a small kiosk computer. The pepper, not the hash, is what protects a stolen disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from onthaal.core.codes import SECRET_DIGITS, SELECTOR_DIGITS, Pin
from onthaal.proofs import pepper as peppers

_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

NOBODYS = _argon2.hash(secrets.token_bytes(32))
"""A verifier that nothing matches: checked when no grant is named, so that every wrong PIN takes as long."""


def draw(taken: Collection[str]) -> Pin:
    """A fresh PIN whose selector is not among those `taken` at its kiosk. ValueError when all 1,000 are."""
    free = [f"{n:0{SELECTOR_DIGITS}}" for n in range(10**SELECTOR_DIGITS)]
    free = [selector for selector in free if selector not in taken]
    if not free:
        raise ValueError("every selector of this kiosk is taken")
    return Pin(secrets.choice(free), f"{secrets.randbelow(10**SECRET_DIGITS):0{SECRET_DIGITS}}")


def verifier(pin: Pin, pepper: bytes) -> str:
    """The encoded argon2id hash that a kiosk checks the PIN with."""
    return _argon2.hash(peppers.keyed(pepper, "pin", pin.selector, pin.secret))


def matches(pin: Pin, verifier: str | None, pepper: bytes) -> bool:
    """Whether the PIN is the verifier's. With None it does the same work and says no."""
    try:
        _argon2.verify(verifier or NOBODYS, peppers.keyed(pepper, "pin", pin.selector, pin.secret))
    except VerifyMismatchError:
        return False
    return verifier is not None
