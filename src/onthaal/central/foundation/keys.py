"""Keys for each purpose, all drawn from the installation's one secret. No key is ever used for two things."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derived_from(secret: bytes, purpose: str) -> bytes:
    """32 bytes for `purpose` (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"onthaal/{purpose}".encode()).derive(secret)


def derived(purpose: str) -> bytes:
    """32 bytes for `purpose`, of this installation."""
    from django.conf import settings  # noqa: PLC0415 (the settings themselves are built with `derived_from`)

    return derived_from(settings.ONTHAAL_SECRET, purpose)
