"""What a door is opened for, and the compartment behind it."""

from __future__ import annotations

from typing import Literal

import msgspec

from onthaal.core.protocol import Words3


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Thing(_Frozen, frozen=True, kw_only=True):
    """What a door is opened for."""

    handover: int | None = None
    item: int | None = None
    tag: str | None = None
    names: Words3 | None = None
    tagged: bool = False
    first_staff: str | None = None
    """Who prepared it, where two people are needed."""
    back: bool = False
    """It comes back into the wall; otherwise it goes out."""


class Spot(_Frozen, frozen=True, kw_only=True):
    """A compartment as it is before its door is opened."""

    compartment: int
    door: Literal["open", "closed", "unknown"] = "closed"
    present: bool | None = None
    """None: no sensor, or it does not answer."""
