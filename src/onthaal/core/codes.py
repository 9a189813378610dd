"""The written form of every code: how a text from a reader or a keypad is read, with hard limits.

No text here carries an identifier that says anything about a person or a thing.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

SELECTOR_DIGITS = 3
SECRET_DIGITS = 6
PIN_DIGITS = SELECTOR_DIGITS + SECRET_DIGITS
MAX_TEXT = 300
"""A reader's text longer than this is garbage, whatever it says."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
"""Base32 (RFC 4648)."""

QR_SECRET_CHARACTERS = 16
"""80 bits."""
LABEL_CHARACTERS = 8
BADGE_CHARACTERS = 16

_PIN = re.compile(rf"[0-9]{{{PIN_DIGITS}}}")


class Kind(StrEnum):
    GRANT = "GZ1"
    SIGNED = "GZ2"
    BADGE = "GZS"
    LABEL = "GZL"


_LENGTHS = {
    Kind.GRANT: QR_SECRET_CHARACTERS,
    Kind.BADGE: BADGE_CHARACTERS,
    Kind.LABEL: LABEL_CHARACTERS,
}


class Code(msgspec.Struct, frozen=True):
    """What a reader's text says: its kind and the secret or name behind it (without the check character)."""

    kind: Kind
    body: str


class Pin(msgspec.Struct, frozen=True):
    """A PIN as typed: which grant it speaks of, and the secret."""

    selector: str
    secret: str


def check_character(body: str) -> str:
    """One base32 character that changes whenever one character of `body` does.

    A weighted sum modulo 32; odd weights are invertible there. Two swapped neighbours show too, unless they stand
    16 places apart in the alphabet.
    """
    total = sum((2 * place + 1) * ALPHABET.index(character) for place, character in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def written(kind: Kind, body: str) -> str:
    """The text of a code: `GZ1:` + body + check character."""
    return f"{kind}:{body}{check_character(body)}"


def read(text: str) -> Code | None:
    """The code that a reader's text is, or None when it is none of ours or mistyped."""
    text = text.strip().upper()
    prefix, colon, rest = text[:MAX_TEXT].partition(":")
    if len(text) > MAX_TEXT or not colon or prefix not in {kind.value for kind in _LENGTHS}:
        return None
    kind = Kind(prefix)
    body, check = rest[:-1], rest[-1:]
    if len(body) != _LENGTHS[kind] or any(character not in ALPHABET for character in body):
        return None
    return Code(kind, body) if check == check_character(body) else None


def read_pin(text: str) -> Pin | None:
    """The nine digits typed, spaces ignored, or None when they are not nine digits."""
    digits = text.replace(" ", "")
    if not _PIN.fullmatch(digits):
        return None
    return Pin(digits[:SELECTOR_DIGITS], digits[SELECTOR_DIGITS:])


def shown_pin(pin: Pin) -> str:
    """In groups of three: `482 170 935`."""
    return f"{pin.selector} {pin.secret[:3]} {pin.secret[3:]}"
