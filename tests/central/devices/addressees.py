"""People whom a provider knows, and licences that lie in the wall for them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import msgspec

from onthaal import clock
from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity.assertion import IdentityAssertion, Risk
from onthaal.central.foundation.identity.models import Identity, Provider, SignIn
from onthaal.central.foundation.people.models import Person
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.devices import news
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.protocol import StartIdentification
from onthaal.proofs.devices import DeviceKey
from tests.central.devices.cast import NOW, STAFF, Caller, Teller, Wall, loaded

ISSUER = "https://idp.example/v2"
OTHER_ISSUER = "https://other.example/op"
NUMBER = "90051700104"
PREPARED_BY = "the first of two"


def vouched(subject: str = "an", *, issuer: str = ISSUER, **more: Any) -> IdentityAssertion:
    """What a provider says of somebody, now, as surely as it can."""
    said: dict[str, Any] = {
        "issuer": issuer, "subject": subject, "loa": "high", "method": "itsme", "auth_time": clock.now(),
        "transaction": "sign-in:1", "national_number": None, "risk": Risk(ongoing_call=False),
    }  # fmt: skip
    return IdentityAssertion(**said | more)


def somebody(subject: str = "an", **more: Any) -> Identity:
    """Asked for something at the portal. Inside a scope."""
    person = Person(name=f"{subject.title()} Peeters", email=f"{subject}@example.org", created_at=NOW)
    person.save()
    return identities.bind(person, vouched(subject, **more))


def a_provider(**more: Any) -> Provider:
    """Inside a scope."""
    made: Provider = Provider.objects.create(**{"profile": "itsme", "issuer": ISSUER, "client_id": "aalter"} | more)
    return made


def licence_for(wall: Wall, identity: Identity) -> Handover:
    """Planned and prepared for exactly this person. Inside a scope."""
    product = Product.objects.filter(slug="voorlopig-rijbewijs").first() or wall.documents()
    handover = Handover(
        direction="out", product=product, item=wall.thing(product), person=identity.person, kiosk=wall.kiosk,
        planned_at=NOW, prepared_by=PREPARED_BY, prepared_at=NOW,
    )  # fmt: skip
    handover.save()
    Grant(
        handover=handover, kiosk=wall.kiosk, proof="identity", identity=identity, opens_at=NOW - timedelta(days=1),
        made_at=NOW,
    ).save()  # fmt: skip
    return handover


def lies_ready(wall: Wall, teller: Teller, identity: Identity, door: int = 3) -> Handover:
    """In the wall, behind a door. Opens its own scopes."""
    with wall.acting():
        handover = licence_for(wall, identity)
    assert STAFF != PREPARED_BY
    hear(wall.device, teller.post(teller.says(loaded(handover, door))))
    return handover


def begins(wall: Wall, way: str = "page", session: str = "boot-one.1") -> tuple[Identification, str]:
    """Somebody chose to say who they are, and the handle was followed. Inside a scope."""
    asked = StartIdentification(boot="boot-one", session=session, way=way, language="nl")  # type: ignore[arg-type]
    begun, handle = access.start_identification(kiosk_id=wall.kiosk.pk, asked=asked)
    access.follow_handle(handle)
    begun.refresh_from_db()
    return begun, handle


def comes_back(begun: Identification, assertion: IdentityAssertion | None, **finished: Any) -> Identification:
    """The provider sent somebody back for this identification. Inside a scope."""
    now = clock.now()
    sign_in = SignIn.objects.create(
        provider=begun.provider, purpose=f"wall-{begun.way}", about=f"identification:{begun.pk}", language="nl",
        state_hash=f"{now.timestamp()}"[:64], browser_hash="", started_at=now, expires_at=begun.expires_at, used_at=now,
    )  # fmt: skip
    return access.signed_in(identities.Finished(sign_in=sign_in, assertion=assertion, **finished))


def another_wall(wall: Wall) -> Wall:
    """Another wall of the same municipality."""
    key = DeviceKey.draw()
    with wall.acting():
        kiosk = Kiosk(site=wall.kiosk.site, name="Automaat bibliotheek", opening_hours={})
        kiosk.save()
        device = Device.objects.create(
            municipality=wall.municipality, kiosk=kiosk.pk, public_key=key.public(), enrolled_at=clock.now()
        )
    return dataclasses.replace(wall, kiosk=kiosk, device=device, key=key)


# what a wall asks, and hears


ASKS = {"boot": "boot-one", "session": "boot-one.1", "way": "phone", "language": "nl"}


def starts(caller: Caller, **asked: Any) -> Any:
    return caller.ask("POST", "identifications", msgspec.json.encode(ASKS | asked))


def types(caller: Caller, number: int, digits: str, **of: str) -> Any:
    body = {"boot": "boot-one", "session": "boot-one.1", "digits": digits} | of
    return caller.ask("POST", f"identifications/{number}/digits", msgspec.json.encode(body))


def leaves(caller: Caller, number: int, **of: str) -> Any:
    body = {"boot": "boot-one", "session": "boot-one.1"} | of
    return caller.ask("POST", f"identifications/{number}/over", msgspec.json.encode(body))


def now(begun: Identification) -> tuple[str, str]:
    begun.refresh_from_db()
    return begun.state, begun.why


def told(wall: Wall) -> list[Any]:
    """What the stream would say to this wall now."""
    return list(news.of_kiosks(wall.municipality.pk, [wall.kiosk.pk])[wall.kiosk.pk].commands)


def wrong(digits: str) -> str:
    return "00" if digits != "00" else "01"
