"""Promise 11: no page of one municipality shows or changes another's. Every address of the desk, the admin and the
portal of Aalter is called with what is Deinze's: it is not there, and nothing of Deinze's is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.gates import gate_of
from onthaal.central.foundation.people.actions import NewAccount, create_account
from onthaal.central.foundation.people.models import Account, Municipality, Role
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.devices import hearing, openings, telling
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.handovers import counting, findings
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places.queries import compartments
from onthaal.central.lockers.requests import actions as requests
from onthaal.central.lockers.requests import applying
from onthaal.central.lockers.requests.arriving import arrive
from onthaal.core import chain, facts
from onthaal.core.protocol import StartIdentification
from tests.central.faces.citizen.portal import is_signed_in, says
from tests.central.foundation.rows_of_every_kind import TENANT_MODELS
from tests.central.lockers.conftest import MONDAY
from tests.central.lockers.papers import POINTS, Papers
from tests.central.lockers.photograph import once
from tests.central.lockers.town import Town, turned_clock
from tests.central.lockers.wall import Wall
from tests.central.web.test_promise_12_routes import routes
from tests.pictures import JPEG

PASSWORD = "een-goed-wachtwoord"
MARK = "Deinzenaar"
"""Stands in every name of Deinze's."""
FOREIGN = "foreign"
"""A place in an address that names something of Deinze's."""

ACTS: dict[str, tuple[dict[str, str], ...]] = {
    "desk-request-act": (
        *({"act": act} for act in ("accept", "prepare", "send-again", "at-desk", "came-back", "erase")),
        {"act": "lost", "reason": "x"},
        {"act": "send-again", "email": "dief@example.org"},
        {"act": "refuse", "reason": "x"},
        {"act": "recall", "reason": "asked"},
    ),
    "desk-door-act": tuple({"act": act, "reason": "x"} for act in ("open", "block", "release")),
    "desk-account-act": tuple(
        {"act": act, "roles": "auditor"} for act in ("roles", "password", "badge", "revoke-badge", "close", "erase")
    ),
    "desk-dispute": tuple({"to": to, "reason": "x"} for to in ("loaded", "collected", "taken_back", "planned", "lost")),
    "desk-item-retire": ({"lost": "yes", "reason": "x"},),
    "desk-dossier-act": (
        *(
            {"act": act}
            for act in ("accept", "old-document", "mark", "plan", "unprepare", "ready", "activated", "erase")
        ),
        {"act": "refuse", "reason": "x"},
        {"act": "undo-paid", "reason": "mistyped"},
        {"act": "undo-old-document", "reason": "mistyped"},
        {"act": "ask-more", "text": "x"},
        {"act": "paid", "amount": "0", "reference": "x"},
        {"act": "to-desk", "reason": "urgent"},
        {"act": "hand-out", "checked": "passport"},
        {"act": "recall", "reason": "asked"},
    ),
    "desk-clearance": (POINTS,),
    "desk-clearance-withdraw": ({"lies": "recalled"}, {"lies": "stays"}),
    "desk-opening-act": ({"act": "confirm"}, {"act": "withdraw"}),
    "desk-finding-act": ({"act": "confirm"}, {"act": "withdraw"}),
    "desk-incident": ({"finding": "x"},),
    "desk-documents": ({f"door-{number}": "there" for number in range(1, 13)},),
    "portal-mine-answer": ({"answer": "x"},),
    "portal-mine-place": ({"place": "desk"},),
}
"""What can be asked of a page, beside a POST that says nothing."""


class Deinze:
    """The other municipality, with something of everything. Made in its scope."""

    def __init__(self, row: Municipality, clock: turned_clock) -> None:
        self.row = row
        self.town = town = Town.founded(clock)
        self._name_everything(town)
        self.wall = wall = Wall(town)
        first: Any = town.accepted(town.asks(name=f"Els {MARK}", remark=MARK))
        wall.loads(first.handover, 1)
        loan: Any = town.accepted(town.asks_to_borrow(1, 2))
        wall.loads(loan.handover, 4)
        wall.disputes(loan.handover, 4)
        fresh = town.asks("nieuw@deinze.example", name=f"Nele {MARK}")
        self.token = town.link_of(fresh)
        self.request = town.confirmed(fresh)
        attention.open_task(kind="overdue", about=f"handover:{first.handover.pk}")
        attention.raise_alert(kind="door-forced", level="critical", about=f"kiosk:{town.seeded.kiosk.pk}")
        self.ids: dict[str, list[object]] = {
            "request_id": [first.pk, self.request.pk],
            "handover_id": [loan.handover.pk, first.handover.pk],
            "kiosk_id": [town.seeded.kiosk.pk],
            "number": [1],
            "item_id": [first.handover.item_id, town.seeded.items[0].pk],
            "account_id": [town.technician.pk],
            "task_id": [Task.objects.values_list("pk", flat=True)[0]],
            "alert_id": [Alert.objects.values_list("pk", flat=True)[0]],
            "token": [self.token],
            "slug": [town.seeded.vouchers.slug],
            "profile": ["itsme", "none-of-ours"],
            "product_id": [town.seeded.passport.pk],
        }
        self._draft()
        self._personal_documents()

    def _draft(self) -> None:
        """Somebody's draft for a passport, with a photo: their pages show it to them, and to nobody of Aalter."""
        self.citizen = arrive(says("deinze", family_name=MARK), lang="nl")
        asked = applying.Asked(email="an@deinze.example", language="nl")
        draft = applying.begin(identity=self.citizen, product_id=self.town.seeded.passport.pk, asked=asked)
        photo = applying.attach(identity=self.citizen, request_id=draft.pk, kind="photo", content=JPEG)
        self.ids["request_id"] = [*self.ids["request_id"], draft.pk]
        self.ids["attachment_id"] = [photo.pk]
        self.ids["slug"] = [*self.ids["slug"], self.town.seeded.passport.slug]

    def _personal_documents(self) -> None:
        """One in the wall that somebody asked to open, one on its way there, a count that differs, and somebody who
        stands at the wall and says who they are."""
        town, kiosk = self.town, self.town.seeded.kiosk.pk
        names: dict[str, Any] = {f"name_{lang}": f"Rijbewijs {MARK}" for lang in ("nl", "fr", "en")}
        papers = Papers(town, slug="rijbewijs-deinze", needs_photo=True, **names)
        lies, waits = papers.in_the_wall(self.wall, 5, subject=MARK), papers.accepted(subject=f"{MARK}-2")
        doors = compartments(kiosk)
        opening = openings.ask_opening(
            kiosk_id=kiosk, compartment_id=doors[4].pk, handover_id=papers.out(lies).pk, by=papers.second, reason=MARK
        )
        finding = findings.find(handover_id=papers.out(waits).pk, to="lost", by=papers.second, reason=MARK)
        counting.count(kiosk_id=kiosk, there={doors[4].pk: False}, by=papers.second)
        asked = StartIdentification(boot="b", session="s", way="phone", language="nl")
        _, handle = access.start_identification(kiosk_id=kiosk, asked=asked)
        self.ids |= {
            "request_id": [*self.ids["request_id"], lies.pk, waits.pk],
            "product_id": [*self.ids["product_id"], papers.licence.pk],
            "attachment_id": [*self.ids["attachment_id"], lies.dossier.attachments.get().pk],
            "number": [1, 5],
            "opening_id": [opening.pk],
            "finding_id": [finding.pk],
            "incident_id": [counting.open_incidents()[0].pk],
            "handle": [handle, "none-of-ours"],
        }

    def _name_everything(self, town: Town) -> None:
        named: list[Any] = [town.seeded.site, town.seeded.kiosk, *town.seeded.items, town.clerk, town.technician]
        for row in named:
            row.name = f"{row.name} {MARK}"
            row.save()
        for product in (town.seeded.vouchers, town.seeded.material, town.seeded.passport):
            product.name_nl = product.name_fr = product.name_en = f"{product.name_nl} {MARK}"
            product.slug = f"{product.slug}-deinze"
            product.save()

    def everything(self) -> dict[str, list[Any]]:
        """Every row of every table of Deinze's own."""
        with acting_for(self.row.pk):
            kept: dict[str, list[Any]] = {
                model._meta.label: list(model.objects.order_by("pk").values()) for model in TENANT_MODELS
            }
        kept["municipality"] = list(Municipality.objects.filter(pk=self.row.pk).values())
        kept["device"] = list(Device.objects.filter(municipality=self.row).values())
        return kept


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> turned_clock:
    return turned_clock(tmp_path / "clock", monkeypatch, MONDAY)


def _made(clock: turned_clock, row: Municipality) -> Deinze:
    return Deinze(row, clock)


@pytest.fixture
def other(deinze: Municipality, clock: turned_clock) -> Deinze:
    with acting_for(deinze.pk):
        return once(_made, clock, deinze)


@pytest.fixture
def client(other: Deinze, aalter: Municipality, clock: turned_clock) -> Client:
    """Somebody of Aalter who may do everything there. (Comes after Deinze: what was photographed keeps its numbers.)"""
    with acting_for(aalter.pk):
        Town.founded(clock)
        create_account(NewAccount(username="an", name="An", password=PASSWORD, roles=tuple(Role.values)), by=None)
    client = Client(headers={"host": "aalter.example"})
    assert client.post("/desk/sign-in/", {"username": "an", "password": PASSWORD}).status_code == 302
    with acting_for(aalter.pk):
        is_signed_in(client, arrive(says(), lang="nl"))
    return client


PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(route: str, other: Deinze) -> Iterator[str]:
    """A route with what is Deinze's in each of its places."""
    place = PLACE.search(route)
    if place is None:
        yield "/" + route
        return
    for value in other.ids[place[1]]:
        yield from addresses(route.replace(place[0], str(value), 1), other)


def pages(*, with_places: bool) -> list[tuple[str, str]]:
    """(route, name) of every page for people that has places in its address; or of those that have none."""
    from django.urls import get_resolver

    names = {str(pattern.pattern): pattern.name for pattern in _patterns(get_resolver())}
    found = []
    for route, view in routes():
        gate = gate_of(view)
        if gate is not None and gate.to != "devices" and not route.startswith("admin/"):
            last = next((name for tail, name in names.items() if tail and route.endswith(tail)), "")
            if bool(PLACE.search(route)) == with_places:
                found.append((route, str(last)))
    return found


def _patterns(resolver: Any) -> Iterator[Any]:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern)
        else:
            yield pattern


def said_by(answer: Any) -> str:
    """What a page says; of an attachment the bytes, as far as they are text."""
    content: bytes = answer.getvalue() if answer.streaming else answer.content
    return content.decode(errors="replace")


NOT_THERE = {404, 403, 405, 409, 410}


def test_promise_11_what_is_anothers_is_not_there_on_any_page(client: Client, other: Deinze) -> None:
    before = other.everything()
    called = 0
    for route, _ in pages(with_places=True):
        acts = next((acts for name, acts in ACTS.items() if _is(route, name)), ())
        for address in addresses(route, other):
            read, led_up = _read(client, address)
            empty = client.post(address)
            answers = [read, empty, *(client.post(address, act) for act in acts)]
            for answer in answers:
                there = led_up and answer is read and answer.status_code == 200
                said_nothing = answer is empty and answer.status_code == 400
                assert there or said_nothing or answer.status_code in NOT_THERE, (address, answer.status_code)
                assert MARK not in said_by(answer), address
            called += len(answers)
    assert called > 80
    assert other.everything() == before


def _read(client: Client, address: str) -> tuple[Any, bool]:
    """The answer to reading an address; one that only takes forms leads to the page above it, whoever's thing it
    names. Whether that page is a list, which is there for everybody."""
    answer: Any = client.get(address)
    if answer.status_code != 302:
        return answer, False
    above = answer.headers["Location"]
    assert address.startswith(above), (address, above)
    return client.get(above), not any(part.isdecimal() for part in above.split("/"))


def test_the_same_pages_are_there_for_deinzes_own_staff(other: Deinze) -> None:
    """Else the test before would say nothing."""
    with acting_for(other.row.pk):
        create_account(NewAccount(username="an", name="An", password=PASSWORD, roles=tuple(Role.values)), by=None)
    client = Client(headers={"host": "deinze.example"})
    client.post("/desk/sign-in/", {"username": "an", "password": PASSWORD})
    seen = [
        address
        for route, _ in pages(with_places=True)
        for address in addresses(route, other)
        if MARK in said_by(client.get(address))
    ]
    assert len(seen) > 10, seen


def _is(route: str, name: str) -> bool:
    from django.urls import get_resolver

    return any(pattern.name == name and route.endswith(str(pattern.pattern)) for pattern in _patterns(get_resolver()))


def test_promise_11_no_list_of_aalter_shows_anything_of_deinze(client: Client, other: Deinze) -> None:
    before = other.everything()
    for route, _ in pages(with_places=False):
        if "sign-" in route:
            continue
        for address in (f"/{route}", f"/{route}?show=all&filter=in-wall&stream=request:{other.request.pk}"):
            answer: Any = client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert MARK not in content.decode(), address
    assert other.everything() == before


def test_promise_11_forms_of_aalter_take_no_row_of_deinze(client: Client, other: Deinze) -> None:
    before, seeded = other.everything(), other.town.seeded
    asks = {
        "asked_for": "business", "name": "Els", "organisation": "x", "email": "els@example.org", "language": "nl",
        "kiosk": seeded.kiosk.pk,
    }  # fmt: skip
    assert client.post("/ask/aalterbonnen/", asks).status_code == 422
    assert client.post("/desk/things/", {"product": seeded.material.pk, "name": "x", "tag": "AB"}).status_code == 422
    assert other.everything() == before


ADMIN_TABLES = ("lockers/product", "lockers/item", "lockers/site", "lockers/kiosk", "foundation/account")


def test_promise_11_the_admin_of_aalter_has_nothing_of_deinze(client: Client, other: Deinze) -> None:
    before, seeded, town = other.everything(), other.town.seeded, other.town
    ids = (seeded.vouchers.pk, seeded.items[0].pk, seeded.site.pk, seeded.kiosk.pk, town.technician.pk)
    for table, number in (*zip(ADMIN_TABLES, ids, strict=True), ("foundation/municipality", other.row.pk)):
        for page in ("change", "delete", "history"):
            address = f"/admin/{table}/{number}/{page}/"
            for answer in (client.get(address), client.post(address, {"name": "x", "post": "yes"})):
                assert answer.status_code in (302, 403, 404), (address, answer.status_code)
        chosen = {"action": "delete_selected", "_selected_action": number, "post": "yes"}
        for answer in (client.get(f"/admin/{table}/"), client.post(f"/admin/{table}/", chosen)):
            assert MARK not in answer.content.decode(), table
    for table, given in (("kiosk", {"site": seeded.site.pk, "name": "x", "opening_hours": "{}"}),
                         ("item", {"product": seeded.material.pk, "name": "x"})):  # fmt: skip
        answer = client.post(f"/admin/lockers/{table}/add/", given)
        assert answer.status_code == 200, table
        assert MARK not in answer.content.decode(), table
    assert other.everything() == before


def test_promise_11_a_wall_of_aalter_moves_nothing_of_deinze(
    client: Client, other: Deinze, aalter: Municipality
) -> None:
    before = other.everything()
    with acting_for(aalter.pk):
        from onthaal.central.lockers.places.models import Kiosk

        device = Device.objects.create(
            municipality=aalter, kiosk=Kiosk.objects.get().pk, public_key="11" * 32, enrolled_at=MONDAY
        )
        assert not Handover.objects.exists()
    handover, item = other.ids["handover_id"][1], other.ids["item_id"][1]
    assert isinstance(handover, int)
    assert isinstance(item, int)
    bodies: tuple[facts.Body, ...] = (
        facts.Loaded(handover=handover, compartment=1, staff="x", session="s", grade="B", item=item),
        facts.Collected(handover=handover, compartment=1, session="s", grade="B"),
        facts.Returned(handover=handover, compartment=2, session="s", grade="B", item=item),
        facts.Disputed(handover=handover, compartment=1, why="left-open"),
        facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=1, counts=True),
    )
    previous, told = chain.genesis(facts.stream("log-a")), []
    for number, body in enumerate(bodies, start=1):
        fact = facts.sealed(number=number, at=MONDAY, boot="b", body=body, previous=previous)
        previous = bytes.fromhex(fact.hash)
        told.append(fact)
    with acting_for(aalter.pk):
        post = chain.canonical({"log": "log-a", "boot": "b", "facts": told})
        assert hearing._hear(device, telling.read(post)).heard_up_to == len(bodies)
    assert other.everything() == before


def test_promise_11_no_verb_finds_anothers_row(client: Client, other: Deinze, aalter: Municipality) -> None:
    before = other.everything()
    with acting_for(aalter.pk):
        an = Account.objects.get(username="an")
        for verb in (requests.accept, requests.prepared, requests.erase):
            with pytest.raises(Exception, match="does not exist"):
                verb(request_id=other.request.pk, by=an)
    assert other.everything() == before
