"""The last guard before a pulse, on the newest facts and on what the sensors show at that moment."""

from __future__ import annotations

from collections.abc import Mapping

from onthaal.core.facts import OpenIntended, Purpose
from onthaal.core.refusals import Why
from onthaal.kiosk.ports import Door
from onthaal.kiosk.pulses import Asked
from onthaal.kiosk.session.staff import LINES, RIGHTS
from onthaal.kiosk.truth import Truth


def refusal(truth: Truth, intent: OpenIntended, *, doors: Mapping[int, Door]) -> Why | None:
    """Why this intent may not become a pulse; None when it may. `doors`: what the sensors show now."""
    asked = Asked(
        compartment=intent.compartment,
        purpose=intent.purpose,
        handover=intent.handover,
        session=intent.session,
        staff=intent.staff,
        doors=doors,
    )
    denied = truth.denied(asked)
    if denied is not None:
        return denied.why
    return Why.BADGE_UNKNOWN if intent.staff is not None and not _may(truth, intent.staff, intent.purpose) else None


def _may(truth: Truth, account: str, purpose: Purpose) -> bool:
    """Whether this staff member may open for that now: a badge may be withdrawn while its owner stands there."""
    wishes = truth.wishes
    badge = next((one for one in wishes.staff if one.account == account), None) if wishes else None
    return badge is not None and any(right in RIGHTS[LINES[purpose]] for right in badge.rights)
