"""Whose is what lies in a wall, and whether an answer of a provider is good enough to open it. Changes nothing."""

from __future__ import annotations

from datetime import timedelta

from onthaal import clock
from onthaal.central.foundation.identity import knowing as identities
from onthaal.central.foundation.identity import queries as providers
from onthaal.central.foundation.identity.assertion import IdentityAssertion, at_least
from onthaal.central.foundation.identity.models import Identity, SignIn
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.core.lifecycles import OPENABLE
from onthaal.core.refusals import Why

SKEW = timedelta(seconds=60)
"""So far a provider's clock and ours may be apart."""
SCANNED = "QR"
"""A risk's `mode`: the provider's page was open on another screen than the telephone that approved."""


def doubt(begun: Identification, sign_in: SignIn, assertion: IdentityAssertion | None) -> Why | None:
    """What is wrong with taking this answer for this identification; None when nothing is.

    It must be of the provider and the sign-in that were begun for it, made after it began, at the level *high*; and
    not while the person is on the telephone, where the municipality wants that. Who came by their own telephone signs
    in on that telephone: a provider's page that was scanned from another screen is somebody else's.
    """
    if assertion is None or sign_in.provider_id != begun.provider_id or assertion.issuer != begun.provider.issuer:
        return Why.IDENTITY_FAILED
    if begun.opened_at is None or sign_in.started_at < begun.opened_at:
        return Why.IDENTITY_FAILED
    if not begun.started_at - SKEW <= assertion.auth_time <= clock.now() + SKEW:
        return Why.SIGN_IN_AGAIN
    if not at_least(assertion.loa, "high"):
        return Why.IDENTITY_WEAK
    on_call = begun.provider.refuse_on_call and assertion.risk.ongoing_call
    elsewhere = begun.way == "phone" and assertion.risk.mode == SCANNED
    return Why.IDENTITY_RISK if on_call or elsewhere else None


def waiting_for(identity: Identity | None, kiosk_id: int) -> list[int]:
    """The handovers out that lie in this wall for this person: asked for with the same subject, or, while both
    providers may tell it, with the same national number (by their keyed pseudonyms).
    """
    if identity is None or identity.erased_at is not None:
        return []
    now = clock.now()
    grants = Grant.objects.filter(
        kiosk_id=kiosk_id,
        proof=Grant.Proof.IDENTITY,
        status=Grant.Status.AWAKE,
        opens_at__lte=now,
        handover__kiosk_id=kiosk_id,
        handover__stage__in=[stage.value for stage in OPENABLE],
    ).select_related("identity")
    by_number = identities.issuers_with_number()
    mine = (grant for grant in grants if _same(grant.identity, identity, by_number))
    return sorted({grant.handover_id for grant in mine if grant.closes_at is None or now < grant.closes_at})


def recognisable(identity: Identity) -> bool:
    """Whether this person can prove at a wall that it is them: by the provider they signed in with, or where a
    permission to use it stands at both, by the national number.
    """
    provider = providers.for_walls()
    if provider is None:
        return False
    by_number = bool(identity.number_key) and {provider.issuer, identity.issuer} <= identities.issuers_with_number()
    return provider.issuer == identity.issuer or by_number


def _same(addressee: Identity | None, who: Identity, by_number: set[str]) -> bool:
    if addressee is None or addressee.erased_at is not None:
        return False
    if addressee.subject_key == who.subject_key:
        return True
    both_tell = {addressee.issuer, who.issuer} <= by_number
    return both_tell and bool(who.number_key) and addressee.number_key == who.number_key
