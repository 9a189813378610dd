"""The wall's pepper: 32 secret bytes, drawn by the centre, one per wall, kept outside the kiosk's store."""

from __future__ import annotations

import hashlib
import hmac
import secrets

PEPPER_BYTES = 32


def draw() -> bytes:
    return secrets.token_bytes(PEPPER_BYTES)


def keyed(pepper: bytes, purpose: str, *parts: str) -> bytes:
    """HMAC-SHA256 of the parts under the pepper: 32 bytes. `purpose` keeps one use apart from another."""
    if len(pepper) != PEPPER_BYTES:
        raise ValueError("a pepper has 32 bytes")
    return hmac.new(pepper, "\x1f".join((purpose, *parts)).encode(), hashlib.sha256).digest()


def same(one: str | bytes, other: str | bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
