"""The signature under every request of a kiosk: Ed25519 over method, path, time and the body's hash.

Header: `Authorization: Onthaal <device>.<unix seconds>.<signature, base64url>`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SCHEME = "Onthaal"
_PARTS = 3
LIVES_SECONDS = 60
"""A token further than this from the centre's clock is refused; the refusal tells the centre's time."""


class Token(msgspec.Struct, frozen=True):
    device: int
    at: datetime
    signature: bytes


class DeviceKey:
    """A kiosk's private key, kept in a file that only the service user reads."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def draw(cls) -> DeviceKey:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> DeviceKey:
        """FileNotFoundError when the kiosk was never enrolled; ValueError for anything that is no Ed25519 key."""
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")
        return cls(private)

    def pem(self) -> bytes:
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def public(self) -> str:
        """Hex, 64 characters."""
        return self._private.public_key().public_bytes_raw().hex()

    def header(self, *, device: int, method: str, path: str, body: bytes, at: datetime) -> str:
        """The value of the Authorization header. `path` without host, with its query."""
        signature = self._private.sign(_signed(device, int(at.timestamp()), method, path, body))
        return f"{SCHEME} {device}.{int(at.timestamp())}.{base64.urlsafe_b64encode(signature).decode()}"


def _signed(device: int, seconds: int, method: str, path: str, body: bytes) -> bytes:
    return "\n".join((str(device), str(seconds), method, path, hashlib.sha256(body).hexdigest())).encode()


def parse(header: str) -> Token | None:
    """The parts of an Authorization header, or None when it is not of this form."""
    scheme, _, rest = header.partition(" ")
    parts = rest.split(".")
    if scheme != SCHEME or len(parts) != _PARTS or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        return None
    try:
        signature = base64.b64decode(parts[2].encode("ascii"), altchars=b"-_", validate=True)
        return Token(int(parts[0]), datetime.fromtimestamp(int(parts[1]), UTC), signature)
    except (binascii.Error, ValueError, OverflowError, OSError):
        return None


def signed_by(public: str, token: Token, *, method: str, path: str, body: bytes) -> bool:
    """Whether the signature is that of the holder of `public` (hex) under exactly this request."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    message = _signed(token.device, int(token.at.timestamp()), method, path, body)
    try:
        key.verify(token.signature, message)
    except InvalidSignature:
        return False
    return True


def fresh(token: Token, now: datetime) -> bool:
    """Whether the token's time is within 60 s of the centre's clock."""
    return abs((now - token.at).total_seconds()) <= LIVES_SECONDS
