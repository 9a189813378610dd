"""When a personal document may wait in a wall, and when only the desk will do.

Sources: the municipality's own checklist per product, and the exclusions that Belgian municipalities work by: minors,
proxies, the urgent procedure, an open payment, an old document still to be handed in. An identity card never.
"""

from __future__ import annotations

from datetime import date

import msgspec

from onthaal.core.refusals import Why

ADULT_YEARS = 18
"""Belgian Civil Code, article 388: whoever is younger is a minor."""


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one application."""

    identity_card: bool = False
    locker_allowed: bool
    """Its product's checklist was filled in, dated and signed."""
    of_age: bool
    age_known: bool = True
    """The provider said when they were born."""
    proxy: bool = False
    """For somebody else than the person who signed in."""
    urgent: bool = False
    paid: bool = True
    old_document_open: bool = False
    other_provider: bool = False
    """They signed in with another provider than the walls': nobody can recognise them there."""
    entered_at_desk: bool = False
    """Nobody signed in for it: nobody can be recognised at the wall."""


def never_in_wall(conditions: Conditions) -> Why | None:
    """Why this application can only be collected at the desk, whatever is done meanwhile; None: a wall will do."""
    rules = (
        (conditions.identity_card, Why.IDENTITY_CARD_DESK_ONLY),
        (not conditions.age_known, Why.AGE_UNKNOWN),
        (not conditions.of_age, Why.MINOR),
        (conditions.proxy, Why.PROXY),
        (conditions.urgent, Why.URGENT),
        (conditions.other_provider, Why.OTHER_PROVIDER),
        (conditions.entered_at_desk, Why.PROOF_TOO_WEAK),
        (not conditions.locker_allowed, Why.LOCKER_NOT_ALLOWED),
    )
    return next((why for holds, why in rules if holds), None)


def not_yet_in_wall(conditions: Conditions) -> Why | None:
    """What must still happen before it may be put into a wall; None: nothing."""
    why = never_in_wall(conditions)
    if why is not None:
        return why
    if not conditions.paid:
        return Why.PAYMENT_OPEN
    return Why.OLD_DOCUMENT_OPEN if conditions.old_document_open else None


def of_age(birthdate: date, today: date) -> bool:
    """Whether somebody born on `birthdate` is an adult on `today` (29 February: adult on 1 March)."""
    try:
        eighteenth = birthdate.replace(year=birthdate.year + ADULT_YEARS)
    except ValueError:
        eighteenth = date(birthdate.year + ADULT_YEARS, 3, 1)
    return today >= eighteenth
