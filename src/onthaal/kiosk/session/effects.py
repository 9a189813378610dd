"""What a session wants done. The runner does it, in order."""

from __future__ import annotations

from typing import Literal

import msgspec

from onthaal.core.facts import Body, OpenIntended
from onthaal.core.protocol import Way
from onthaal.kiosk.session.state import Thing

Timer = Literal["idle", "detect", "door", "tag", "identity", "approval", "longest"]


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
    tag: str | None = None
    """Whose *tag* timer it is: each tag before the reader has its own."""


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
    staff: str
    """Who would load it."""


class FindLoadTag(_Effect, frozen=True, kw_only=True):
    tag: str
    staff: str


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
    compartment: int


class StartIdentification(_Effect, frozen=True, kw_only=True):
    """Ask the centre to begin: once, and for this session only."""

    session: str
    attempt: int
    way: Way
    language: Literal["nl", "fr", "en"]


class TypeDigits(_Effect, frozen=True, kw_only=True):
    """Have the centre check the digits of the phone: one try."""

    session: str
    identification: int
    digits: str


class EndIdentification(_Effect, frozen=True, kw_only=True):
    """Tell the centre that nothing that comes later counts."""

    session: str
    identification: int


class ShowPage(_Effect, frozen=True, kw_only=True):
    """The provider's page over the screen, in a fresh context of the wall's own browser."""

    session: str
    identification: int
    url: str


class ClosePage(_Effect, frozen=True, kw_only=True):
    """Close it, and all that it left."""


Effect = (
    Tell | Open | PulseAgain | Wake | CheckPin | CheckQr | CheckBadge | CheckStaffPin | FindReturn | FindLabel
    | FindLoadTag | FindPlace | Locate | ListTakeouts | ListChecks | Drop | StartIdentification | TypeDigits
    | EndIdentification | ShowPage | ClosePage
)  # fmt: skip
