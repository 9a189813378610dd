"""Identities as rows: keyed pseudonyms of who a provider vouched for. All of this happens in a scope."""

from __future__ import annotations

from datetime import datetime

from onthaal import clock
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import Identity, SignIn
from onthaal.central.foundation.identity.pseudonyms import number_key, subject_key
from onthaal.central.foundation.people.models import Person
from onthaal.central.foundation.sealing import seal


def know(assertion: IdentityAssertion) -> Identity | None:
    """The identity that this provider vouched for before; None for somebody new."""
    key = subject_key(assertion.issuer, assertion.subject)
    found: Identity | None = Identity.objects.select_related("person").filter(subject_key=key, erased_at=None).first()
    if found is not None:
        found.seen_at = clock.now()
        if assertion.national_number and not found.number_key:
            _keep_number(found, assertion.national_number)
        found.save(update_fields=["seen_at", "number_key", "number_sealed"])
    return found


def bind(person: Person, assertion: IdentityAssertion) -> Identity:
    """From now on this provider's subject is this person. The one there is, when it was bound before."""
    known = know(assertion)
    if known is not None:
        return known
    now = clock.now()
    key = subject_key(assertion.issuer, assertion.subject)
    bound = Identity(person=person, issuer=assertion.issuer, subject_key=key, bound_at=now, seen_at=now)
    if assertion.national_number:
        _keep_number(bound, assertion.national_number)
    if assertion.birthdate is not None:
        bound.birthdate_sealed = seal(assertion.birthdate.isoformat().encode(), f"birthdate:{key}")
    bound.save()
    return bound


def recognise(assertion: IdentityAssertion) -> Identity | None:
    """Who this is among those we know: this subject; or somebody whom another provider, or this one before, vouched
    for with the same national number. Then this subject is theirs from now on. None for somebody new.
    """
    known = know(assertion)
    if known is not None or not assertion.national_number:
        return known
    others = Identity.objects.select_related("person").filter(
        number_key=number_key(assertion.national_number), erased_at=None
    )
    other = others.order_by("-seen_at").first()
    return bind(other.person, assertion) if other is not None else None


def same_person(identity: Identity, assertion: IdentityAssertion) -> bool:
    """Whether an assertion is of whom an identity is: the same subject of the same issuer, or the same national
    number where both are known."""
    if identity.erased_at is not None:
        return False
    if identity.subject_key == subject_key(assertion.issuer, assertion.subject):
        return True
    return bool(assertion.national_number) and identity.number_key == number_key(assertion.national_number or "")


def remember(sign_in: SignIn, identity: Identity) -> None:
    """Note whose sign-in it was, for a person who was bound after it."""
    sign_in.identity = identity
    sign_in.save(update_fields=["identity"])


def erase(identity: Identity, *, now: datetime) -> None:
    """Forget who it is; the pseudonyms go too, so that the same subject may be bound again."""
    identity.number_key, identity.number_sealed, identity.birthdate_sealed = "", None, None
    identity.subject_key, identity.erased_at = f"erased:{identity.pk}", now
    identity.save(update_fields=["number_key", "number_sealed", "birthdate_sealed", "subject_key", "erased_at"])


def _keep_number(identity: Identity, number: str) -> None:
    """A number comes this far only with an authorisation: see `oidc.reading`."""
    identity.number_key = number_key(number)
    identity.number_sealed = seal(number.encode(), f"national-number:{identity.subject_key}")
