"""From a provider's claims to an assertion: the only place that knows their names. What was not asked is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from stdnum.be import ssn
from stdnum.exceptions import ValidationError

from onthaal.central.foundation.identity.assertion import IdentityAssertion, Loa, Risk, at_least
from onthaal.central.foundation.identity.oidc.errors import Weak, Wrong
from onthaal.central.foundation.identity.oidc.registration import Registration
from onthaal.central.foundation.identity.profiles import ProviderProfile


def assertion(
    claims: Mapping[str, Any], registration: Registration, *, minimum: Loa, transaction: str
) -> IdentityAssertion:
    """Raises Weak when the person was not recognised surely enough, Wrong for a claim that cannot be read."""
    profile = registration.profile
    loa = _loa(claims, profile)
    if loa is None or not at_least(loa, minimum):
        raise Weak("acr")
    return IdentityAssertion(
        issuer=registration.issuer,
        subject=claims["sub"],
        loa=loa,
        method=profile.methods.get(str(claims.get("acr")), profile.name),
        auth_time=datetime.fromtimestamp(claims.get("auth_time", claims["iat"]), UTC),
        transaction=transaction,
        given_name=_text(claims, profile.claims.get("given_name")),
        family_name=_text(claims, profile.claims.get("family_name")),
        birthdate=_birthdate(claims, profile.claims.get("birthdate")),
        language=_text(claims, profile.claims.get("language"))[:2].lower() or None,
        national_number=_number(claims, profile.claims.get("national_number")) if registration.with_number else None,
        risk=_risk(claims, profile),
    )


def _loa(claims: Mapping[str, Any], profile: ProviderProfile) -> Loa | None:
    if "acr" not in claims:
        return profile.implied_loa
    acr = claims["acr"]
    return profile.means.get(acr) if isinstance(acr, str) else None


LONGEST_TEXT = 200


def _text(claims: Mapping[str, Any], name: str | None) -> str:
    """A text of one line; empty when it is not there."""
    value = claims.get(name) if name else None
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise Wrong("claim-form")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


def _birthdate(claims: Mapping[str, Any], name: str | None) -> date | None:
    """`YYYY-MM-DD`; a year alone, or a day that is not known, is no date."""
    text = _text(claims, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(claims: Mapping[str, Any], name: str | None) -> str | None:
    """11 digits that are a national register or bis number."""
    text = _text(claims, name)
    if not text:
        return None
    try:
        return str(ssn.validate(text))
    except ValidationError:
        raise Wrong("national-number") from None


def _risk(claims: Mapping[str, Any], profile: ProviderProfile) -> Risk:
    call = claims.get(profile.risk.get("ongoing_call", ""))
    return Risk(
        ongoing_call=None if call is None else call not in (False, "false"),
        mode=_text(claims, profile.risk.get("mode")) or None,
    )
