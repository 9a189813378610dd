"""What follows when a provider falls silent or comes back, and when somebody guesses digits at a wall."""

from __future__ import annotations

from datetime import timedelta

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.access.models import Identification
from onthaal.central.lockers.places import actions as places
from onthaal.core.refusals import Why

GUESSES = 3
GUESSES_WITHIN = timedelta(hours=1)
"""So many identifications with wrong digits at one wall in that time, and the desk hears of it. Somebody may have had
an addressee approve elsewhere, and try to get in here."""


def provider_is_silent(entry: Entry) -> None:
    """The desk sees it, and every wall says so on its first screen."""
    slots = {"profile": entry.data["profile"]}
    attention.raise_alert(kind="provider-silent", level=Alert.Level.WARNING, about=entry.stream, slots=slots)
    places.raise_all_wishes()


def provider_is_back(entry: Entry) -> None:
    attention.alert_over("provider-silent", entry.stream)
    places.raise_all_wishes()


def provider_was_changed(entry: Entry) -> None:
    """Walls name another one now, or offer it in another way. (The desk heard of it when it was stored.)"""
    places.raise_all_wishes()


def count_guesses(entry: Entry) -> None:
    """Somebody typed wrong digits, perhaps not for the first time."""
    if entry.data.get("why") != Why.DIGITS_WRONG:
        return
    guesses = Identification.objects.filter(
        kiosk_id=entry.about["kiosk"], why=Why.DIGITS_WRONG.value, decided_at__gt=entry.at - GUESSES_WITHIN
    ).count()
    if guesses >= GUESSES:
        level, an_hour = Alert.Level.WARNING, attention.AN_HOUR
        attention.raise_alert(kind="digits-guessed", level=level, about=entry.stream, again_after=an_hour)
