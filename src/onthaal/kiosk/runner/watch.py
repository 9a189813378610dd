"""What a door's movement means, by what was asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from onthaal.kiosk.ports import Door

Meaning = Literal["nothing", "first-open", "first-closed", "opened", "forced", "wrong", "changed", "shut", "shut-stray"]


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the doors and asked of them."""

    last: Mapping[int, Door] = {}
    """The last reading that was sure."""
    silent: frozenset[int] = frozenset()
    """Not sure since."""
    pulsed: Mapping[int, str] = {}
    """Compartment → the intent that should open it."""
    opened: Mapping[int, str] = {}
    """Compartment → the intent that opened it; until it is shut."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading means. `intent` whose door moved; `pulsed` the compartment that should have, when another did."""

    meaning: Meaning = "nothing"
    intent: str | None = None
    pulsed: int | None = None


def asked(watch: Watch, compartment: int, intent: str) -> Watch:
    """A pulse goes to this door. One that already reads open cannot show that it opens: it counts as opened."""
    if watch.last.get(compartment) == "open":
        return replace(watch, opened={**watch.opened, compartment: intent})
    return replace(watch, pulsed={**watch.pulsed, compartment: intent})


def given_up(watch: Watch, intent: str) -> Watch:
    """Nobody waits for this door to open any more."""
    return replace(watch, pulsed={n: one for n, one in watch.pulsed.items() if one != intent})


def taken_for_open(watch: Watch, intent: str) -> Watch:
    """Somebody stands at this door and it may be open, whatever its contact reads."""
    opened = {number: one for number, one in watch.pulsed.items() if one == intent}
    return replace(given_up(watch, intent), opened={**watch.opened, **opened})


def late(watch: Watch, compartment: int, intent: str) -> Watch:
    """The door opened by a pulse that nobody waited for any more."""
    return replace(watch, opened={**watch.opened, compartment: intent})


def left(watch: Watch, compartment: int) -> Watch:
    """The door is shut and said to be."""
    return replace(watch, opened={n: one for n, one in watch.opened.items() if n != compartment})


def seen(watch: Watch, compartment: int, door: Door) -> tuple[Watch, Seen]:
    """One settled reading. *Opened* is only ever a change of the contact from closed to open."""
    if door == "unknown":
        return replace(watch, silent=watch.silent | {compartment}), Seen()
    before, was_silent = watch.last.get(compartment), compartment in watch.silent
    after = replace(watch, last={**watch.last, compartment: door}, silent=watch.silent - {compartment})
    if before is None:
        return after, Seen(meaning="first-open" if door == "open" else "first-closed")
    if before == door:
        return after, Seen()
    if door == "open":
        return _opened(after, compartment, was_silent=was_silent)
    intent = after.opened.get(compartment)
    return after, Seen(meaning="shut" if intent else "shut-stray", intent=intent)


def _opened(watch: Watch, compartment: int, *, was_silent: bool) -> tuple[Watch, Seen]:
    intent = watch.pulsed.get(compartment)
    if intent is not None:
        pulsed = {n: one for n, one in watch.pulsed.items() if n != compartment}
        opened = {**watch.opened, compartment: intent}
        return replace(watch, pulsed=pulsed, opened=opened), Seen(meaning="opened", intent=intent)
    if compartment in watch.opened:
        return watch, Seen()  # shut and opened again before it had settled
    if was_silent:
        return watch, Seen(meaning="changed")
    if watch.pulsed:
        return watch, Seen(meaning="wrong", pulsed=next(iter(watch.pulsed)))
    return watch, Seen(meaning="forced")
