"""What the portal's tests do again and again: a browser that comes back from the provider, a form filled in.

What a provider would say is given as an assertion at the one seam behind it; signing in over the wire is tried in
`tests/central/identity` and in the journeys.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.test.client import RequestFactory

from onthaal import clock
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import Identity, Provider
from onthaal.central.foundation.people.models import Account, Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.catalogue import seeds
from onthaal.central.lockers.faces.citizen import signed_in
from onthaal.central.lockers.requests.arriving import arrive
from onthaal.central.lockers.requests.models import Request
from tests.central.lockers.town import Town
from tests.pictures import JPEG

ISSUER = "https://idp.itsme.example/v2"
PDF = b"%PDF-1.7\n" + b"\x00" * 200
_numbers = itertools.count(1)


def says(subject: str = "an", **other: Any) -> IdentityAssertion:
    """What itsme says of An Peeters, unless the test says otherwise."""
    told: dict[str, Any] = {
        "issuer": ISSUER, "subject": subject, "loa": "high", "method": "itsme", "auth_time": clock.now(),
        "transaction": f"sign-in:{next(_numbers)}", "given_name": "An", "family_name": "Peeters",
        "birthdate": date(1990, 5, 17),
    }  # fmt: skip
    return IdentityAssertion(**(told | other))


BO = {"subject": "bo", "given_name": "Bo", "family_name": "Maes", "birthdate": date(1985, 7, 30)}


def is_signed_in(client: Client, identity: Identity) -> None:
    """As `signed_in.begin` leaves the session of this browser."""
    request: Any = RequestFactory().get("/")
    request.session = client.session
    signed_in.begin(request, identity)
    request.session.save()
    client.cookies["sessionid"] = request.session.session_key


class Portal:
    """The portal of Aalter, from outside."""

    def __init__(self, town: Town, row: Municipality) -> None:
        self.town, self.row = town, row
        self.clock, self._acts = town.clock, True
        boss = Account(username="chef", name="Chef Chantal", roles=["administrator"], created_at=clock.now())
        boss.save()
        seeds.clear_for_demo(by=boss)
        for product in (town.seeded.licence, town.seeded.passport):
            product.refresh_from_db()
        Provider.objects.create(profile="itsme", issuer=ISSUER, client_id="aalter", portal_service="PORTAL")
        self._acts = False

    @contextmanager
    def acting(self) -> Iterator[None]:
        if self._acts:
            yield
            return
        self._acts = True
        try:
            with acting_for(self.row.pk):
                yield
        finally:
            self._acts = False

    def browser(self, **who: Any) -> Browser:
        """A browser whose owner signed in."""
        return Browser(self, self.arrives(**who))

    def arrives(self, **who: Any) -> Identity:
        with self.acting():
            return arrive(says(**who), lang="nl")

    def requests(self) -> list[Request]:
        with self.acting():
            found = Request.objects.select_related("dossier__identity", "person", "handover", "product", "kiosk")
            return list(found.order_by("pk"))

    def everything_said(self) -> str:
        """Every journal entry and job row of Aalter's, as text."""
        from onthaal.central.foundation.journal.models import Entry, Following

        with self.acting():
            rows = [str(row) for row in Entry.objects.values()] + [str(row) for row in Following.objects.values()]
        return "\n".join(rows)


class Browser:
    """Somebody's browser, signed in."""

    def __init__(self, portal: Portal, identity: Identity | None = None, **more: Any) -> None:
        self.portal, self.identity = portal, identity
        self.client = Client(headers={"host": portal.row.host, "accept-language": "nl"}, **more)
        if identity is not None:
            self.signs_in(identity)

    def signs_in(self, identity: Identity) -> None:
        is_signed_in(self.client, identity)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers or None)

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(path, data)

    def text(self, path: str) -> str:
        answer: HttpResponse = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        return answer.content.decode()

    # an application, page by page

    def answers(self, slug: str = "eerste-reispas", **other: str) -> Any:
        told = {"proxy": "no", "urgent": "no", "email": "an@post.example", "language": "nl", "remark": ""}
        if slug in {"voorlopig-rijbewijs", "identiteitskaart"}:
            told["old_document"] = "no"
        return self.post(f"/apply/{slug}/", **(told | other))

    def adds(self, slug: str = "eerste-reispas", place: str = "", **files: Any) -> Any:
        sent = {kind: SimpleUploadedFile(f"{kind}.bin", given) for kind, given in files.items() if kind != "remove"}
        chosen = place or str(self.portal.town.seeded.kiosk.pk)
        return self.post(f"/apply/{slug}/details/", place=chosen, **sent)

    def sends(self, slug: str = "eerste-reispas") -> Any:
        return self.post(f"/apply/{slug}/check/")

    def applies(self, slug: str = "eerste-reispas", place: str = "", **other: str) -> Request:
        """The whole way. What they asked for."""
        assert self.answers(slug, **other).status_code == 302
        files = {"photo": JPEG} | ({"certificate": PDF} if slug == "voorlopig-rijbewijs" else {})
        answer = self.adds(slug, place, **files)
        assert answer.status_code == 302, answer.content.decode()
        answer = self.sends(slug)
        assert answer.status_code == 302, answer.content.decode()
        sent = int(answer["Location"].strip("/").rpartition("/")[2])
        return next(request for request in self.portal.requests() if request.pk == sent)
