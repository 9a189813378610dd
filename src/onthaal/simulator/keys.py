"""Keys: the provider's own, kept in its folder, and those of clients, fetched from where they publish them."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeyParameters, RSAKey

from onthaal.simulator.jose import KEY_WRAPPED, SIGNED

_BITS: Final = 2048
_CACHED_SECONDS: Final = 10.0
_ANSWERS_WITHIN: Final = 5.0
_LARGEST_SET: Final = 100_000


class KeysUnreachable(Exception):
    """A client's keys cannot be fetched or used."""


class OwnKeys:
    """What the provider signs with, is written to with, and makes subjects from. With a folder they stay."""

    def __init__(self, folder: Path | None) -> None:
        """`folder`: where they are kept between two starts; none: gone at the end."""
        self._file = None if folder is None else folder / "keys.json"
        if self._file is not None and self._file.exists():
            kept = msgspec.json.decode(self._file.read_bytes(), type=_Kept)
        else:
            kept = _Kept(signing=[_fresh("sig")], reading=[_fresh("enc")], secret=secrets.token_hex(32))
        self._kept = kept
        self._keep()
        self._load()

    def _load(self) -> None:
        self._signing = [RSAKey.import_key(key) for key in self._kept.signing]
        self.reading = [RSAKey.import_key(key) for key in self._kept.reading]

    @property
    def signing(self) -> RSAKey:
        """The newest key to sign with."""
        return self._signing[-1]

    def rotate(self) -> None:
        """Sign with a new key from now on; the one before it stays published, older ones go."""
        self._kept.signing = [*self._kept.signing[-1:], _fresh("sig")]
        self._keep()
        self._load()

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """The JWK Set with the public halves."""
        return {"keys": [dict(key.as_dict(private=False)) for key in (*self._signing, *self.reading)]}

    def subject(self, client_id: str, account: str) -> str:
        """How this client knows this account: 36 characters, another at each client."""
        made = hmac.digest(bytes.fromhex(self._kept.secret), f"{client_id}\n{account}".encode(), sha256)
        return _base36(made)[:36]

    def _keep(self) -> None:
        if self._file is None:
            return
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(self._kept))
        fresh.rename(self._file)


class _Kept(msgspec.Struct):
    signing: list[dict[str, Any]]
    reading: list[dict[str, Any]]
    secret: str


@dataclass(frozen=True)
class ClientKeys:
    """A client's public keys: what it signs with, and what it can be written to with."""

    signing: tuple[RSAKey, ...]
    reading: tuple[RSAKey, ...]

    def to_write_to(self) -> RSAKey:
        """Any of them: a client must be able to read every key it publishes. Raises KeysUnreachable for none."""
        if not self.reading:
            raise KeysUnreachable("the client publishes no key with use=enc")
        return secrets.choice(self.reading)


class ClientKeyrings:
    """The published keys of all clients, fetched when asked for and remembered for a few seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._cached: dict[str, tuple[float, ClientKeys]] = {}

    async def of(self, jwks_uri: str) -> ClientKeys:
        """The keys published there. Raises KeysUnreachable."""
        fetched_at, keys = self._cached.get(jwks_uri, (float("-inf"), None))
        if keys is None or self._monotonic() - fetched_at > _CACHED_SECONDS:
            keys = _parsed(await _fetched(jwks_uri))
            self._cached[jwks_uri] = (self._monotonic(), keys)
        return keys

    def forget(self, jwks_uri: str) -> None:
        """Fetch them again the next time."""
        self._cached.pop(jwks_uri, None)


async def _fetched(jwks_uri: str) -> bytes:
    try:
        async with httpx.AsyncClient(timeout=_ANSWERS_WITHIN, trust_env=False) as client:
            answer = await client.get(jwks_uri)
            answer.raise_for_status()
    except httpx.HTTPError as error:
        raise KeysUnreachable(f"{jwks_uri} does not give the client's keys ({type(error).__name__})") from error
    if len(answer.content) > _LARGEST_SET:
        raise KeysUnreachable(f"{jwks_uri} gives too much")
    return answer.content


def _parsed(content: bytes) -> ClientKeys:
    try:
        found = msgspec.json.decode(content, type=_Set).keys
        keys = [RSAKey.import_key(key) for key in found if key.get("kty") == "RSA" and key.get("kid")]
    except (msgspec.DecodeError, JoseError, ValueError) as error:
        raise KeysUnreachable("what the client publishes is not a JWK Set") from error
    if any(key.is_private for key in keys):
        raise KeysUnreachable("the client publishes private keys")
    by_use = {use: tuple(key for key in keys if key.as_dict().get("use") == use) for use in ("sig", "enc")}
    return ClientKeys(signing=by_use["sig"], reading=by_use["enc"])


class _Set(msgspec.Struct):
    keys: list[dict[str, Any]]


def _fresh(use: str) -> dict[str, Any]:
    kind: KeyParameters = {"use": use, "alg": SIGNED if use == "sig" else KEY_WRAPPED}
    return dict(RSAKey.generate_key(_BITS, kind, private=True, auto_kid=True).as_dict(private=True))


def _base36(content: bytes) -> str:
    number, digits = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 36)
        digits += "0123456789abcdefghijklmnopqrstuvwxyz"[digit]
    return digits.ljust(36, "0")
