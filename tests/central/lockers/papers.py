"""Personal documents in the town: a provisional driving licence, cleared for the wall, and who asks for one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from onthaal.core import facts
from tests.pictures import JPEG

if TYPE_CHECKING:
    from onthaal.central.foundation.people.models import Account
    from onthaal.central.lockers.catalogue.models import Product
    from onthaal.central.lockers.handovers.models import Handover
    from onthaal.central.lockers.requests.models import Request
    from tests.central.lockers.town import Town
    from tests.central.lockers.wall import Wall

POINTS = {
    "law": "KB 23 maart 1998, artikel 7",
    "procedure": "Nota van het college van 3 september",
    "signature": "De aanmelding aan de automaat geldt als ontvangstbewijs",
    "payment": "Vooraf, aan het loket of online",
    "old_document": "Vooraf ingeleverd aan het loket",
    "activation": "Niet nodig",
}


class Papers:
    """The licence, an administrator, a second clerk, and Lien who asks for it."""

    def __init__(self, town: Town, *, cleared: bool = True, **product: Any) -> None:
        from onthaal.central.foundation.identity.models import Provider
        from onthaal.central.lockers.catalogue import clearances
        from onthaal.central.lockers.catalogue.models import Product

        self.town = town
        Provider.objects.get_or_create(
            profile="itsme", defaults={"issuer": "https://idp.example/v2", "client_id": "aalter"}
        )
        self.head = self.account("Ingrid Maes", "administrator")
        self.second = self.account("Sofie Smet", "clerk")
        made: dict[str, Any] = {
            "slug": "rijbewijs", "name_nl": "Voorlopig rijbewijs", "name_fr": "Permis provisoire",
            "name_en": "Provisional licence", "kind": "document", "mode": "pick_up", "size": "S", "personal": True,
            "two_staff": True, "for_businesses": False, "for_associations": False,
        }  # fmt: skip
        self.licence: Product = Product.objects.create(**made | product)
        if cleared:
            clearances.give_clearance(product_id=self.licence.pk, points=POINTS, by=self.head)
            self.licence.refresh_from_db()

    def account(self, name: str, *roles: str) -> Account:
        from onthaal.central.foundation.people.models import Account

        username = f"{name.split(maxsplit=1)[0].lower()}-papers"
        made: Account
        made, _ = Account.objects.get_or_create(
            username=username, defaults={"name": name, "roles": list(roles), "created_at": self.town.clock.now()}
        )
        return made

    def asked(self, subject: str = "lien", born: date = date(1990, 4, 2), **asked: Any) -> Request:
        """Lien signed in and sent her application."""
        from onthaal.central.foundation.identity.assertion import IdentityAssertion, Risk
        from onthaal.central.lockers.requests import applying, arriving

        assertion = IdentityAssertion(
            issuer="https://idp.example/v2", subject=subject, loa="high", method="itsme",
            auth_time=self.town.clock.now(), transaction=f"t-{subject}",
            given_name=subject.capitalize(), family_name="Peeters",
            birthdate=born,
            language="nl", national_number=None, risk=Risk(),
        )  # fmt: skip
        who = arriving.arrive(assertion, lang="nl")
        form = {"email": f"{subject}@peeters.example", "language": "nl"}
        draft = applying.begin(identity=who, product_id=self.licence.pk, asked=applying.Asked(**form | asked))
        for kind in ("photo",) if self.licence.needs_photo else ():
            applying.attach(identity=who, request_id=draft.pk, kind=kind, content=JPEG)
        return applying.apply(identity=who, request_id=draft.pk)

    def accepted(self, **asked: Any) -> Request:
        from onthaal.central.lockers.requests import actions

        return actions.accept(request_id=self.asked(**asked).pk, by=self.town.clerk)

    def now(self, request: Request) -> Request:
        from onthaal.central.lockers.requests import queries

        return queries.get(request.pk)

    def out(self, request: Request) -> Handover:
        handover = self.now(request).handover
        assert handover is not None
        return handover

    def prepared(self, request: Request, by: Account | None = None) -> Request:
        """Karel scanned dossier and envelope, unless the test says who."""
        from onthaal.central.lockers.requests import preparing
        from onthaal.core.codes import Kind, written

        number, label = self.now(request).dossier.number, self.out(request).item.label
        return preparing.prepare(
            dossier_label=written(Kind.LABEL, number), envelope_label=label, by=by or self.town.clerk
        )

    def in_the_wall(self, wall: Wall, door: int = 1, **asked: Any) -> Request:
        """Karel prepared it, Sofie loaded it, Lien was told."""
        request = self.prepared(self.accepted(**asked))
        self.load(wall, request, self.second, door)
        self.town.follows()
        wall.applied()
        self.town.posts()
        return request

    def load(self, wall: Wall, request: Request, by: Account, door: int = 1) -> None:
        out = self.out(request)
        first = out.prepared_by or None
        wall.tells(
            facts.Loaded(
                handover=out.pk, compartment=door, staff=str(by.pseudonym), first_staff=first, grade="B",
                item=out.item_id, session=f"load-{out.pk}-{door}",
            )
        )  # fmt: skip

    def taken_out(self, wall: Wall, request: Request, by: Account, door: int = 1) -> None:
        out = self.out(request)
        wall.tells(
            facts.TakenOut(
                handover=out.pk, compartment=door, staff=str(by.pseudonym), grade="B", session=f"out-{out.pk}"
            )
        )
        self.town.follows()
