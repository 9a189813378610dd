"""A municipality's first wall and products, as data: for the demo, for tests, and as an example to start from.

Doing it twice changes nothing that is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from onthaal.central.lockers.catalogue.actions import add_item
from onthaal.central.lockers.catalogue.models import Item, Product
from onthaal.central.lockers.places.models import Kiosk, Site, Size

SITE = {"name": "Gemeentehuis Aalter", "address": "Europalaan 22, 9880 Aalter"}

KIOSK: dict[str, Any] = {
    "name": "Automaat gemeentehuis",
    "help_phone": "+32 9 000 00 00",
    "opening_hours": {
        "nl": "Loket open: maandag tot vrijdag 9-12 uur, woensdag ook 14-19 uur",
        "fr": "Guichet ouvert : du lundi au vendredi 9-12 h, le mercredi aussi 14-19 h",
        "en": "Counter open: Monday to Friday 9-12, Wednesday also 14-19",
        "week": [
            [["09:00", "12:00"]],
            [["09:00", "12:00"]],
            [["09:00", "12:00"], ["14:00", "19:00"]],
            [["09:00", "12:00"]],
            [["09:00", "12:00"]],
            [],
            [],
        ],
    },
}

VOUCHERS: dict[str, Any] = {
    "slug": "aalterbonnen",
    "name_nl": "Aalterbonnen",
    "name_fr": "Bons d’Aalter",
    "name_en": "Aalter vouchers",
    "about_nl": "Bonnen die uw zaak aan klanten of personeel geeft.",
    "about_fr": "Des bons que votre entreprise offre à ses clients ou à son personnel.",
    "about_en": "Vouchers that your business gives to customers or staff.",
    "kind": Product.Kind.VOUCHER,
    "mode": Product.Mode.PICK_UP,
    "size": Size.S,
    "locker_allowed": True,
    "for_residents": False,
    "for_associations": False,
}

MATERIAL: dict[str, Any] = {
    "slug": "klein-feestmateriaal",
    "name_nl": "Klein feestmateriaal",
    "name_fr": "Petit matériel de fête",
    "name_en": "Small party material",
    "about_nl": "Een koffer met verlengkabels, vlaggetjes en polsbandjes.",
    "about_fr": "Une valise avec des rallonges, des fanions et des bracelets.",
    "about_en": "A case with extension leads, flags and wristbands.",
    "kind": Product.Kind.MATERIAL,
    "mode": Product.Mode.LEND,
    "size": Size.M,
    "tagged": True,
    "locker_allowed": True,
}

CASES = tuple((f"Feestkoffer {n}", f"E2801160600000000000A00{n}") for n in range(1, 7))
"""Name and RFID tag of each thing to lend."""


@dataclass(frozen=True)
class Seeded:
    """What there is after seeding."""

    site: Site
    kiosk: Kiosk
    vouchers: Product
    material: Product
    items: tuple[Item, ...]


def seed_aalter() -> Seeded:
    """One site with its wall, vouchers to collect, and six tagged things to lend, in the scope's municipality."""
    site, _ = Site.objects.get_or_create(name=SITE["name"], defaults=SITE)
    kiosk, _ = Kiosk.objects.get_or_create(site=site, name=KIOSK["name"], defaults=KIOSK)
    vouchers, _ = Product.objects.get_or_create(slug=VOUCHERS["slug"], defaults=VOUCHERS)
    material, _ = Product.objects.get_or_create(slug=MATERIAL["slug"], defaults=MATERIAL)
    items = tuple(
        Item.objects.filter(tag=tag).first() or add_item(product=material, name=name, tag=tag) for name, tag in CASES
    )
    return Seeded(site, kiosk, vouchers, material, items)
