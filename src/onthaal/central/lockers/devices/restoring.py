"""After a backup was put back: numbers that walls may keep from before are not given out to somebody else."""

from __future__ import annotations

from django.db import connections

from onthaal.central.foundation.roles import OWNER
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.central.lockers.catalogue.models import Item
from onthaal.central.lockers.handovers.models import Handover

KEPT_BY_WALLS = (Handover, Grant, Item, Identification)
"""What facts name by number."""
LEAP = 1_000_000
"""How many numbers are left out at least; a tenth of what was given out, where that is more."""

_LEAP = """
    SELECT setval(kept.sequence, given.last + greatest(%s, given.last / 10))
    FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence) AS kept,
        LATERAL (SELECT coalesce(pg_sequence_last_value(kept.sequence), 0) AS last) AS given
"""


def leave_numbers_out() -> None:
    """Go on far behind every number that can have been given out since the backup. As the owner: the application
    cannot move a sequence. Doing it twice is harmless."""
    with connections[OWNER].cursor() as cursor:
        for model in KEPT_BY_WALLS:
            cursor.execute(_LEAP, [LEAP, model._meta.db_table])
