"""A town to measure on: walls of twenty doors, a voucher behind every door, and what each kiosk will tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue.models import Custody, Item, Product
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.models import Compartment, Kiosk, Site
from onthaal.core import chain, facts
from onthaal.core.facts import Body, Fact
from onthaal.core.protocol import Told
from onthaal.proofs.devices import DeviceKey

DOORS = 20
_PUT_IN = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


class Telling(msgspec.Struct, frozen=True):
    """One POST: the facts of one collection."""

    device: int
    body: bytes


class Wall(msgspec.Struct, frozen=True):
    """A kiosk's key and the POSTs it will make, in order."""

    key: bytes
    tellings: tuple[Telling, ...]


def build(walls: int) -> tuple[int, list[Wall]]:
    """Fill an empty, migrated database with things that wait behind doors. The municipality, and its walls."""
    town = Municipality.objects.create(
        slug="meetstad", name="Meetstad", host="*", help_phone="+32 9 000 00 00", duty_address="wacht@meetstad.example",
        sender_address="onthaal@meetstad.example", languages=["nl"],
    )  # fmt: skip
    with acting_for(town.pk):
        site = Site(name="Gemeentehuis", address="Markt 1")
        site.save()
        product = Product(
            slug="bonnen", name_nl="Bonnen", name_fr="Bons", name_en="Vouchers", kind="voucher", mode="pick_up"
        )
        product.save()
        person = Person(name="Bo", email="bo@example.org", created_at=clock.now())
        person.save()
    return town.pk, [_wall(town.pk, site, product, person, number) for number in range(walls)]


def _wall(town: int, site: Site, product: Product, person: Person, number: int) -> Wall:
    key = DeviceKey.draw()
    with acting_for(town):
        kiosk = Kiosk(site=site, name=f"Automaat {number}")
        kiosk.save()
        Compartment.objects.bulk_create(
            Compartment(kiosk=kiosk, number=door, size="M", bottom_mm=700, top_mm=1000, presence=True)
            for door in range(1, DOORS + 1)
        )
        planned = [_planned(kiosk, product, person, number * DOORS + door) for door in range(DOORS)]
    device = Device.objects.create(
        municipality_id=town, kiosk=kiosk.pk, public_key=key.public(), enrolled_at=clock.now()
    )
    log: list[Fact] = []
    loading = [_loaded(handover, door) for door, handover in enumerate(planned, start=1)]
    hear(device, _post(number, _told(number, log, loading)))
    tellings = (
        Telling(device.pk, _post(number, _told(number, log, _collection(handover, door))))
        for door, handover in enumerate(planned, start=1)
    )
    return Wall(key.pem(), tuple(tellings))


def _planned(kiosk: Kiosk, product: Product, person: Person, number: int) -> int:
    item = Item(product=product, label=f"{number:08}", single_use=True)
    item.save()
    Custody(item=item, holder="desk", since=_PUT_IN).save()
    handover = Handover(direction="out", product=product, item=item, person=person, kiosk=kiosk, planned_at=clock.now())
    handover.save()
    journal.note(stream=f"handover:{handover.pk}", kind="handover.planned", about={"handover": handover.pk})
    Grant(
        handover=handover, kiosk=kiosk, selector=f"{number % 1000:03}", pin_verifier="x", qr_verifier=f"{number:064x}",
        opens_at=_PUT_IN, made_at=_PUT_IN,
    ).save()  # fmt: skip
    return int(handover.pk)


def _loaded(handover: int, door: int) -> Body:
    staff = "00000000-0000-4000-8000-000000000000"
    return facts.Loaded(handover=handover, compartment=door, staff=staff, session="load", grade="B")


def _collection(handover: int, door: int) -> list[Body]:
    """What a kiosk writes while somebody collects."""
    session, intent = f"s{handover}", f"i{handover}"
    return [
        facts.SessionOpened(session=session, language="nl"),
        facts.CodeAccepted(session=session, channel="pin", handover=handover),
        facts.OpenIntended(intent=intent, session=session, compartment=door, purpose="collect", handover=handover),
        facts.DoorOpened(compartment=door, intent=intent),
        facts.DoorShut(compartment=door, intent=intent, present=False),
        facts.Collected(handover=handover, compartment=door, session=session, grade="B"),
        facts.SessionClosed(session=session, how="done"),
    ]


def _told(number: int, log: list[Fact], bodies: list[Body]) -> list[Fact]:
    fresh = []
    for body in bodies:
        previous = bytes.fromhex(log[-1].hash) if log else chain.genesis(facts.stream(_name(number)))
        at = _PUT_IN + timedelta(seconds=len(log))
        log.append(facts.sealed(number=len(log) + 1, at=at, boot="boot", body=body, previous=previous))
        fresh.append(log[-1])
    return fresh


def _name(number: int) -> str:
    return f"wall-{number}"


def _post(number: int, told: list[Fact]) -> bytes:
    return msgspec.json.encode(Told(log=_name(number), boot="boot", facts=tuple(told)))
