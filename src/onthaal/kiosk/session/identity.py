"""What a session knows of somebody who says who they are: never who it is. Frozen; gone with the session."""

from __future__ import annotations

import msgspec

from onthaal.core.protocol import Confirmation, Way, Words3
from onthaal.kiosk.session.things import Spot, Thing


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Offer(_Frozen, frozen=True, kw_only=True):
    """How people can say who they are at this wall, as it is now."""

    name: Words3
    """The provider, as people know it."""
    ways: tuple[Way, ...] = ()
    """Without the page where the wall's own browser does not answer."""
    up: bool = True
    """The centre is reached."""

    @property
    def open(self) -> bool:
        return self.up and bool(self.ways)


class Identifying(_Frozen, frozen=True, kw_only=True):
    """From the choice of a way until the centre's answer, or the end."""

    way: Way
    attempt: int
    """Answers to an earlier attempt of the same session do not count."""
    left: int
    """Seconds that surely remain, in coarse steps."""
    number: int | None = None
    """The centre's, once it answered."""
    url: str = ""
    confirmation: Confirmation | None = None


class Waiting(_Frozen, frozen=True, kw_only=True):
    """One approved thing that is still to be taken."""

    thing: Thing
    spot: Spot


class Approval(_Frozen, frozen=True, kw_only=True):
    """The centre said that these are for whoever stands here. It dies soon, and with the session at the latest."""

    identification: int
    waiting: tuple[Waiting, ...]
    left: int = 45
    """Seconds that surely remain for the next door, in coarse steps."""
    longer: bool = False
    """More time was asked for: that goes once."""


# the steps


class IdentifyWay(_Frozen, frozen=True, kw_only=True):
    """Both ways are offered: which one?"""


class IdentifyStarting(_Frozen, frozen=True, kw_only=True):
    pass


class IdentifyPage(_Frozen, frozen=True, kw_only=True):
    """The number is shown; with `covered` the provider's page lies over the screen, all but its lower bar."""

    covered: bool = False


class IdentifyPhone(_Frozen, frozen=True, kw_only=True):
    pass


class IdentifyDigits(_Frozen, frozen=True, kw_only=True):
    digits: str = ""


class IdentifyWaiting(_Frozen, frozen=True, kw_only=True):
    """The centre is asked; its answer comes."""


class IdentifyNext(_Frozen, frozen=True, kw_only=True):
    """Approved: one door after the other, each when the person says so."""


WITHOUT_ANSWER = IdentifyStarting | IdentifyPage | IdentifyPhone | IdentifyDigits | IdentifyWaiting
