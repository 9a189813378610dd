"""Opening and judging what a provider signed. Every check has a name, which is all that an error says.

Algorithms, keys and content types are held against lists of ours before a key is touched; what a token says of
itself never chooses how it is checked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from onthaal.central.foundation.identity.oidc.errors import Wrong
from onthaal.central.foundation.identity.oidc.registration import Registration

SKEW = 60
"""Seconds that two clocks may differ."""
LONGEST_TOKEN = 60_000
LONGEST_SUBJECT = 255
"""OpenID Connect Core, section 2."""
_SIGNED_PARTS, _ENCRYPTED_PARTS = 3, 5
_WRAPPER_NAMES = {"alg", "enc", "cty", "kid", "typ", "iss", "aud", "sub"}
_SIGNED_NAMES = {"alg", "kid", "typ", "cty", "x5t", "x5t#S256"}

JUDGED = {"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "auth_time", "acr", "amr", "at_hash", "c_hash", "jti"}
"""What an ID token says of the sign-in itself, and what nothing else may say."""

Claims = dict[str, Any]
Finder = Callable[[str], RSAKey | None]
"""The provider's signing key of a name, if it has one."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an ID token must say."""

    registration: Registration
    nonce: str
    access_token: str
    started_at: datetime
    now: datetime


def id_token(token: str, expected: Expected, find: Finder) -> Claims:
    """The claims of a sound ID token. Raises Wrong."""
    claims = opened(token, expected.registration, find)
    _meant_for_us(claims, expected.registration)
    _in_time(claims, expected)
    nonce = claims.get("nonce")
    _need(isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode()), "nonce")
    if "at_hash" in claims:
        _need(claims["at_hash"] == at_hash(expected.access_token), "at-hash")
    if "auth_time" in claims:
        signed_in = _moment(claims, "auth_time")
        _need(expected.started_at.timestamp() - SKEW <= signed_in <= expected.now.timestamp() + SKEW, "auth-time")
    return claims


def user_info(token: str, registration: Registration, find: Finder, now: datetime) -> Claims:
    """The claims of a UserInfo answer that is a JWT (OpenID Connect Core 5.3.2). Raises Wrong."""
    claims = opened(token, registration, find)
    _meant_for_us({"iss": registration.issuer, "aud": registration.client_id, **claims}, registration)
    if "exp" in claims:
        _need(_moment(claims, "exp") > now.timestamp() - SKEW, "expired")
    return claims


def opened(token: str, registration: Registration, find: Finder) -> Claims:
    """Decrypted where the profile wants that, and its signature checked: the claims, not judged yet."""
    _need(len(token) <= LONGEST_TOKEN and token.isascii(), "token-form")
    if registration.profile.encryption_required:
        token = _decrypted(token, registration)
    _need(token.count(".") == _SIGNED_PARTS - 1, "token-form")
    header = _header(token)
    _need(header.get("alg") in registration.profile.signed, "alg")
    _need(set(header) <= _SIGNED_NAMES, "header")
    kid = header.get("kid")
    _need(isinstance(kid, str) and bool(kid), "kid")
    key = find(str(kid))
    if key is None:
        raise Wrong("kid")
    try:
        payload = jws.deserialize_compact(token, key, algorithms=list(registration.profile.signed)).payload
        claims = msgspec.json.decode(payload, type=Claims)
    except (JoseError, ValueError, TypeError, msgspec.DecodeError):
        raise Wrong("signature") from None
    return claims


def at_hash(access_token: str) -> str:
    """OpenID Connect Core 3.1.3.6, for RS256."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def _decrypted(token: str, registration: Registration) -> str:
    profile = registration.profile
    _need(token.count(".") == _ENCRYPTED_PARTS - 1, "not-encrypted")
    header = _header(token)
    _need(header.get("alg") in profile.key_wrap and header.get("enc") in profile.content, "wrapper-alg")
    _need(set(header) <= _WRAPPER_NAMES, "wrapper-header")  # no zip, no crit, no key of its own
    _need(str(header.get("cty", "")).upper() == "JWT", "content-type")
    key = registration.keys.opening.get(str(header.get("kid", "")))
    if key is None:
        raise Wrong("our-key")
    # Providers repeat iss and aud here (RFC 7519, 5.3): the names were held against our list above.
    registry = jwe.JWERegistry(algorithms=[*profile.key_wrap, *profile.content], strict_check_header=False)
    try:
        plain = jwe.decrypt_compact(token, key, registry=registry).plaintext or b""
        return plain.decode("ascii")
    except (JoseError, ValueError, TypeError):
        raise Wrong("decryption") from None


def _header(token: str) -> dict[str, Any]:
    """The first part, not trusted: only to choose among what we allow."""
    part = token.split(".", 1)[0]
    try:
        return msgspec.json.decode(base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True), type=Claims)
    except (ValueError, msgspec.DecodeError):
        raise Wrong("token-form") from None


def _meant_for_us(claims: Claims, registration: Registration) -> None:
    _need(claims.get("iss") == registration.issuer, "issuer")
    ours = registration.client_id
    _need(claims.get("aud") in (ours, [ours]), "audience")
    _need(claims.get("azp", ours) == ours, "authorised-party")
    subject = claims.get("sub")
    _need(isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT, "subject")


def _in_time(claims: Claims, expected: Expected) -> None:
    """Neither over nor to come; and made for a sign-in that had begun."""
    latest = expected.now.timestamp() + SKEW
    _need(_moment(claims, "exp") > expected.now.timestamp() - SKEW, "expired")
    _need(_moment(claims, "iat") <= latest, "issued-later")
    _need(_moment(claims, "iat") >= expected.started_at.timestamp() - SKEW, "issued-before")
    if "nbf" in claims:
        _need(_moment(claims, "nbf") <= latest, "not-yet")


def _moment(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(f"{name}-form")
    try:
        return float(value)
    except OverflowError:
        raise Wrong(f"{name}-form") from None


def _need(holds: bool, what: str) -> None:  # noqa: FBT001 (an assertion that is part of the program)
    if not holds:
        raise Wrong(what)
