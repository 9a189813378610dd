"""A sign-in begins: our request, and a row to know the answer by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import structlog

from onthaal import clock
from onthaal.central.foundation.identity.assertion import Loa
from onthaal.central.foundation.identity.keyring import our_keys
from onthaal.central.foundation.identity.models import Provider, SignIn
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.identity.oidc.registration import Registration, Secrets, Wanted, random_word
from onthaal.central.foundation.identity.parties import client
from onthaal.central.foundation.identity.profiles import named
from onthaal.central.foundation.identity.watching import somebody_missed
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.hosts import public_url
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.sealing import seal
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.refusals import Refusal, Why

log = structlog.get_logger()

Purpose = Literal["portal", "wall-page", "wall-phone"]
WITHIN: dict[str, timedelta] = {
    "portal": timedelta(minutes=10),
    "wall-page": timedelta(seconds=120),
    "wall-phone": timedelta(seconds=120),
}
"""How long the answer may take: at a wall somebody stands and waits."""


@dataclass(frozen=True)
class Begun:
    """Where to send the person; `state` is in that address, and comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)


def begin(  # noqa: PLR0913 (a sign-in has these seven sides)
    provider: Provider,
    *,
    purpose: Purpose,
    about: str,
    browser: str,
    lang: str,
    minimum: Loa = "high",
    confirmation: str | None = None,
) -> Begun:
    """Ask a provider who somebody is. `browser` is the clear word of its cookie (see `browsers`).

    Refuses IDENTITY_UNAVAILABLE when nobody can sign in there now: said before the person starts.
    """
    now = clock.now()
    registration = registered(provider, now)
    portal = purpose == "portal"
    wanted = Wanted(
        state=random_word(), secrets=Secrets(random_word(), random_word(), minimum), now=now, lang=lang,
        names=portal, service=provider.portal_service if portal else provider.wall_service,
        confirmation=None if portal else confirmation,
    )  # fmt: skip
    try:
        url = client().address(registration, wanted)
    except Unavailable as fault:
        log.warning("nobody can sign in", profile=provider.profile, what=fault.what)
        with acting_for(provider.municipality_id):
            somebody_missed(provider, fault)
        raise Refusal(Why.IDENTITY_UNAVAILABLE) from None
    begun = SignIn(
        provider=provider, purpose=purpose, about=about, browser_hash=hashed(browser),
        state_hash=hashed(wanted.state), language=lang, started_at=now, expires_at=now + WITHIN[purpose],
    )  # fmt: skip
    begun.sealed = seal(msgspec.json.encode(wanted.secrets), sealed_for(begun))
    with acting_for(provider.municipality_id):
        begun.save()
        journal.note(
            stream=f"sign-in:{begun.pk}", kind="sign-in.begun", about={"sign_in": begun.pk},
            data={"profile": provider.profile, "purpose": purpose},
        )  # fmt: skip
    return Begun(url, wanted.state)


def registered(provider: Provider, now: datetime) -> Registration:
    """How its municipality is known there. Refuses IDENTITY_UNAVAILABLE while that is not complete."""
    with acting_for(provider.municipality_id):
        municipality = Municipality.objects.get(pk=provider.municipality_id)
        keys = our_keys(now)
    if keys is None or not provider.enabled:
        log.warning("nobody can sign in", profile=provider.profile, what="no-keys" if keys is None else "not-enabled")
        raise Refusal(Why.IDENTITY_UNAVAILABLE)
    return Registration(
        profile=named(provider.profile), issuer=provider.issuer, client_id=provider.client_id, keys=keys,
        redirect_uri=redirect_address(municipality, provider.profile), with_number=bool(provider.authorisation),
    )  # fmt: skip


def redirect_address(municipality: Municipality, profile: str) -> str:
    """The one address that answers of this provider come to: registered with it, letter for letter."""
    return f"{public_url(municipality)}/aanmelden/{profile}/terug"


def hashed(word: str) -> str:
    """What is kept of a state, or of a browser's word: SHA-256, hex."""
    return hashlib.sha256(word.encode()).hexdigest()


def sealed_for(begun: SignIn) -> str:
    return f"sign-in:{begun.state_hash}"
