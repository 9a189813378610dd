"""The relying party: sends somebody to a provider, and finds out who came back. No rows, no transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec
from joserfc.jwk import RSAKey

from onthaal.central.foundation.identity.oidc import asking, tokens
from onthaal.central.foundation.identity.oidc.breaker import Breaker
from onthaal.central.foundation.identity.oidc.discovery import Directory, Metadata
from onthaal.central.foundation.identity.oidc.errors import NotRegistered, Unavailable, Wrong
from onthaal.central.foundation.identity.oidc.fetching import SECONDS, Fetcher
from onthaal.central.foundation.identity.oidc.registration import Registration, Secrets, Wanted

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OUR_FAULT = {"invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type", "invalid_scope"}
"""Answers to a token request that say our registration is not right; others say the code is not."""


class Tokens(msgspec.Struct, frozen=True):
    """A good answer to a token request (RFC 6749 5.1, OpenID Connect Core 3.1.3.3)."""

    access_token: str
    token_type: str
    id_token: str

    def __repr__(self) -> str:
        return "Tokens()"


class TokenError(msgspec.Struct, frozen=True):
    error: str


@dataclass(frozen=True, kw_only=True)
class Came:
    """Somebody came back with a code."""

    code: str = field(repr=False)
    iss: str | None
    """Who says so (RFC 9207)."""
    secrets: Secrets
    started_at: datetime
    now: datetime


@dataclass(frozen=True)
class Client:
    """Speaks to every provider of this process. Raises Unavailable and Wrong, and nothing else on purpose."""

    fetcher: Fetcher
    directory: Directory = field(default_factory=Directory)
    breaker: Breaker = field(default_factory=Breaker)

    def address(self, registration: Registration, wanted: Wanted) -> str:
        """Where to send the person."""
        with self.breaker.watching(registration.issuer):
            metadata = self.directory.metadata(registration.issuer, self.fetcher)
            keys = self.directory.keys(registration.issuer, self.fetcher)
            return asking.address(registration, metadata, keys, wanted)

    def right_issuer(self, registration: Registration, iss: str | None) -> bool:
        """Whether an answer says it comes from whom we asked; saying nothing will do where the profile allows it."""
        if iss is not None:
            return iss == registration.issuer
        return not registration.profile.response_iss

    def claims(self, registration: Registration, came: Came) -> tokens.Claims:
        """What the provider says of who came back: ID token and UserInfo together, every check done."""
        if not self.right_issuer(registration, came.iss):
            raise Wrong("response-issuer")
        with self.breaker.watching(registration.issuer):
            metadata = self.directory.metadata(registration.issuer, self.fetcher)
            if came.iss is None and metadata.authorization_response_iss_parameter_supported:
                raise Wrong("response-issuer")
            given = self._exchanged(registration, metadata, came)
            expected = tokens.Expected(
                registration=registration, nonce=came.secrets.nonce, access_token=given.access_token,
                started_at=came.started_at, now=came.now,
            )  # fmt: skip
            claims = tokens.id_token(given.id_token, expected, self._finder(registration))
            if registration.profile.userinfo:
                claims = self._more(registration, metadata, given, came.now, claims)
        return claims

    def _exchanged(self, registration: Registration, metadata: Metadata, came: Came) -> Tokens:
        fetcher = Fetcher(
            loopback=self.fetcher.loopback, roots=self.fetcher.roots,
            seconds=min(self.fetcher.seconds, SECONDS, registration.profile.code_seconds / 2),
        )  # fmt: skip
        answer = fetcher.post(
            metadata.token_endpoint,
            {
                "grant_type": "authorization_code",
                "code": came.code,
                "redirect_uri": registration.redirect_uri,
                "code_verifier": came.secrets.verifier,
                "client_id": registration.client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": asking.client_assertion(registration, metadata, came.now.timestamp()),
            },
        )
        if answer.status_code != httpx.codes.OK:
            raise _not_exchanged(answer)
        try:
            given = msgspec.json.decode(answer.content, type=Tokens)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Wrong("token-answer") from None
        if given.token_type.lower() != "bearer" or not given.access_token.isascii():
            raise Wrong("token-answer")
        return given

    def _more(
        self, registration: Registration, metadata: Metadata, given: Tokens, now: datetime, claims: tokens.Claims
    ) -> tokens.Claims:
        """The claims of the ID token, and what UserInfo says beside them of the same person. How surely, when and for
        whom they signed in only the ID token says: UserInfo need not be signed, and none of that was judged in it."""
        if metadata.userinfo_endpoint is None:
            raise Unavailable("no-userinfo")
        bearer = {"Authorization": f"Bearer {given.access_token}"}
        answer = self.fetcher.get(metadata.userinfo_endpoint, headers=bearer)
        if answer.status_code != httpx.codes.OK:
            raise Wrong("userinfo-refused")
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind == "application/jwt":
            more = tokens.user_info(_text(answer), registration, self._finder(registration), now)
        elif registration.profile.encryption_required:
            raise Wrong("not-encrypted")
        else:
            more = _read(answer)
        if more.get("sub") != claims["sub"]:
            raise Wrong("userinfo-subject")
        return {name: said for name, said in more.items() if name not in tokens.JUDGED} | claims

    def _finder(self, registration: Registration) -> tokens.Finder:
        def find(kid: str) -> RSAKey | None:
            known = self.directory.keys(registration.issuer, self.fetcher).signing.get(kid)
            if known is not None:
                return known
            return self.directory.keys(registration.issuer, self.fetcher, unknown=kid).signing.get(kid)

        return find


def _not_exchanged(answer: httpx.Response) -> Exception:
    try:
        error = msgspec.json.decode(answer.content, type=TokenError).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Wrong("token-answer")
    return NotRegistered("our-registration") if error in OUR_FAULT else Wrong("code-refused")


def _text(answer: httpx.Response) -> str:
    try:
        return answer.content.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Wrong("token-form") from None


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Wrong("userinfo-form") from None
