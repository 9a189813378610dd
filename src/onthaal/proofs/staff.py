"""A staff member's own PIN at the wall: six digits beside the badge.

The centre keeps salt and argon2id result (sealed) and gives a wall HMAC(pepper, result), so that one stolen
kiosk disk says nothing about the PIN at another wall.
"""

from __future__ import annotations

import re
import secrets

from argon2.low_level import Type, hash_secret_raw

from onthaal.proofs import pepper as peppers

DIGITS = 6
_PIN = re.compile(r"[0-9]{6}")


def well_formed(pin: str) -> bool:
    return bool(_PIN.fullmatch(pin))


def salt() -> str:
    """16 random bytes, hex."""
    return secrets.token_hex(16)


def result(pin: str, salt: str) -> bytes:
    """argon2id, 32 bytes: 19 MiB, two passes, one lane."""
    return hash_secret_raw(
        pin.encode(),
        bytes.fromhex(salt),
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )


def verifier(result: bytes, pepper: bytes) -> str:
    """What a wall is given: hex."""
    return peppers.keyed(pepper, "staff-pin", result.hex()).hex()


def matches(pin: str, salt: str, verifier_: str, pepper: bytes) -> bool:
    return peppers.same(verifier(result(pin, salt), pepper), verifier_)
