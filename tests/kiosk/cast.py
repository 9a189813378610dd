"""The fixed cast of the kiosk's tests: a wall, its wishes, those who collect, and Cleo of the staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from onthaal.clock import HandTurnedClock
from onthaal.core import facts as f
from onthaal.core.codes import Kind, Pin, shown_pin, written
from onthaal.core.facts import Fitted
from onthaal.core.lifecycles import Direction, Stage
from onthaal.core.protocol import ProductRule, StaffBadge, WishedGrant, WishedHandover, Wishes, Words3
from onthaal.proofs import pins, qr, staff

NOW = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
PEPPER = bytes(range(32))
SAY = Words3(nl="x", fr="x", en="x")
VOUCHER, MATERIAL, LICENCE = 1, 2, 3
PRODUCTS = (
    ProductRule(id=VOUCHER, names=SAY, mode="pick_up"),
    ProductRule(id=MATERIAL, names=SAY, mode="lend", tagged=True),
    ProductRule(id=LICENCE, names=SAY, mode="pick_up", personal=True, two_staff=True),
)
TAG = "E2000017221101441890"
STAFF_PIN = "314159"
BADGE_BODY = "CLEOCLEOCLEOCLEO"
LABEL = "LABELABE"
SECRET = "170935"


def a_clock() -> HandTurnedClock:
    return HandTurnedClock(NOW)


def fitted(*sizes: str, presence: bool = True) -> tuple[Fitted, ...]:
    """Compartments 1, 2, 3 … of these sizes, the first within a seated person's reach, the others above it."""
    return tuple(
        msgspec.convert(
            {
                "number": number,
                "size": size,
                "bottom_mm": 700 if number == 1 else 1250,
                "top_mm": 1000 if number == 1 else 1500,
                "presence": presence,
            },
            Fitted,
        )
        for number, size in enumerate(sizes, start=1)
    )


@cache
def pin_verifier(selector: str, secret: str) -> str:
    return pins.verifier(Pin(selector, secret), PEPPER)


def a_grant(id_: int, selector: str = "482", secret: str = SECRET, **changed: Any) -> WishedGrant:
    grant = WishedGrant(
        id=id_,
        selector=selector,
        pin_verifier=pin_verifier(selector, secret),
        qr_verifier=qr.verifier(Kind.GRANT, qr_body(id_), PEPPER),
        opens_at=NOW - timedelta(days=1),
        closes_at=NOW + timedelta(days=4),
    )
    return msgspec.structs.replace(grant, **changed)


def qr_body(grant: int) -> str:
    return "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{grant:016}")


def qr_text(grant: int) -> str:
    return written(Kind.GRANT, qr_body(grant))


def pin_text(selector: str = "482", secret: str = SECRET) -> str:
    return shown_pin(Pin(selector, secret))


def a_handover(id_: int, **changed: Any) -> WishedHandover:
    """A voucher to collect, planned, with a grant of the same number whose selector is that number too."""
    handover = WishedHandover(
        id=id_,
        direction=Direction.OUT,
        stage=Stage.PLANNED,
        product=VOUCHER,
        size="S",
        grants=(a_grant(id_, f"{id_:03}"),),
    )
    return msgspec.structs.replace(handover, **changed)


def waiting(id_: int, compartment: int, **changed: Any) -> WishedHandover:
    return a_handover(id_, **{"stage": Stage.WAITING, "compartment": compartment} | changed)


@cache
def cleo() -> StaffBadge:
    salt = "00" * 16
    return StaffBadge(
        account="staff-cleo",
        shown_as="Cleo",
        badge_verifier=qr.verifier(Kind.BADGE, BADGE_BODY, PEPPER),
        pin_salt=salt,
        pin_verifier=staff.verifier(staff.result(STAFF_PIN, salt), PEPPER),
        rights=("load", "take_back", "inspect", "service"),
    )


def wishes(*handovers: WishedHandover, **changed: Any) -> Wishes:
    plain = Wishes(
        epoch=1,
        version=1,
        log="log",
        heard_up_to=0,
        kiosk="Automaat Markt",
        municipality="Voorbeeld",
        address="Markt 1",
        help_phone="+32 9 000 00 00",
        opening_hours=SAY,
        handovers=handovers,
        products=PRODUCTS,
        staff=(cleo(),),
    )
    return msgspec.structs.replace(plain, **changed)


def as_facts(*bodies: f.Body, since: int = 0, at: datetime = NOW) -> list[f.Fact]:
    """The bodies as facts of one log, numbered after `since`; their hashes are not looked at."""
    return [f.Fact(number=n, at=at, boot="boot", body=body, hash="") for n, body in enumerate(bodies, start=since + 1)]


def all_closed(fits: Iterable[Fitted]) -> dict[int, Any]:
    return {one.number: "closed" for one in fits}
