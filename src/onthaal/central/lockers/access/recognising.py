"""Whose is what lies in a wall, and whether an answer of a provider is good enough to open it. Changes nothing."""

from __future__ import annotations

from datetime import timedelta

from onthaal import clock
from onthaal.central.foundation.identity.assertion import IdentityAssertion, at_least
from onthaal.central.foundation.identity.models import Identity, SignIn
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.core.lifecycles import OPENABLE
from onthaal.core.refusals import Why

SKEW = timedelta(seconds=60)
"""So far a provider's clock and ours may be apart."""


def doubt(begun: Identification, sign_in: SignIn, assertion: IdentityAssertion | None) -> Why | None:
    """What is wrong with taking this answer for this identification; None when nothing is.

    It must be of the provider and the sign-in that were begun for it, made after it began, at the level *high*; and
    not while the person is on the telephone, where the municipality wants that.
    """
    if assertion is None or sign_in.provider_id != begun.provider_id or assertion.issuer != begun.provider.issuer:
        return Why.IDENTITY_FAILED
    if begun.opened_at is None or sign_in.started_at < begun.opened_at:
        return Why.IDENTITY_FAILED
    if not begun.started_at - SKEW <= assertion.auth_time <= clock.now() + SKEW:
        return Why.SIGN_IN_AGAIN
    if not at_least(assertion.loa, "high"):
        return Why.IDENTITY_WEAK
    if begun.provider.refuse_on_call and assertion.risk.ongoing_call:
        return Why.IDENTITY_RISK
    return None


def waiting_for(identity: Identity | None, kiosk_id: int) -> list[int]:
    """The handovers out that lie in this wall for this person: asked for with the same subject, or where both are
    known the same national number (by their keyed pseudonyms).
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
    mine = (grant for grant in grants if _same(grant.identity, identity))
    return sorted({grant.handover_id for grant in mine if grant.closes_at is None or now < grant.closes_at})


def _same(addressee: Identity | None, who: Identity) -> bool:
    if addressee is None or addressee.erased_at is not None:
        return False
    by_subject = addressee.subject_key == who.subject_key
    return by_subject or bool(who.number_key and addressee.number_key == who.number_key)
