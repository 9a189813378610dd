"""The centre's side of one wall, on PostgreSQL: what it plans, hears, holds to be so, and wishes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction

from onthaal.central.foundation.journal.models import Stream
from onthaal.central.foundation.journal.queries import first_break
from onthaal.central.foundation.people.actions import begin_epoch
from onthaal.central.foundation.sealing import seal
from onthaal.central.lockers.access import badges
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue.models import Custody, Item
from onthaal.central.lockers.devices import queries
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact, Log
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.clock import now
from onthaal.core.codes import Kind
from onthaal.core.facts import Fact
from onthaal.core.protocol import Told, Wishes
from onthaal.kiosk.store import Store
from onthaal.proofs import qr
from tests.central.conftest import municipality
from tests.central.devices.cast import Wall, a_wall
from tests.kiosk.cast import PEPPER, SECRET, STAFF_PIN, pin_text, pin_verifier, qr_body, qr_text


class Book(msgspec.Struct, frozen=True):
    """What the centre's ledger says of one handover and its thing."""

    stage: str
    lies: int | None
    """The door behind which the ledger knows it to be, or perhaps to be."""
    holder: str
    held_in: int | None
    """The door, when a compartment holds it."""


@dataclass
class Town:
    wall: Wall
    badge: str
    """The text of the staff's badge; its PIN is `STAFF_PIN`."""

    # plans

    def plans(self, item: Item | None = None, *, direction: str = "out", out: int | None = None) -> int:
        """A planned handover whose code is `pin(handover)` and `qr(handover)`."""
        with self.wall.acting():
            before = Handover.objects.get(pk=out) if out else None
            thing = item or (before.item if before else None)
            planned = self.wall.planned(thing, direction=direction, out=before)
            grant = Grant.objects.get(handover=planned)
            grant.pin_verifier = pin_verifier(grant.selector, SECRET)
            grant.qr_verifier = qr.verifier(Kind.GRANT, qr_body(planned.pk), PEPPER)
            grant.save()
        return planned.pk

    def tagged(self, tag: str) -> Item:
        with self.wall.acting():
            return self.wall.thing(self.wall.material, tag=tag)

    def label(self, handover: int) -> str:
        with self.wall.acting():
            return str(Handover.objects.get(pk=handover).item.label)

    def item(self, handover: int) -> int:
        with self.wall.acting():
            return int(Handover.objects.get(pk=handover).item_id)

    def told_the_addressee(self, handover: int) -> None:
        """The notice has gone."""
        with self.wall.acting():
            handovers.notified(handover_id=handover, at=now())

    def recalls(self, handover: int) -> None:
        with self.wall.acting():
            handovers.recall(handover_id=handover, by=self.wall.clerk, reason="not-collected")

    def is_restored(self) -> None:
        """What `onthaal central restored` does for one municipality."""
        with self.wall.acting():
            begin_epoch()

    @property
    def epoch(self) -> int:
        with self.wall.acting():
            return queries.moment(self.wall.kiosk.pk).epoch

    # what goes to and fro

    def hears(self, log: str, told: Iterable[Fact]) -> int:
        """One POST; up to where the log was heard."""
        body = msgspec.json.encode(Told(log=log, boot="boot", facts=tuple(told)))
        return hear(self.wall.device, body).heard_up_to

    def wishes(self) -> Wishes:
        with queries.snapshot_of(self.wall.municipality.pk):
            return queries.wishes(self.wall.kiosk.pk)

    def talks_with(self, store: Store) -> None:
        """Facts up until all are heard, then wishes down: as the uplink does."""
        while facts := store.facts_after(store.heard_up_to, 50):
            store.heard(self.hears(store.log, facts))
        if store.keep_wishes(self.wishes()) and store.heard_up_to < store.last_number:
            self.talks_with(store)

    # what it holds to be so

    def book(self, handover: int) -> Book:
        """Every thing has exactly one holder (promise 3), or this fails."""
        return self.books(handover)[0]

    def books(self, *handovers: int) -> list[Book]:
        """One for each, in that order."""
        with self.wall.acting():
            return [_book(handover) for handover in handovers]

    def every_thing_has_one_holder(self) -> None:
        """Promise 3, on every item there is: held now, and never by two at once."""
        held: dict[int, list[tuple[datetime, datetime | None]]] = {}
        with self.wall.acting():
            # Of an item that nobody holds there is one row, of nothing.
            for item, since, until in Item.objects.values_list("pk", "custodies__since", "custodies__until"):
                held.setdefault(item, []).extend([(since, until)] if since is not None else [])
        for spans in held.values():
            assert [until for _, until in spans].count(None) == 1, "promise 3"
            ended = sorted(until for _, until in spans if until is not None)
            assert sorted(since for since, _ in spans)[1:] == ended, "promise 3: a gap, or two at once"

    def objections(self) -> list[tuple[int, str, str, str]]:
        """Facts that the centre could not take as they came."""
        with self.wall.acting():
            rows = HeardFact.objects.exclude(verdict="good").order_by("number")
            return list(rows.values_list("number", "kind", "verdict", "remark"))

    def chains_hold(self) -> None:
        with self.wall.acting():
            assert not Log.objects.filter(broken_at__isnull=False).exists()
            assert all(first_break(name) is None for name in Stream.objects.values_list("name", flat=True))

    @contextmanager
    def and_back(self) -> Iterator[None]:
        """Everything inside did not happen, as after a backup was put back."""
        point = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(point)


def _book(handover: int) -> Book:
    planned = Handover.objects.get(pk=handover)
    stays = list(Stay.objects.filter(handover=planned, until=None).select_related("compartment"))
    (held,) = Custody.objects.filter(item_id=planned.item_id, until=None).select_related("compartment")
    assert len(stays) <= 1
    return Book(
        stage=str(planned.stage),
        lies=stays[0].compartment.number if stays else None,
        holder=str(held.holder),
        held_in=held.compartment.number if held.compartment else None,
    )


def a_town() -> Town:
    wall = a_wall(municipality("aalter", "aalter.example"))
    with wall.acting():
        wall.kiosk.pepper_sealed = seal(PEPPER, f"pepper:{wall.kiosk.pk}")
        wall.kiosk.save(update_fields=["pepper_sealed"])
        wall.clerk.roles = ["clerk", "technician"]
        wall.clerk.save()
        badge = badges.issue_badge(account_id=wall.clerk.pk, by=wall.clerk)
        badges.set_badge_pin(account_id=wall.clerk.pk, pin=STAFF_PIN, by=wall.clerk)
    return Town(wall, badge)


def pin(handover: int) -> str:
    return pin_text(f"{handover % 1000:03}")


def qr_of(handover: int) -> str:
    return qr_text(handover)
