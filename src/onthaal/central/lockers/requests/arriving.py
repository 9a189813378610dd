"""Somebody signed in with a provider: from now on we know them again, by their keyed pseudonyms only."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.people import actions as people
from onthaal.central.foundation.people.models import one_line
from onthaal.central.foundation.sealing import unseal
from onthaal.words import LANGS


@transaction.atomic
def arrive(assertion: IdentityAssertion, *, lang: str) -> Identity:
    """The identity of who signed in: the one known, with the name that the provider says now; or a new one."""
    name = one_line(f"{assertion.given_name} {assertion.family_name}")[:120]
    known = identities.know(assertion)
    if known is None:
        spoken = assertion.language if assertion.language in LANGS else lang
        return identities.bind(people.create_person(name=name, email="", language=spoken), assertion)
    if name and known.person.name != name:
        known.person.name = name
        known.person.save(update_fields=["name"])
    return known


def birthdate(identity: Identity) -> date | None:
    """When somebody was born, as their provider said first; None: it never did."""
    if identity.birthdate_sealed is None:
        return None
    return date.fromisoformat(unseal(bytes(identity.birthdate_sealed), f"birthdate:{identity.subject_key}").decode())
