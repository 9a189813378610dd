"""Sealing of secrets at rest: AES-256-GCM under the installation's key, bound to what the secret is for."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE = 12


class BrokenSeal(Exception):
    """Not sealed with this key for this purpose, or changed since."""


def draw_key() -> bytes:
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def sealed(clear: bytes, key: bytes, purpose: str) -> bytes:
    """Nonce and ciphertext. `purpose` (say `pepper:12`) must be given again to open it."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, clear, purpose.encode())


def opened(box: bytes, key: bytes, purpose: str) -> bytes:
    if len(box) < _NONCE:
        raise BrokenSeal(purpose)
    try:
        return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], purpose.encode())
    except InvalidTag:
        raise BrokenSeal(purpose) from None
