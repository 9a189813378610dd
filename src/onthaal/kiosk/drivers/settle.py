"""When a reading counts: two equal ones, at least 50 ms apart. Unknown counts at once."""

from __future__ import annotations

from typing import Generic, TypeVar

SETTLES_AFTER = 0.05
"""Contacts of these locks bounce for some milliseconds; a hand cannot open and shut within 50."""

_V = TypeVar("_V")


class Settled(Generic[_V]):
    """One contact: what was last read and what counts. `None` is unknown. Times in seconds of any one clock."""

    def __init__(self) -> None:
        self.value: _V | None = None
        self.read: _V | None = None
        self.since = 0.0
        """When the last reading was first seen."""

    @property
    def certain(self) -> bool:
        return self.read == self.value

    def take(self, reading: _V | None, now: float) -> bool:
        """Take one reading; True when what counts changed."""
        if reading != self.read:
            self.read, self.since = reading, now
            if reading is not None:
                return False
        elif reading is not None and now - self.since < SETTLES_AFTER:
            return False
        changed = reading != self.value
        self.value = reading
        return changed
