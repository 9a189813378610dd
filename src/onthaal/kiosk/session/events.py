"""What can happen to a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from onthaal.core.facts import Channel, CodeAccepted
from onthaal.core.protocol import Confirmation
from onthaal.core.refusals import Why
from onthaal.kiosk.session.effects import Timer
from onthaal.kiosk.session.identity import Offer, Waiting
from onthaal.kiosk.session.state import Service, Spot, Staff, TakeOut, Thing, ToCheck


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Act(_Event, frozen=True, kw_only=True):
    """A person touched a button, or pressed a key."""

    act: str
    value: str = ""


class Scanned(_Event, frozen=True, kw_only=True):
    """A code was held before the reader. None: not readable."""

    text: str | None


class TagHeld(_Event, frozen=True, kw_only=True):
    """A tag lies before the reader; told again every second."""

    tag: str
    ours: bool
    """The wall knows it: of a loan, or of a thing that is planned here."""


class Rang(_Event, frozen=True, kw_only=True):
    timer: Timer
    tag: str | None = None


class ServiceChanged(_Event, frozen=True, kw_only=True):
    service: Service


# answers to what was asked


class Granted(_Event, frozen=True, kw_only=True):
    """The code is right. `spot` for a thing that goes out; a thing that comes back gets its place later."""

    session: str
    channel: Channel
    grant: int
    thing: Thing
    spot: Spot | None = None


class Denied(_Event, frozen=True, kw_only=True):
    """A code or a tag was refused. It is recorded, also when the person has left the screen meanwhile."""

    session: str
    channel: Channel
    why: Why
    real: Why | None = None
    """What is written down, where it says more than the person is told."""
    grant: int | None = None
    counts: bool = False
    staff: str | None = None
    facts: Mapping[str, str] = {}


class BadgeKnown(_Event, frozen=True, kw_only=True):
    badge: str
    shown_as: str


class StaffKnown(_Event, frozen=True, kw_only=True):
    session: str
    staff: Staff


class ThingFound(_Event, frozen=True, kw_only=True):
    """A tag or a label says which thing this is."""

    thing: Thing
    by_tag: bool


class ThingUnknown(_Event, frozen=True, kw_only=True):
    """A label or tag that staff cannot load."""

    why: Why
    tag: str | None = None


class Placed(_Event, frozen=True, kw_only=True):
    spot: Spot


class NoPlace(_Event, frozen=True, kw_only=True):
    why: Why


class Listed(_Event, frozen=True, kw_only=True):
    """The staff's lists."""

    takeouts: tuple[TakeOut, ...] | None = None
    checks: tuple[ToCheck, ...] | None = None


class Located(_Event, frozen=True, kw_only=True):
    """How the compartment is now that staff chose to open."""

    spot: Spot


# who somebody is


class OfferChanged(_Event, frozen=True, kw_only=True):
    """How people can say who they are here, now. None: not at all."""

    offer: Offer | None


class IdentityBegun(_Event, frozen=True, kw_only=True):
    """The centre has begun; from its answer. `number` is the centre's."""

    session: str
    attempt: int
    number: int
    url: str
    confirmation: Confirmation


class IdentityNotBegun(_Event, frozen=True, kw_only=True):
    session: str
    attempt: int
    why: Why


class DigitsChecked(_Event, frozen=True, kw_only=True):
    """What the centre says of the digits. None: it could not be asked."""

    session: str
    number: int
    right: bool | None


class IdentityApproved(_Event, frozen=True, kw_only=True):
    """The centre named these handovers; `waiting` is what this wall has of them, and can open."""

    session: str
    number: int
    handovers: tuple[int, ...]
    waiting: tuple[Waiting, ...]


class IdentityNotApproved(_Event, frozen=True, kw_only=True):
    session: str
    number: int
    why: Why


class PageGone(_Event, frozen=True, kw_only=True):
    """The provider's page is away without an answer: it could not be shown, left its addresses, or was shut."""

    session: str
    number: int


# the doors


class OpenRefused(_Event, frozen=True, kw_only=True):
    """The last guard said no: nothing was pulsed and no intent was written."""

    why: Why
    code: CodeAccepted | None = None
    """The right code that asked for it, which is on no record."""


class PulseFailed(_Event, frozen=True, kw_only=True):
    """The line is gone: this pulse was not sent."""

    intent: str


class DoorUnseen(_Event, frozen=True, kw_only=True):
    """The session's door cannot be read any more."""

    intent: str


class Opened(_Event, frozen=True, kw_only=True):
    """The contact of the session's door changed to open."""

    intent: str


class Shut(_Event, frozen=True, kw_only=True):
    """The session's door is shut and its sensor has settled."""

    intent: str
    present: bool | None = None


class PresenceChanged(_Event, frozen=True, kw_only=True):
    """What the sensor behind the session's open door shows."""

    intent: str
    present: bool | None


class WallStopped(_Event, frozen=True, kw_only=True):
    """Another door moved than the one that was pulsed."""

    kind: Literal["wrong-door"] = "wrong-door"


OfIdentity = (
    OfferChanged | IdentityBegun | IdentityNotBegun | DigitsChecked | IdentityApproved | IdentityNotApproved | PageGone
)
Event = (
    Act | Scanned | TagHeld | Rang | ServiceChanged | Granted | Denied | BadgeKnown | StaffKnown | ThingFound
    | ThingUnknown | Placed | NoPlace | Listed | Located | OpenRefused | PulseFailed | DoorUnseen | Opened
    | Shut | PresenceChanged | WallStopped | OfIdentity
)  # fmt: skip
