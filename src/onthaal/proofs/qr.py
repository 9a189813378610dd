"""Random secrets in base32: of a grant's QR (80 bits), of a badge (80 bits), and the names on labels (40 bits).

An 80-bit secret cannot be guessed, so its verifier is HMAC(pepper, …) alone.
"""

from __future__ import annotations

import secrets

from onthaal.core.codes import (
    ALPHABET,
    BADGE_CHARACTERS,
    LABEL_CHARACTERS,
    QR_SECRET_CHARACTERS,
    Kind,
    written,
)
from onthaal.proofs import pepper as peppers

_CHARACTERS = {
    Kind.GRANT: QR_SECRET_CHARACTERS,
    Kind.BADGE: BADGE_CHARACTERS,
    Kind.LABEL: LABEL_CHARACTERS,
}


def draw(kind: Kind) -> str:
    """The body of a fresh code; its text is `onthaal.core.codes.written(kind, body)`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_CHARACTERS[kind]))


def text(kind: Kind, body: str) -> str:
    return written(kind, body)


def verifier(kind: Kind, body: str, pepper: bytes) -> str:
    """Hex, 64 characters."""
    return peppers.keyed(pepper, f"code:{kind}", body).hex()
