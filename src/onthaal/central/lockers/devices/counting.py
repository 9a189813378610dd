"""Counting personal documents by themselves, once a day: what a wall's doors and sensors say against the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.lockers.devices.models import SILENT_AFTER, KioskState
from onthaal.central.lockers.handovers import counting
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.places import queries as places
from onthaal.core import deadlines

COUNTS_AT = time(6)
"""Belgian time: before the desk opens."""
MUST_BE_COUNTED_BY = time(18)
"""A wall that could not be asked until then must be counted by hand."""


def count_walls(now: datetime) -> int:
    """Count every wall that ever had personal documents and was not asked yet today. How many were.

    One that is silent, or where somebody stands, is asked later; from the evening on staff must count it. Where nobody
    looked for a week, staff must too.
    """
    local = now.astimezone(deadlines.ZONE).time()
    if local < COUNTS_AT:
        return 0
    done = 0
    for kiosk in places.kiosks().order_by("pk"):  # as whoever else goes from wall to wall: lock order
        if counting.hand_count_is_due(kiosk.pk, now):
            _ask_people(kiosk.pk, "week-over")
        if counting.counted_today(kiosk.pk, now) or not handovers.had_personal(kiosk.pk):
            continue
        told = _told(kiosk.pk, now)
        if told is None:
            if local >= MUST_BE_COUNTED_BY:
                _ask_people(kiosk.pk, "wall-silent")
            continue
        counting.count(kiosk_id=kiosk.pk, there=_seen(kiosk.pk, told), by=None)
        done += 1
    return done


def _ask_people(kiosk_id: int, why: str) -> None:
    attention.open_task(kind="count-by-hand", about=f"kiosk:{kiosk_id}", slots={"why": why})


def _told(kiosk_id: int, now: datetime) -> Mapping[str, Any] | None:
    """What the wall said of itself; None while it is silent or serves somebody."""
    state = KioskState.objects.filter(kiosk_id=kiosk_id).first()
    if state is None or now - state.told_at > SILENT_AFTER or state.told.get("in_session"):
        return None
    told: Mapping[str, Any] = state.told
    return told


def _seen(kiosk_id: int, told: Mapping[str, Any]) -> dict[int, bool]:
    """Compartment row → something lies in it, behind a shut door. *Unknown* is never seen: people look."""
    doors, contents = told.get("doors", {}), told.get("contents", {})
    return {
        compartment.pk: doors.get(str(compartment.number)) == "closed"
        and contents.get(str(compartment.number)) == "holds"
        for compartment in places.compartments(kiosk_id)
    }
