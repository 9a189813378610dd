"""Which rows a POST's facts speak of: they are locked and read before anything is decided. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from onthaal.central.lockers.devices import telling
from onthaal.central.lockers.devices.telling import Told
from onthaal.core import facts

_LARGEST_INT4 = 2**31 - 1


class Named(msgspec.Struct, frozen=True):
    """What a POST's facts speak of: which rows must be locked and read."""

    handovers: tuple[int, ...] = ()
    doors: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    grants: tuple[int, ...] = ()
    nonces: tuple[str, ...] = ()
    identifications: tuple[int, ...] = ()
    unplanned: int = 0
    """How many things came back without a handover."""


def named_in(told: Iterable[Told]) -> Named:
    """Which rows facts speak of. Numbers that no row can have are left out: they are unknown either way."""
    bodies = [each.fact.body for each in told if each.fact is not None]

    def ids(field: str, largest: int = telling.LARGEST_ID) -> tuple[int, ...]:
        said = {getattr(body, field, None) for body in bodies}
        return tuple(sorted(number for number in said if isinstance(number, int) and 0 < number <= largest))

    returned = [body for body in bodies if isinstance(body, facts.Returned | facts.FoundItem)]
    unplanned = sum(isinstance(body, facts.Returned) and body.handover is None for body in returned)
    return Named(
        handovers=tuple(sorted({*ids("handover"), *ids("expected")})),
        doors=ids("compartment", _LARGEST_INT4),
        items=ids("item"),
        tags=tuple(sorted({body.tag for body in returned if body.tag})),
        grants=tuple(
            sorted({
                body.grant
                for body in bodies
                if isinstance(body, facts.CodeRefused) and body.counts and 0 < (body.grant or 0) <= telling.LARGEST_ID
                if body.grant is not None
            })
        ),
        nonces=tuple(sorted({body.nonce for body in bodies if isinstance(body, facts.CommandAnswered)})),
        identifications=ids("identification"),
        unplanned=unplanned,
    )  # fmt: skip
