"""Identities as rows: keyed pseudonyms of who a provider vouched for. All of this happens in a scope."""

from __future__ import annotations

from datetime import datetime

from onthaal import clock
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import Identity, Provider, SignIn
from onthaal.central.foundation.identity.pseudonyms import number_key, subject_key
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Person
from onthaal.central.foundation.sealing import seal
from onthaal.core.refusals import Refusal, Why
from onthaal.words import LANGS


class AnotherNumber(Refusal):
    """One subject, two national numbers: who vouches for that is wrong about one of them."""

    def __init__(self) -> None:
        super().__init__(Why.IDENTITY_FAILED)


def know(assertion: IdentityAssertion) -> Identity | None:
    """The identity that this provider vouched for before, with what it says now that was not known; None for somebody
    new. Refuses AnotherNumber.
    """
    key = subject_key(assertion.issuer, assertion.subject)
    found: Identity | None = Identity.objects.select_related("person").filter(subject_key=key, erased_at=None).first()
    if found is not None:
        if assertion.national_number and found.number_key not in ("", number_key(assertion.national_number)):
            raise AnotherNumber
        found.seen_at = clock.now()
        _keep(found, assertion)
        found.save(update_fields=["seen_at", "number_key", "number_sealed", "birthdate_sealed", "language"])
    return found


def _keep(identity: Identity, assertion: IdentityAssertion) -> None:
    """What is told and was not known. A number was dropped before this without an authorisation (see `oidc.reading`);
    one that ended meanwhile counts too."""
    may_know = bool(assertion.national_number) and assertion.issuer in issuers_with_number()
    if assertion.national_number and may_know and not identity.number_key:
        identity.number_key = number_key(assertion.national_number)
        identity.number_sealed = seal(assertion.national_number.encode(), f"national-number:{identity.subject_key}")
    if assertion.birthdate is not None and identity.birthdate_sealed is None:
        identity.birthdate_sealed = seal(assertion.birthdate.isoformat().encode(), f"birthdate:{identity.subject_key}")
    if assertion.language in LANGS:
        identity.language = assertion.language


def bind(person: Person, assertion: IdentityAssertion) -> Identity:
    """From now on this provider's subject is this person. The one there is, when it was bound before."""
    known = know(assertion)
    if known is not None:
        return known
    now = clock.now()
    key = subject_key(assertion.issuer, assertion.subject)
    bound = Identity(person=person, issuer=assertion.issuer, subject_key=key, bound_at=now, seen_at=now)
    _keep(bound, assertion)
    bound.save()
    return bound


def recognise(assertion: IdentityAssertion) -> Identity | None:
    """Who this is among those we know: this subject; or somebody whom another provider, or this one before, vouched
    for with the same national number, while both may tell it. Then this subject is theirs from now on. None for
    somebody new. Refuses AnotherNumber.
    """
    known = know(assertion)
    allowed = issuers_with_number()
    if known is not None or not assertion.national_number or assertion.issuer not in allowed:
        return known
    others = Identity.objects.select_related("person").filter(
        number_key=number_key(assertion.national_number), issuer__in=allowed, erased_at=None
    )
    other = others.order_by("-seen_at").first()
    return bind(other.person, assertion) if other is not None else None


def issuers_with_number() -> set[str]:
    """Who may tell us the national number now: an authorisation stands on our registration there."""
    return set(Provider.objects.exclude(authorisation="").values_list("issuer", flat=True))


def forget_numbers(*, by: str) -> int:
    """Every national number and its pseudonym goes that no authorisation covers any more. At how many identities.

    `by`: the pseudonym of who ended it.
    """
    uncovered = Identity.objects.exclude(number_key="").exclude(issuer__in=issuers_with_number())
    gone = int(uncovered.update(number_key="", number_sealed=None))
    if gone:
        journal.note(stream="identities", kind="identity.numbers-forgotten", by=by, data={"count": gone})
    return gone


def remember(sign_in: SignIn, identity: Identity) -> None:
    """Note whose sign-in it was, for a person who was bound after it."""
    sign_in.identity = identity
    sign_in.save(update_fields=["identity"])


def erase(identity: Identity, *, now: datetime) -> None:
    """Forget who it is; the pseudonyms go too, so that the same subject may be bound again."""
    identity.number_key, identity.number_sealed, identity.birthdate_sealed, identity.language = "", None, None, ""
    identity.subject_key, identity.erased_at = f"erased:{identity.pk}", now
    identity.save(
        update_fields=["number_key", "number_sealed", "birthdate_sealed", "language", "subject_key", "erased_at"]
    )
