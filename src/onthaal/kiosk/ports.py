"""What the agent may ask of the wall's machines, and what they tell it.

A port says nothing by return value that matters: whatever a machine shows is an observation on one queue, in the
order it was seen. `at` and `edge_at` are seconds of the agent's monotonic clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from onthaal.core.refusals import Fault

Door = Literal["open", "closed", "unknown"]
BusState = Literal["up", "degraded", "silent"]
Pace = Literal["idle", "session"]


class DoorSeen(msgspec.Struct, frozen=True):
    """A door's settled state changed. Opened is this with `door="open"`, nothing else is."""

    compartment: int
    door: Door
    raw: int | None = None
    """The contact bit as the board sent it; None while unknown."""
    at: float = 0.0
    """When it counted as settled: two equal readings at least 50 ms apart."""
    edge_at: float = 0.0
    """When the contact was first read so."""


class PresenceSeen(msgspec.Struct, frozen=True):
    """What a presence sensor shows changed; None: it does not answer. Never sent for a compartment without one."""

    compartment: int
    present: bool | None
    at: float = 0.0


class BusSeen(msgspec.Struct, frozen=True):
    """A lock bus changed state. silent: no board answers or the line is gone, and all its doors are unknown.
    degraded: some board is silent, or what is heard is suspicious (noise, late or double answers)."""

    bus: str
    state: BusState
    at: float = 0.0
    silent: frozenset[int] = frozenset()
    """The compartments whose board does not answer: all of the bus, or those of one dead board among others."""


class CodeRead(msgspec.Struct, frozen=True):
    """One code as the reader gave it, without terminator or control characters. Never log it."""

    text: str


class UnreadableCode(msgspec.Struct, frozen=True):
    """Something was scanned that is no text, or too long to be one of ours."""


class TagSeen(msgspec.Struct, frozen=True):
    """A tag lies before the reader; told again every second while it stays. `rssi` in dBm where the reader says."""

    tag: str
    rssi: int | None = None


Observation = DoorSeen | PresenceSeen | BusSeen | CodeRead | UnreadableCode | TagSeen
Observations = asyncio.Queue[Observation]


class LineDown(Fault):
    """A line to a machine cannot be used now: unplugged, not there, or taken by another program."""

    passing = True
    advice = "fault.line-unavailable"


class LockBus(Protocol):
    """Locks and their contacts. There is no way to ask for more than one door."""

    async def run(self) -> None:
        """Watch until cancelled; what is seen goes on the queue. Never raises for a machine that is away."""

    async def pulse(self, compartment: int) -> None:
        """Send one unlock frame; returns when its last byte is out. Says nothing about the door.

        Raises LineDown when nothing was sent, KeyError for a compartment that is not there.
        """

    def doors(self) -> Mapping[int, Door]:
        """Every compartment's settled door state now."""

    def presence(self) -> Mapping[int, bool | None]:
        """What the presence sensors show now; only compartments that have one."""

    def buses(self) -> Mapping[str, BusState]:
        """Every bus's state now."""

    def set_pace(self, pace: Pace) -> None:
        """Look five times a second while a session is on, once a second when idle."""


class BrowserGone(Fault):
    """The wall's own browser is not there, died, or does not do what it is told."""

    passing = True
    advice = "fault.line-unavailable"


class Browser(Protocol):
    """The browser that shows the wall's screen. It lays one page of somebody else's over it, and takes it away."""

    @property
    def up(self) -> bool:
        """It runs and answers."""

    async def run(self) -> None:
        """Keep it running until cancelled. Never raises for a browser that is away."""

    async def show(self, url: str) -> None:
        """Show this page in a fresh context, until cancelled; then nothing of the context is left.

        Returns by itself when the page was shut or left the addresses it may show; BrowserGone when it could not be
        shown, or the browser died meanwhile.
        """


class Reader(Protocol):
    """What code readers and tag readers have in common."""

    @property
    def up(self) -> bool:
        """Whether its line is open and, where it is asked things, it answers."""

    async def run(self) -> None:
        """Read until cancelled; what is read goes on the queue. Never raises for a machine that is away."""

    def arm(self) -> None:
        """Tell what is read from now on (so it is from the start)."""

    def disarm(self) -> None:
        """Drop what is read, until armed again."""


class CodeReader(Reader, Protocol):
    """Tells CodeRead and UnreadableCode."""


class TagReader(Reader, Protocol):
    """Tells TagSeen."""
