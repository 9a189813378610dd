"""What the clock does to codes: a wall that stays behind is told to the staff."""

from __future__ import annotations

from datetime import datetime, timedelta

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.lockers.access.models import Grant

STAYS_BEHIND_AFTER = timedelta(minutes=10)
"""So long a code waits for its wall before somebody hears of it."""


def watch_walls(now: datetime) -> list[int]:
    """Alert about walls that did not take over a code in time; over for those that did. The kiosks behind."""
    late = Notice.objects.filter(status=Notice.Status.HELD, created_at__lt=now - STAYS_BEHIND_AFTER)
    handovers = {
        int(about.partition(":")[2]) for about in late.values_list("about", flat=True) if about[:9] == "handover:"
    }
    grants = Grant.objects.filter(handover_id__in=handovers, status=Grant.Status.AWAKE, sealed__isnull=False)
    behind = sorted(set(grants.values_list("kiosk_id", flat=True)))
    for kiosk in behind:
        attention.raise_alert(kind="wall-behind", level=Alert.Level.WARNING, about=f"kiosk:{kiosk}")
    open_ones = Alert.objects.filter(kind="wall-behind", over_at=None)
    for about in open_ones.values_list("about", flat=True):
        if int(about.partition(":")[2]) not in behind:
            attention.alert_over("wall-behind", about)
    return behind
