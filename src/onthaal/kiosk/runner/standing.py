"""Which machines are away or in doubt, and for how long: a moment is the weather, a minute is somebody's work."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Literal

from onthaal.clock import Clock

if TYPE_CHECKING:
    from onthaal.kiosk.runner.run import Machines

READER_AWAY = 10.0
"""Seconds after which nobody is asked to hold anything before this reader."""
LASTS = 60.0
"""Seconds after which a technician should know."""

_BUS, _READER = "bus-degraded", "reader-silent"


class Standing:
    """`look` now and then; then ask."""

    def __init__(self, machines: Machines, clock: Clock) -> None:
        self._machines, self._clock = machines, clock
        self._since: dict[tuple[str, str], float] = {}
        """What is wrong with which machine, and since when by the monotonic clock."""

    def look(self, broken: AbstractSet[str]) -> None:
        """`broken`: buses of which a silent board was told; that is another trouble, told in its own way."""
        readers = {"code": self._machines.code_reader, "tag": self._machines.tag_reader}
        wrong = {(_READER, name) for name, reader in readers.items() if reader is not None and not reader.up}
        buses = self._machines.locks.buses()
        wrong |= {(_BUS, name) for name, state in buses.items() if state == "degraded" and name not in broken}
        now = self._clock.monotonic()
        self._since = {one: self._since.get(one, now) for one in wrong}

    def reads(self, name: Literal["code", "tag"]) -> bool:
        """Whether there is such a reader and people may be asked to use it."""
        there = self._machines.code_reader if name == "code" else self._machines.tag_reader
        return there is not None and not self._for((_READER, name), READER_AWAY)

    def troubles(self) -> tuple[str, ...]:
        """What has lasted a minute, for `State.troubles`."""
        return tuple(sorted({one[0] for one in self._since if self._for(one, LASTS)}))

    def _for(self, one: tuple[str, str], seconds: float) -> bool:
        since = self._since.get(one)
        return since is not None and self._clock.monotonic() - since >= seconds
