"""Reading places."""

from __future__ import annotations

from django.db.models import QuerySet

from onthaal.central.lockers.places.models import Block, Compartment, Kiosk
from onthaal.words import LANGS, words


def kiosks() -> QuerySet[Kiosk]:
    """The walls in use, by name, with their sites."""
    return Kiosk.objects.filter(retired_at=None).select_related("site").order_by("name")


def compartments(kiosk_id: int) -> QuerySet[Compartment]:
    """The doors that a kiosk has, by number."""
    return Compartment.objects.filter(kiosk_id=kiosk_id, removed_at=None).order_by("number")


def has_door(kiosk_id: int, number: object) -> bool:
    """Whether a kiosk has a compartment with this number: facts may name any."""
    return isinstance(number, int) and compartments(kiosk_id).filter(number=number).exists()


def named(kiosk_id: int, door: int | None = None) -> dict[str, str]:
    """A wall, or a door of it, as people of each language say it."""
    name = Kiosk.objects.get(pk=kiosk_id).name
    if door is None:
        return dict.fromkeys(LANGS, name)
    return {lang: words("desk.at-place", lang, wall=name, number=door) for lang in LANGS}


def open_blocks(kiosk_id: int) -> QuerySet[Block]:
    """The centre's blocks at a kiosk, by door number."""
    return (
        Block.objects.filter(compartment__kiosk_id=kiosk_id, lifted_at=None)
        .select_related("compartment", "set_by")
        .order_by("compartment__number")
    )


def other_walls(kiosk_id: int) -> QuerySet[Kiosk]:
    """The municipality's other walls, for who stands at the wrong one."""
    return kiosks().exclude(pk=kiosk_id)
