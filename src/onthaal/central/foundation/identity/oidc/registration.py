"""How one municipality is known at one provider, and one sign-in that was begun there."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from onthaal.central.foundation.identity.assertion import Loa
from onthaal.central.foundation.identity.oidc.keys import OurKeys
from onthaal.central.foundation.identity.profiles import ProviderProfile


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Who we are there, and where its answers come to."""

    profile: ProviderProfile
    issuer: str
    client_id: str
    redirect_uri: str
    keys: OurKeys = field(repr=False)
    with_number: bool
    """An authorisation lets us ask the national number."""


class Secrets(msgspec.Struct, frozen=True):
    """What we must know again when the answer comes. Kept sealed; `state` goes out and comes back."""

    nonce: str
    verifier: str
    minimum: Loa

    def __repr__(self) -> str:
        return "Secrets()"

    @property
    def challenge(self) -> str:
        """S256 of the verifier (RFC 7636)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a request asks for."""

    state: str = field(repr=False)
    secrets: Secrets
    now: datetime
    lang: str
    names: bool
    """Also the person's name, birthday and language."""
    service: str = ""
    confirmation: str | None = None
    """A text that the person approves, where the profile offers it."""


def random_word() -> str:
    """256 random bits as 43 letters: a state, a nonce, a PKCE verifier."""
    return secrets.token_urlsafe(32)
