"""A municipality's first wall and products, as data: for the demo, for tests, and as an example to start from.

Doing it twice changes nothing that is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue.actions import add_item
from onthaal.central.lockers.catalogue.clearances import give_clearance
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

_PERSONAL: dict[str, Any] = {
    "kind": Product.Kind.DOCUMENT,
    "mode": Product.Mode.PICK_UP,
    "size": Size.S,
    "personal": True,
    "two_staff": True,
    "for_businesses": False,
    "for_associations": False,
    "needs_photo": True,
}
"""Of documents for one person. None is allowed in a wall before the municipality filled in its checklist."""

LICENCE: dict[str, Any] = {
    **_PERSONAL,
    "slug": "voorlopig-rijbewijs",
    "name_nl": "Voorlopig rijbewijs",
    "name_fr": "Permis de conduire provisoire",
    "name_en": "Provisional driving licence",
    "about_nl": "Om te leren rijden, na uw theorie-examen.",
    "about_fr": "Pour apprendre à conduire, après votre examen théorique.",
    "about_en": "To learn to drive, after your theory test.",
    "needs_certificate": True,
    "asks_old_document": True,
    "fee_cents": 2500,
}

PASSPORT: dict[str, Any] = {
    **_PERSONAL,
    "slug": "eerste-reispas",
    "name_nl": "Eerste reispas",
    "name_fr": "Premier passeport",
    "name_en": "First passport",
    "about_nl": "Uw eerste internationale reispas.",
    "about_fr": "Votre premier passeport international.",
    "about_en": "Your first international passport.",
    "fee_cents": 7100,
}

IDENTITY_CARD: dict[str, Any] = {
    **_PERSONAL,
    "slug": "identiteitskaart",
    "kind": Product.Kind.IDENTITY_CARD,
    "name_nl": "Identiteitskaart",
    "name_fr": "Carte d’identité",
    "name_en": "Identity card",
    "about_nl": "U haalt ze altijd aan het loket af.",
    "about_fr": "Vous la retirez toujours au guichet.",
    "about_en": "You always collect it at the desk.",
    "asks_old_document": True,
    "needs_activation": True,
    "fee_cents": 1900,
}

_EXAMPLE = "Voorbeeld voor de demo, geen juridisch advies: "
DEMO_CLEARANCE: dict[str, str] = {
    "law": _EXAMPLE + "hier staat welke wet of omzendbrief de gemeente heeft geraadpleegd.",
    "procedure": _EXAMPLE + "hier staat welke stappen van de gewone procedure veranderen.",
    "signature": _EXAMPLE + "hier staat wat de handtekening voor ontvangst vervangt.",
    "payment": _EXAMPLE + "hier staat hoe en wanneer de burger betaalt.",
    "old_document": _EXAMPLE + "hier staat hoe het oude document binnenkomt.",
    "activation": _EXAMPLE + "hier staat of het document nog geactiveerd wordt, en hoe.",
}
"""A checklist to look at. A real one is filled in by a named person who consulted the law."""

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
    licence: Product
    passport: Product
    identity_card: Product


def seed_aalter() -> Seeded:
    """One site with its wall, vouchers to collect, six tagged things to lend, and personal documents that only the
    desk hands out, in the scope's municipality."""
    site, _ = Site.objects.get_or_create(name=SITE["name"], defaults=SITE)
    kiosk, _ = Kiosk.objects.get_or_create(site=site, name=KIOSK["name"], defaults=KIOSK)
    vouchers, _ = Product.objects.get_or_create(slug=VOUCHERS["slug"], defaults=VOUCHERS)
    material, _ = Product.objects.get_or_create(slug=MATERIAL["slug"], defaults=MATERIAL)
    items = tuple(
        Item.objects.filter(tag=tag).first() or add_item(product=material, name=name, tag=tag) for name, tag in CASES
    )
    licence, passport, card = (
        Product.objects.get_or_create(slug=known["slug"], defaults=known)[0]
        for known in (LICENCE, PASSPORT, IDENTITY_CARD)
    )
    return Seeded(site, kiosk, vouchers, material, items, licence, passport, card)


def clear_for_demo(*, by: Account) -> None:
    """Fill in the demo's checklists, so that a licence and a passport may go into its wall."""
    for known in (LICENCE, PASSPORT):
        product = Product.objects.get(slug=known["slug"])
        if product.clearance_id is None:
            give_clearance(product_id=product.pk, points=DEMO_CLEARANCE, by=by)
