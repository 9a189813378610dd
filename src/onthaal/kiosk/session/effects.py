"""What a session wants done. The runner does it, in order."""

from __future__ import annotations

from typing import Literal

import msgspec

from onthaal.core.facts import Body, OpenIntended
from onthaal.kiosk.session.state import Thing

Timer = Literal["idle", "detect", "door", "tag"]


class _Effect(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Tell(_Effect, frozen=True, kw_only=True):
    """Append these facts in one transaction."""

    bodies: tuple[Body, ...]


class Open(_Effect, frozen=True, kw_only=True):
    """Append `first` and the intent in one transaction; when that has returned, send one pulse."""

    intent: OpenIntended
    first: tuple[Body, ...] = ()


class PulseAgain(_Effect, frozen=True, kw_only=True):
    """Append *Pulsed*, then send one more pulse of this intent, unless its door ever read open."""

    intent: str
    compartment: int
    pulse: int


class Wake(_Effect, frozen=True, kw_only=True):
    """Ring this timer after so many seconds, instead of whenever it would have rung; None: never."""

    timer: Timer
    seconds: float | None


class CheckPin(_Effect, frozen=True, kw_only=True):
    session: str
    text: str


class CheckQr(_Effect, frozen=True, kw_only=True):
    session: str
    text: str


class CheckBadge(_Effect, frozen=True, kw_only=True):
    session: str
    text: str


class CheckStaffPin(_Effect, frozen=True, kw_only=True):
    session: str
    badge: str
    pin: str


class FindReturn(_Effect, frozen=True, kw_only=True):
    session: str
    tag: str


class FindLabel(_Effect, frozen=True, kw_only=True):
    text: str


class FindLoadTag(_Effect, frozen=True, kw_only=True):
    tag: str


class FindPlace(_Effect, frozen=True, kw_only=True):
    """A free compartment that fits, for a thing to load or to bring back."""

    thing: Thing


class Locate(_Effect, frozen=True, kw_only=True):
    """How this compartment is now."""

    compartment: int


class ListTakeouts(_Effect, frozen=True, kw_only=True):
    pass


class ListChecks(_Effect, frozen=True, kw_only=True):
    pass


class Drop(_Effect, frozen=True, kw_only=True):
    """The session has left this door open: from now on only the wall watches it."""

    intent: str


Effect = (
    Tell | Open | PulseAgain | Wake | CheckPin | CheckQr | CheckBadge | CheckStaffPin | FindReturn | FindLabel
    | FindLoadTag | FindPlace | Locate | ListTakeouts | ListChecks | Drop
)  # fmt: skip
