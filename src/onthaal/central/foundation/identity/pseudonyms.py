"""What is kept instead of who somebody is: keyed hashes, worth nothing without this installation's secret."""

from __future__ import annotations

from onthaal.central.foundation.origins import keyed
from onthaal.central.foundation.tenancy import scope


def subject_key(issuer: str, subject: str) -> str:
    """One person at one provider, in the scope's municipality. 64 hex digits."""
    return keyed("identity/subject", f"{scope()}\n{issuer}\n{subject}")


def number_key(number: str) -> str:
    """One national number (11 digits), in the scope's municipality. 64 hex digits."""
    return keyed("identity/number", f"{scope()}\n{number}")
