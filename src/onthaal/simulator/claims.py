"""What the provider can tell about somebody, by the names it uses, and what each scope stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from onthaal.simulator.citizens import Citizen

_ITSME: Final = "http://itsme.services/v2/claim/"
BASIC: Final = f"{_ITSME}acr_basic"
ADVANCED: Final = f"{_ITSME}acr_advanced"
NATIONAL_NUMBER: Final = f"{_ITSME}BENationalNumber"
CARD_NUMBER: Final = f"{_ITSME}BEeidSn"
TEMPLATE: Final = f"{_ITSME}claim_approval_template_name"
TEXT: Final = f"{_ITSME}claim_approval_text_key"
FREE_TEXT: Final = "free_text"
NEEDS_PERMISSION: Final = frozenset({NATIONAL_NUMBER, CARD_NUMBER})

Mode = Literal["QR", "MSISDN", "a2a"]

SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "openid": (),
    "profile": ("family_name", "given_name", "name", "gender", "locale", "birthdate"),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
    "eid": (NATIONAL_NUMBER, CARD_NUMBER),
    "idDocument": (f"{_ITSME}IDDocumentSN", f"{_ITSME}IDDocumentType", f"{_ITSME}IDIssuingCountry"),
}


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who approved, and what the provider noticed meanwhile."""

    citizen: Citizen
    ongoing_call: bool
    mode: Mode


def told(names: Iterable[str], approval: Approval, today: date) -> dict[str, Any]:
    """The values of the claims called `names`; what is not known or not there is left out."""
    known = _known(approval, today)
    return {name: known[name] for name in names if known.get(name) is not None}


def supported() -> list[str]:
    """The claims that discovery names."""
    return sorted({*_NAMES, "sub", "iss", "aud", "exp", "iat", "nonce"})


def _known(approval: Approval, today: date) -> dict[str, Any]:
    who = approval.citizen
    card = _card_number(who)
    return {
        "name": who.name,
        "given_name": who.given_name,
        "family_name": who.family_name,
        "gender": who.gender,
        "locale": who.locale,
        "birthdate": who.birthdate.isoformat(),
        f"{_ITSME}birthdate_as_string": f"{who.birthdate:%d.%m.%Y}",
        **{f"age_gte_{age}": who.age(today) >= age for age in (16, 18, 21, 30)},
        "email": f"{who.key}@citizen.example",
        "email_verified": False,
        "phone_number": "+32 470000000",
        "phone_number_verified": True,
        "address": {
            "formatted": f"{who.street} {who.postal_code} {who.town}",
            "street_address": who.street, "postal_code": who.postal_code, "locality": who.town,
        },
        f"{_ITSME}claim_citizenship": "BE",
        f"{_ITSME}claim_citizenship_as_iso": "BEL",
        NATIONAL_NUMBER: who.national_number,
        CARD_NUMBER: card,
        f"{_ITSME}IDDocumentSN": card,
        f"{_ITSME}IDDocumentType": "I",
        f"{_ITSME}IDIssuingCountry": "BEL",
        f"{_ITSME}identification_mode": approval.mode,
        f"{_ITSME}ongoing_call": approval.ongoing_call,
        # TEST-NET-3: an address that belongs to nobody.
        f"{_ITSME}transaction_ip": "203.0.113.7",
        f"{_ITSME}app": {"appInstalledDate": "2024-01-01T00:00:00.000Z", "appName": "simulator", "appRelease": "1"},
        f"{_ITSME}account": {"activationDate": "2024-01-01T00:00:00.000Z", "activationMechanism": "CARD_READER"},
        f"{_ITSME}claim_device": {"os": "SIMULATOR", "deviceModel": "simulator", "rooted": False},
    }  # fmt: skip


def _card_number(who: Citizen) -> str:
    """Twelve digits of which the last two count the first ten; 000 begins no card."""
    first = f"000{int(who.birthdate.strftime('%y%m%d')):07}"
    return f"{first}{int(first) % 97 or 97:02}"


_NAMES: Final = (
    *(name for names in SCOPES.values() for name in names),
    *(f"age_gte_{age}" for age in (16, 18, 21, 30)),
    *(
        f"{_ITSME}{name}"
        for name in (
            "birthdate_as_string", "claim_citizenship", "claim_citizenship_as_iso", "identification_mode",
            "ongoing_call", "transaction_ip", "app", "account", "claim_device",
        )
    ),
)  # fmt: skip
