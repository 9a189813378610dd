"""Signed, then encrypted: RS256 inside RSA-OAEP-256 with A128CBC-HS256, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode

SIGNED: Final = "RS256"
KEY_WRAPPED: Final = "RSA-OAEP-256"
ENCRYPTED: Final = "A128CBC-HS256"
_LARGEST: Final = 64_000
_DOTS_OF_JWS, _DOTS_OF_JWE = 2, 4


class Unreadable(Exception):
    """A token that is not what was agreed; the text says what is wrong, never what is in it."""


def signed(claims: Mapping[str, object], key: RSAKey) -> str:
    """The claims as a compact JWS."""
    header = {"alg": SIGNED, "kid": key.kid}
    return jws.serialize_compact(header, msgspec.json.encode(claims), key, algorithms=[SIGNED])


def nested(claims: Mapping[str, object], *, signing: RSAKey, to: RSAKey) -> str:
    """The claims signed by us, then encrypted to a public key."""
    header = {"alg": KEY_WRAPPED, "enc": ENCRYPTED, "cty": "JWT", "kid": to.kid}
    return jwe.encrypt_compact(header, signed(claims, signing), to, algorithms=[KEY_WRAPPED, ENCRYPTED])


def is_encrypted(token: str) -> bool:
    """Whether it has the five parts of a compact JWE."""
    return token.count(".") == _DOTS_OF_JWE


def decrypted(token: str, keys: Iterable[RSAKey]) -> str:
    """The JWS inside. Raises Unreadable."""
    header = _header(token, dots=_DOTS_OF_JWE)
    if (header.get("alg"), header.get("enc"), header.get("cty")) != (KEY_WRAPPED, ENCRYPTED, "JWT"):
        raise Unreadable(f"encrypted as {KEY_WRAPPED} with {ENCRYPTED} and cty JWT only")
    if "zip" in header or "crit" in header:
        raise Unreadable("neither compressed nor with critical headers")
    registry = JWERegistry(algorithms=[KEY_WRAPPED, ENCRYPTED], strict_check_header=False)
    try:
        opened = jwe.decrypt_compact(token, _named(keys, header), registry=registry).plaintext or b""
        return opened.decode("ascii")
    except (JoseError, ValueError) as error:
        raise Unreadable("cannot be decrypted") from error


def verified(token: str, keys: Iterable[RSAKey]) -> dict[str, Any]:
    """The claims of a JWS that one of `keys` signed. Raises Unreadable."""
    header = _header(token, dots=_DOTS_OF_JWS)
    if header.get("alg") != SIGNED or "crit" in header:
        raise Unreadable(f"signed as {SIGNED} only")
    try:
        payload = jws.deserialize_compact(token, _named(keys, header), algorithms=[SIGNED]).payload
    except (JoseError, ValueError) as error:
        raise Unreadable("the signature is not right") from error
    return _object(payload)


def signer(token: str) -> str:
    """The key id that a JWS names. Raises Unreadable."""
    return str(_header(token, dots=_DOTS_OF_JWS).get("kid"))


def claimed_issuer(token: str) -> str:
    """What a JWS says in `iss`, to know whose keys to check it with; not to be believed before. Raises Unreadable."""
    _header(token, dots=_DOTS_OF_JWS)
    try:
        return str(_object(urlsafe_b64decode(token.split(".")[1].encode("ascii"))).get("iss"))
    except ValueError as error:
        raise Unreadable("the claims cannot be read") from error


def _named(keys: Iterable[RSAKey], header: Mapping[str, Any]) -> RSAKey:
    key = next((key for key in keys if key.kid == header.get("kid")), None)
    if key is None:
        raise Unreadable("kid is missing or names no known key")
    return key


def _header(token: str, *, dots: int) -> dict[str, Any]:
    if len(token) > _LARGEST or token.count(".") != dots:
        raise Unreadable("not a compact token of the agreed kind")
    try:
        return _object(urlsafe_b64decode(token.split(".", 1)[0].encode("ascii")))
    except ValueError as error:
        raise Unreadable("the header cannot be read") from error


def _object(content: bytes) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("not JSON inside") from error
    if not isinstance(read, dict):
        raise Unreadable("not a JSON object inside")
    return read
