"""PINs: three digits that name a grant at one kiosk, six that are the secret.

Verifier = argon2id over HMAC(pepper, selector, secret), 19 MiB, two passes, one lane (RFC 9106 sizes from OWASP's
list): 59-89 ms on a small kiosk computer. The pepper, not the hash, is what protects a stolen disk.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from onthaal.core.codes import SECRET_DIGITS, SELECTOR_DIGITS, Pin
from onthaal.proofs import pepper as peppers

_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _nothings_verifier() -> str:
    costs = f"m={_argon2.memory_cost},t={_argon2.time_cost},p={_argon2.parallelism}"
    drawn = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_argon2.salt_len, _argon2.hash_len))
    return "$".join(("", "argon2id", f"v={ARGON2_VERSION}", costs, *drawn))


NOBODYS = _nothings_verifier()
"""A verifier that nothing matches: checked when no grant is named, so that every wrong PIN takes as long.
Drawn and not computed: checking it takes the time, and no start needs to."""


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
