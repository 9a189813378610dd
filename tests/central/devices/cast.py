"""The cast of the device tests: a wall at Aalter, what lies ready for it, and a kiosk that tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.test import Client

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account, Municipality, Person
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue.models import Clearance, Custody, Item, Product
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places.models import Compartment, Kiosk, Site
from onthaal.core import chain, facts
from onthaal.core.facts import Body, Fact
from onthaal.core.protocol import Refused, Told
from onthaal.proofs.devices import DeviceKey

STAFF = "6f1d3f0e-5f0b-4b3c-9f3a-0d6a5c0b7a11"
NOW = datetime(2026, 11, 20, 2, 10, tzinfo=UTC)


@dataclass
class Teller:
    """A kiosk's log, and the POSTs it makes of it."""

    log: str = "log-one"
    boot: str = "boot-one"
    facts: list[Fact] = field(default_factory=list)
    at: datetime = NOW

    def says(self, *bodies: Body) -> list[Fact]:
        """What happened, added to the log."""
        told = []
        for body in bodies:
            previous = bytes.fromhex(self.facts[-1].hash) if self.facts else chain.genesis(facts.stream(self.log))
            self.at += timedelta(seconds=1)
            fact = facts.sealed(number=len(self.facts) + 1, at=self.at, boot=self.boot, body=body, previous=previous)
            self.facts.append(fact)
            told.append(fact)
        return told

    def post(self, told: Sequence[Fact] | None = None) -> bytes:
        """A body of `POST /device/v1/facts`; the whole log unless said otherwise."""
        return msgspec.json.encode(
            Told(log=self.log, boot=self.boot, facts=tuple(told if told is not None else self.facts))
        )

    def raw(self, *elements: bytes) -> bytes:
        """A body with these elements as they stand."""
        return b'{"log":"%s","boot":"%s","facts":[%s]}' % (self.log.encode(), self.boot.encode(), b",".join(elements))


@dataclass
class Wall:
    """A wall at Aalter with nine doors, and who looks after it."""

    municipality: Municipality
    kiosk: Kiosk
    device: Device
    key: DeviceKey
    clerk: Account
    doors: dict[int, Compartment]
    vouchers: Product
    material: Product
    person: Person

    def acting(self) -> Any:
        return acting_for(self.municipality.pk)

    def thing(self, product: Product | None = None, *, tag: str | None = None) -> Item:
        """A thing at the desk. Inside a scope."""
        product = product or self.vouchers
        count = Item.objects.count()
        item = Item(product=product, label=f"L{count:07}"[:8].translate(str.maketrans("0189", "ABCD")), tag=tag)
        item.save()
        Custody(item=item, holder="desk", since=NOW - timedelta(days=1)).save()
        return item

    def planned(self, item: Item | None = None, *, direction: str = "out", out: Handover | None = None) -> Handover:
        """A planned handover with its grant. Inside a scope."""
        item = item or self.thing()
        handover = Handover(
            direction=direction, product=item.product, item=item, person=self.person, kiosk=self.kiosk, out=out,
            planned_at=NOW - timedelta(days=1),
        )  # fmt: skip
        handover.save()
        journal.note(stream=f"handover:{handover.pk}", kind="handover.planned", about={"handover": handover.pk})
        Grant(
            handover=handover, kiosk=self.kiosk, selector=f"{handover.pk % 1000:03}", pin_verifier="x",
            qr_verifier=f"{handover.pk:064x}", opens_at=NOW - timedelta(days=1), made_at=NOW - timedelta(days=1),
        ).save()  # fmt: skip
        return handover

    def documents(self) -> Product:
        """A personal document that a named person cleared for the wall. Inside a scope."""
        document = Product(
            slug="voorlopig-rijbewijs", name_nl="Voorlopig rijbewijs", name_fr="Permis provisoire",
            name_en="Provisional licence", kind="document", mode="pick_up", personal=True, two_staff=True,
        )  # fmt: skip
        document.save()
        points = dict.fromkeys(Clearance.POINTS, "nagekeken")
        cleared = Clearance(product=document, by=self.clerk, at=NOW, **points)
        cleared.save()
        document.locker_allowed, document.clearance = True, cleared
        document.save()
        return document


class Caller:
    """A kiosk that signs its requests."""

    def __init__(self, wall: Wall, key: DeviceKey | None = None, *, device: int | None = None) -> None:
        self.http = Client(headers={"Host": wall.municipality.host})
        self.key, self.device = key or wall.key, device or wall.device.pk
        self.off = timedelta(0)

    def ask(self, method: str, path: str, body: bytes = b"", *, since: str = "") -> Any:
        path = f"/device/v1/{path}"
        signed = self.key.header(device=self.device, method=method, path=path, body=body, at=clock.now() + self.off)
        return self.http.generic(
            method,
            path,
            body,
            content_type="application/json",
            headers={"Authorization": signed, "If-None-Match": since},
        )


def why(answer: Any) -> str:
    return msgspec.json.decode(answer.content, type=Refused).why


def a_wall(municipality: Municipality) -> Wall:
    """Everything there is before the first fact. Commits or not as the test does; opens its own scope."""
    with acting_for(municipality.pk):
        clerk = Account(username=f"an-{municipality.slug}", name="An Claes", roles=["clerk"], created_at=clock.now())
        clerk.save()
        site = Site(name="Gemeentehuis", address="Europalaan 22")
        site.save()
        kiosk = Kiosk(site=site, name="Automaat gemeentehuis", opening_hours={"nl": "9-12", "fr": "9-12", "en": "9-12"})
        kiosk.save()
        doors = {}
        for number in range(1, 10):
            doors[number] = Compartment(
                kiosk=kiosk, number=number, size="M", bottom_mm=100 * number, top_mm=100 * number + 90, presence=True
            )
            doors[number].save()
        vouchers = Product(
            slug="aalterbonnen", name_nl="Aalterbonnen", name_fr="Bons", name_en="Vouchers", kind="voucher",
            mode="pick_up", locker_allowed=True,
        )  # fmt: skip
        vouchers.save()
        material = Product(
            slug="feestmateriaal", name_nl="Klein feestmateriaal", name_fr="Matériel", name_en="Material",
            kind="material", mode="lend", tagged=True, locker_allowed=True,
        )  # fmt: skip
        material.save()
        person = Person(name="Bo Peeters", email="bo@example.org", created_at=NOW)
        person.save()
        key = DeviceKey.draw()
        device = Device.objects.create(
            municipality=municipality, kiosk=kiosk.pk, public_key=key.public(), enrolled_at=NOW
        )
    return Wall(municipality, kiosk, device, key, clerk, doors, vouchers, material, person)


def loaded(handover: Handover, door: int = 3, **more: Any) -> facts.Loaded:
    return facts.Loaded(handover=handover.pk, compartment=door, staff=STAFF, session="s1", grade="B", **more)


def collected(handover: Handover, door: int = 3, **more: Any) -> facts.Collected:
    return facts.Collected(handover=handover.pk, compartment=door, session="s2", grade="B", **more)


def holder(item: Item | int) -> str:
    held = Custody.objects.get(item_id=getattr(item, "pk", item), until=None)
    return str(held.holder)


def stays() -> dict[int, int]:
    """Door number → handover, now."""
    return dict(Stay.objects.filter(until=None).values_list("compartment__number", "handover_id"))


def ledger() -> Iterator[Any]:
    """Everything that facts decide, in an order of its own: two ledgers that agree in it are the same."""
    yield from Handover.objects.order_by("pk").values_list(
        "pk", "stage", "compartment__number", "loaded_at", "closed_at", "dispute", "grade"
    )
    yield from Stay.objects.order_by("since", "handover_id").values_list(
        "handover_id", "compartment__number", "since", "until"
    )
    yield from Custody.objects.order_by("item_id", "since", "until").values_list(
        "item_id", "holder", "handover_id", "compartment__number", "since", "until", "grade"
    )
    yield from Grant.objects.order_by("pk").values_list("pk", "status", "pin_tries", "pin_closed_at")
