"""What a provider publishes about itself: its addresses and its keys. Kept for a while; asked again, but not often."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from onthaal import clock
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.identity.oidc.fetching import Fetcher

KEPT = 3600.0
"""Seconds that a provider's page and keys are kept."""
AGAIN_AFTER = 60.0
"""Seconds between two looks at its keys, however many unknown ones are named meanwhile."""
SMALLEST_KEY = 2048
"""Bits of an RSA key."""
MOST_KEYS = 32


class Metadata(msgspec.Struct, frozen=True):
    """What we use of OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    code_challenge_methods_supported: tuple[str, ...] | None = None
    id_token_encryption_alg_values_supported: tuple[str, ...] | None = None
    request_parameter_supported: bool | None = None
    authorization_response_iss_parameter_supported: bool = False

    def addresses(self) -> tuple[str, ...]:
        """Everywhere it sends us or the person."""
        named = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri, self.userinfo_endpoint)
        return tuple(address for address in named if address)


@dataclass(frozen=True)
class Keys:
    """A provider's RSA keys by their `kid`: to check its signatures with, and to write to it with."""

    signing: Mapping[str, RSAKey]
    encrypting: Mapping[str, RSAKey]


@dataclass
class _Kept:
    metadata: Metadata
    keys: Keys
    metadata_at: float
    keys_at: float


@dataclass
class Directory:
    """Providers as they were last seen, in this process."""

    _kept: dict[str, _Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def metadata(self, issuer: str, fetcher: Fetcher) -> Metadata:
        """Raises Unavailable for one that cannot be reached, cannot be read or says it is another."""
        return self._known(issuer, fetcher).metadata

    def keys(self, issuer: str, fetcher: Fetcher, *, unknown: str = "") -> Keys:
        """Its keys. When `unknown` names one that was not there they are looked at again, unless that was just done."""
        kept = self._known(issuer, fetcher)
        if unknown and _moment() - kept.keys_at >= AGAIN_AFTER:
            kept.keys_at = _moment()
            kept.keys = keys_at(kept.metadata.jwks_uri, fetcher)
        return kept.keys

    def _known(self, issuer: str, fetcher: Fetcher) -> _Kept:
        kept = self._kept.get(issuer)
        if kept is not None and _moment() - kept.metadata_at < KEPT:
            return kept
        metadata = metadata_of(issuer, fetcher)
        keys, now = keys_at(metadata.jwks_uri, fetcher), _moment()
        kept = _Kept(metadata, keys, now, now)
        with self._lock:
            self._kept[issuer] = kept
        return kept


def metadata_of(issuer: str, fetcher: Fetcher) -> Metadata:
    """Fetched now. Raises Unavailable."""
    answer = fetcher.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if answer.status_code != httpx.codes.OK:
        raise Unavailable("discovery-not-there")
    try:
        metadata = msgspec.json.decode(answer.content, type=Metadata)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unavailable("discovery-malformed") from None
    if metadata.issuer != issuer:
        raise Unavailable("issuer-mismatch")
    if not all(fetcher.may_fetch(address) for address in metadata.addresses()):
        raise Unavailable("address-not-allowed")
    return metadata


def keys_at(address: str, fetcher: Fetcher) -> Keys:
    """Fetched now: its RSA keys that are long enough; others are passed over. Raises Unavailable."""
    answer = fetcher.get(address)
    try:
        listed = msgspec.json.decode(answer.content, type=dict[str, Any]).get("keys")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unavailable("keys-malformed") from None
    if answer.status_code != httpx.codes.OK or not isinstance(listed, list):
        raise Unavailable("keys-malformed")
    signing: dict[str, RSAKey] = {}
    encrypting: dict[str, RSAKey] = {}
    for entry in listed[:MOST_KEYS]:
        key = _rsa(entry)
        if key is not None and isinstance(entry["kid"], str):
            if entry.get("use", "sig") == "sig":
                signing[entry["kid"]] = key
            if entry.get("use", "enc") == "enc":
                encrypting[entry["kid"]] = key
    return Keys(signing, encrypting)


def _rsa(entry: Any) -> RSAKey | None:
    """The public key in one entry, without what it says about itself; None when it is none that we use."""
    if not isinstance(entry, dict) or entry.get("kty") != "RSA" or not entry.get("kid"):
        return None
    try:
        key = RSAKey.import_key({"kty": "RSA", "n": entry["n"], "e": entry["e"]})
        long_enough = key.public_key.key_size >= SMALLEST_KEY
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return key if long_enough else None


def _moment() -> float:
    return clock.from_environment().monotonic()
