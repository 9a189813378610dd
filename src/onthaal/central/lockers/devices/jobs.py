"""What the worker does about devices at every tick. Deadlines are columns, compared with our clock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.lockers.devices import serving
from onthaal.central.lockers.devices.models import SILENT_AFTER, Device, KioskState
from onthaal.central.lockers.handovers import jobs as handovers
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.handovers.actions import lock
from onthaal.central.lockers.places import queries as places


def silent(now: datetime) -> int:
    """Mark every enrolled kiosk of this municipality that told no state for three minutes. How many were new.

    It is over as soon as the kiosk tells its state again (`actions.keep_state`).
    """
    quiet = KioskState.objects.select_for_update().filter(told_at__lt=now - SILENT_AFTER, silent_since=None)
    enrolled = set(Device.objects.filter(retired_at=None).values_list("kiosk", flat=True))
    found = 0
    for state in quiet.order_by("kiosk_id"):
        if state.kiosk_id not in enrolled:
            continue
        found += 1
        state.silent_since = now
        state.save(update_fields=["silent_since"])
        about = f"kiosk:{state.kiosk_id}"
        journal.note(stream=about, kind="kiosk.silent", at=now, about={"kiosk": state.kiosk_id})
        where = places.named(state.kiosk_id)
        attention.raise_alert(kind="kiosk-silent", level="warning", about=about, slots={"where": where})
    return found


@transaction.atomic
def stop_clocks(now: datetime) -> int:
    """Let the deadlines stand still of what nobody can collect or bring back now, and run on of what they can again
    (promise 14). How many stand still."""
    under = list(queries.under_a_clock())
    walls = serving.walls() if under else {}
    held = {handover.pk for handover in under if not serving.can_be_served(walls, handover)}
    newly = [handover.pk for handover in under if handover.pk in held and handover.stuck_since is None]
    again = [handover.pk for handover in under if handover.pk not in held and handover.stuck_since is not None]
    lock([*newly, *again])  # all at once: lock order
    handovers.stuck(newly, now)
    handovers.unstuck(again, now)
    return len(held)
