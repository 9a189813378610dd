"""What follows when something is wrong at a wall: staff is warned, and asked to go and look.

Followers, as in `central/followers.py`, whose table names them.
"""

from __future__ import annotations

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.attention.queries import door_of, parted
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.places import queries as places

LEVELS = {
    "door-forced": Alert.Level.CRITICAL,
    "wrong-door": Alert.Level.CRITICAL,
    "chain-broken": Alert.Level.CRITICAL,
    "log-replaced": Alert.Level.CRITICAL,
    "log-gap": Alert.Level.CRITICAL,
}
"""What is more than a warning."""


def warn(entry: Entry) -> None:
    """Something is wrong at a wall: an alert named after the entry's kind, one for each door. Its mail says where."""
    kind, about = entry.kind.partition(".")[2], _where(entry)
    level = LEVELS.get(kind, Alert.Level.WARNING)
    slots = _slots(entry) | {"where": places.named(entry.about["kiosk"], parted(about)[1])}
    attention.raise_alert(kind=kind, level=level, about=about, slots=slots, again_after=attention.AN_HOUR)


def ask_to_look(entry: Entry) -> None:
    """Somebody must go and look: a task named after the entry's kind, for each door its own."""
    attention.open_task(kind=entry.kind.partition(".")[2], about=_where(entry), slots=_slots(entry))


def count_is_done(entry: Entry) -> None:
    """Somebody looked into every compartment: a difference is a task of its own."""
    attention.finish_task(kind="log-gap", about=entry.stream)


def bus_is_back(entry: Entry) -> None:
    """Over when every board of it answers."""
    if not entry.data.get("still"):
        attention.alert_over("bus-silent", entry.stream)


def _where(entry: Entry) -> str:
    """The door it speaks of; the wall where it names none, or one that this wall has not."""
    number = entry.about.get("compartment")
    known = number is not None and places.has_door(entry.about["kiosk"], number)
    return door_of(entry.stream, number) if known else entry.stream


def _slots(entry: Entry) -> dict[str, object]:
    slots = {"compartment": entry.about.get("compartment"), "why": entry.data.get("why")}
    return {name: value for name, value in slots.items() if value is not None}
