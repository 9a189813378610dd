"""What a provider vouches for, in our own words: nothing in here knows how it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Loa = Literal["low", "substantial", "high"]
LOAS: tuple[Loa, ...] = ("low", "substantial", "high")
"""Levels of assurance (eIDAS), weakest first."""


def at_least(loa: Loa, minimum: Loa) -> bool:
    """Whether a level is as strong as what was asked."""
    return LOAS.index(loa) >= LOAS.index(minimum)


@dataclass(frozen=True, kw_only=True)
class Risk:
    """Signs of fraud, where the provider tells them; None: it did not say."""

    ongoing_call: bool | None = None
    """The person is on the telephone meanwhile."""
    mode: str | None = None
    """How the phone came to the sign-in: `QR` (scanned from another screen), `MSISDN` (its number was typed), `a2a`
    (page and app are on the same telephone)."""


@dataclass(frozen=True, kw_only=True, repr=False)
class IdentityAssertion:
    """Who somebody is, said once by a provider. Used at once, never kept."""

    issuer: str
    subject: str
    loa: Loa
    method: str
    """`itsme`, `eid` …: the means that was used."""
    auth_time: datetime
    transaction: str
    """Our own name of this sign-in, for the journal."""
    given_name: str = ""
    family_name: str = ""
    birthdate: date | None = None
    language: str | None = None
    national_number: str | None = None
    """11 digits; None unless the municipality has an authorisation to use it."""
    risk: Risk = field(default_factory=Risk)

    def __repr__(self) -> str:
        """Says nothing of the person: an assertion may end up in the text of an error."""
        return f"IdentityAssertion({self.transaction}, {self.loa})"
