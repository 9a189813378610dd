"""Our request: an address to send the person to. Where the profile wants it, signed and then encrypted."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

import msgspec
from joserfc import jwe, jws

from onthaal.central.foundation.identity.oidc.discovery import Keys, Metadata
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.identity.oidc.registration import Registration, Wanted

SIGNED_WITH = "RS256"
REQUEST_SECONDS = 300
LONGEST_TEXT = 7500
"""Of itsme's free text; its letters are those of ISO 8859-15."""
_PLAIN_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "<": "", ">": ""})
_CLAIM = "http://itsme.services/v2/claim/claim_approval_"


def address(registration: Registration, metadata: Metadata, keys: Keys, wanted: Wanted) -> str:
    """Where to send the person. Raises Unavailable when the provider has no key to write to."""
    asked = parameters(registration, wanted)
    if registration.profile.request_object:
        shown = {name: asked[name] for name in ("client_id", "response_type", "scope", "redirect_uri", "state")}
        asked = {**shown, "request": _request_object(registration, keys, wanted, asked)}
    elif "claims" in asked:
        asked["claims"] = msgspec.json.encode(asked["claims"]).decode()
    joined = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joined}{urlencode(asked)}"


def parameters(registration: Registration, wanted: Wanted) -> dict[str, Any]:
    """Every parameter of the request (OpenID Connect Core 3.1.2.1, RFC 7636)."""
    profile = registration.profile
    asked: dict[str, Any] = {
        "client_id": registration.client_id,
        "response_type": "code",
        "redirect_uri": registration.redirect_uri,
        "scope": " ".join(_scopes(registration, wanted)),
        "state": wanted.state,
        "nonce": wanted.secrets.nonce,
        "code_challenge": wanted.secrets.challenge,
        "code_challenge_method": "S256",
        "prompt": "login",
        "acr_values": " ".join(profile.ask_for[wanted.secrets.minimum]),
        "ui_locales": wanted.lang,
    }
    if profile.claims_parameter:
        asked["claims"] = {"userinfo": _claims(registration, wanted)}
    return asked


def confirmed_text(text: str) -> str:
    """A text as the provider shows it: only letters it knows, no marks that it would take for layout."""
    plain = text.translate(_PLAIN_MARKS)
    if len(plain) > LONGEST_TEXT:
        raise ValueError("the text to confirm is too long")
    return plain.encode("iso8859-15", "replace").decode("iso8859-15")


def client_assertion(registration: Registration, metadata: Metadata, now: float) -> str:
    """Proves that it is us who ask (RFC 7523): good for a minute, never twice the same."""
    to_issuer = registration.profile.audience == "issuer"
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.issuer if to_issuer else metadata.token_endpoint,
        "jti": secrets.token_urlsafe(24),
        "iat": int(now),
        "exp": int(now) + 60,
    }
    return _signed(registration, claims)


def _scopes(registration: Registration, wanted: Wanted) -> tuple[str, ...]:
    profile = registration.profile
    service = (f"service:{wanted.service}",) if wanted.service else ()
    return (*profile.scopes, *service, *(profile.number_scopes if registration.with_number else ()))


def _claims(registration: Registration, wanted: Wanted) -> dict[str, Any]:
    profile = registration.profile
    names = ("given_name", "family_name", "birthdate", "language") if wanted.names else ()
    number = ("national_number",) if registration.with_number else ()
    asked: dict[str, Any] = {profile.claims[name]: None for name in (*names, *number)}
    asked |= dict.fromkeys(profile.risk.values())
    if wanted.confirmation is not None and profile.confirmation:
        asked[f"{_CLAIM}template_name"] = {"essential": True, "value": "free_text"}
        asked[f"{_CLAIM}text_key"] = {"essential": True, "value": confirmed_text(wanted.confirmation)}
    return asked


def _request_object(registration: Registration, keys: Keys, wanted: Wanted, asked: dict[str, Any]) -> str:
    """RFC 9101: our request, signed by us, then encrypted to the provider."""
    now = int(wanted.now.timestamp())
    envelope = {
        "iss": registration.client_id, "aud": registration.issuer, "iat": now, "exp": now + REQUEST_SECONDS,
        "jti": secrets.token_urlsafe(24),
    }  # fmt: skip
    signed = _signed(registration, {**asked, **envelope})
    profile = registration.profile
    if not keys.encrypting:
        raise Unavailable("no-key-to-write-to")
    kid, key = list(keys.encrypting.items())[-1]
    header = {"alg": profile.key_wrap[0], "enc": profile.content[0], "cty": "JWT", "kid": kid}
    return jwe.encrypt_compact(header, signed, key, algorithms=[profile.key_wrap[0], profile.content[0]])


def _signed(registration: Registration, claims: dict[str, Any]) -> str:
    header = {"alg": SIGNED_WITH, "typ": "JWT", "kid": registration.keys.signing_kid}
    return jws.serialize_compact(header, msgspec.json.encode(claims), registration.keys.signing, [SIGNED_WITH])
