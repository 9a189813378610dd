"""Reading for the walls (their wishes, in one snapshot) and for the desk (the live wall)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from onthaal import clock
from onthaal.central.foundation.identity import profiles
from onthaal.central.foundation.identity import queries as identity
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access import queries as access
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.devices.models import SILENT_AFTER, Command, Device, KioskState, Log
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.handovers.models import LIVE, Handover, Stay
from onthaal.central.lockers.places import queries as places
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core import deadlines
from onthaal.core.lifecycles import Direction, Stage
from onthaal.core.protocol import (
    Identifying,
    Loan,
    Size,
    Wall,
    Way,
    WishedBlock,
    WishedGrant,
    WishedHandover,
    Wishes,
    Words3,
)
from onthaal.words import LANGS, words

_DEVICE_FIELDS = ["id", "municipality_id", "kiosk", "public_key", "key_kind", "enrolled_at", "retired_at"]
_DEVICE = f"SELECT {', '.join(_DEVICE_FIELDS)} FROM lockers_device WHERE id = %s AND retired_at IS NULL"  # noqa: S608 (names of columns)


@contextmanager
def snapshot_of(municipality_id: int) -> Iterator[None]:
    """A scope in which every query sees the same moment. Inside a transaction under way it is a plain scope."""
    begins = not connection.in_atomic_block
    with transaction.atomic():
        if begins:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with acting_for(municipality_id):
            yield


def device_of(device_id: int) -> Device | None:
    """The enrolled device of that number: asked before any municipality is known, at every request of a kiosk."""
    with connection.cursor() as cursor:
        cursor.execute(_DEVICE, [device_id])
        row = cursor.fetchone()
    return Device.from_db("default", _DEVICE_FIELDS, row) if row else None


class Moment(msgspec.Struct, frozen=True):
    """What names a snapshot: two that agree in it say the same."""

    epoch: int
    version: int
    log: str
    heard_up_to: int

    @property
    def etag(self) -> str:
        return f'"{self.epoch}.{self.version}.{self.heard_up_to}.{self.log}"'


def moment(kiosk_id: int) -> Moment:
    """Where a kiosk's wishes stand, for the log that its agent said last that it writes. The newest one where it names
    none that was heard of: a disk that was put back writes an older log than the spare one before it."""
    epoch, version = Kiosk.objects.values_list("municipality__epoch", "wish_version").get(pk=kiosk_id)
    written = Exists(KioskState.objects.filter(kiosk_id=kiosk_id, log=OuterRef("name")))
    ordered = Log.objects.filter(kiosk_id=kiosk_id).order_by(written.desc(), "-pk")
    log = ordered.values_list("name", "heard_up_to").first()
    name, heard_up_to = log or ("", 0)
    return Moment(epoch, version, name, heard_up_to)


def wishes(kiosk_id: int, at: Moment | None = None) -> Wishes:
    """The whole of how the centre wants one kiosk to be. Ask inside `snapshot_of`; `at`: its `moment`, where known."""
    now = clock.now()
    at = at or moment(kiosk_id)
    kiosk = Kiosk.objects.select_related("site", "municipality").get(pk=kiosk_id)
    municipality = kiosk.municipality
    live = list(_live(kiosk_id))
    loans_version, loans = _loans(kiosk_id, live)
    grants, doors = access.wished_grants(kiosk_id), _doors(kiosk_id)
    return Wishes(
        epoch=at.epoch,
        version=at.version,
        log=at.log,
        heard_up_to=at.heard_up_to,
        kiosk=kiosk.name,
        municipality=municipality.name,
        address=kiosk.site.address,
        help_phone=kiosk.help_phone or municipality.help_phone,
        opening_hours=_words(kiosk.opening_hours),
        handovers=tuple(_wished(handover, grants, doors.get(handover.pk)) for handover in live),
        spent=access.spent(kiosk_id, now),
        blocks=tuple(
            WishedBlock(compartment=block.compartment.number, reason=block.reason)
            for block in places.open_blocks(kiosk_id)
        ),
        loans_version=loans_version,
        loans=loans,
        products=catalogue.product_rules(),
        staff=access.staff_badges(kiosk_id),
        walls=tuple(Wall(name=wall.name, address=wall.site.address) for wall in places.other_walls(kiosk_id)),
        identify=_identifying(),
        qr_only_releases=kiosk.qr_only_releases if kiosk.qr_only_year == now.year else 0,
        stream_url=settings.ONTHAAL_STREAM_URL,
    )


def _live(kiosk_id: int) -> Any:
    related = ("product", "item", "person")
    return Handover.objects.filter(LIVE, kiosk_id=kiosk_id).select_related(*related).order_by("pk")


def _doors(kiosk_id: int) -> dict[int, int]:
    """Handover → the door behind which it lies. Of two that were told behind one door the later lies there: a wall
    refuses wishes that say otherwise."""
    stays = Stay.objects.filter(until=None, compartment__kiosk_id=kiosk_id)
    return dict(stays.values_list("handover_id", "compartment__number"))


def _wished(handover: Handover, grants: Mapping[int, tuple[WishedGrant, ...]], door: int | None) -> WishedHandover:
    return WishedHandover(
        id=handover.pk,
        direction=Direction(handover.direction),
        stage=Stage(handover.stage),
        product=handover.product_id,
        item=handover.item_id,
        tag=handover.item.tag,
        label=handover.item.label,
        compartment=door,
        size=cast("Size", handover.product.size),
        low=handover.person.low,
        starts_at=deadlines.start_of(handover.starts_on) if handover.starts_on else None,
        grants=grants.get(handover.pk, ()),
        first_staff=handover.prepared_by or None if handover.product.two_staff else None,
    )


def _identifying() -> Identifying | None:
    """How people can say who they are: as the one provider of walls; in no way while it does not answer. None where
    there is none.
    """
    first = identity.for_walls()
    if first is None:
        return None
    title = profiles.named(first.profile).title
    names = {lang: words(title, lang) for lang in LANGS}
    up = not identity.silent(first)
    ways: tuple[tuple[Way, bool], ...] = (("page", up and first.at_wall_page), ("phone", up and first.at_wall_phone))
    return Identifying(name=Words3(**names), ways=tuple(way for way, offered in ways if offered))


def _loans(kiosk_id: int, live: list[Handover]) -> tuple[int, tuple[Loan, ...]]:
    """Every tagged thing that is out, and the list's own version: it grows with every loan that goes or ends."""
    backs = {  # by the handover through which it went out: the same thing may be promised to others after that
        handover.out_id or handover.pk: handover.pk
        for handover in live
        if handover.direction == Direction.BACK and handover.stage == Stage.PLANNED
    }
    out = catalogue.on_loan()
    loans = (Loan(item=each.item, tag=each.tag, product=each.product, handover=backs.get(each.out)) for each in out)
    return catalogue.loans_version(), tuple(loans)


def _words(texts: Mapping[str, str]) -> Words3:
    return Words3(**{lang: texts.get(lang, "") for lang in ("nl", "fr", "en")})


# the live wall, for the desk


SHOWN_COMMANDS = 5
ANSWERED_WITHIN = timedelta(seconds=90)
"""A command is good for 60 s; with no answer long after that none comes."""


class Asked(msgspec.Struct, frozen=True):
    """A door that somebody asked to open from the desk, and what the wall answered."""

    number: int
    by: str
    reason: str
    at: datetime
    outcome: str
    """waits, no-answer, or what the kiosk said: opened, not-opened, expired, other-boot, refused, busy."""


def commands(kiosk_id: int) -> tuple[Asked, ...]:
    """The latest commands to a kiosk, the newest first."""
    rows = Command.objects.filter(kiosk_id=kiosk_id).select_related("compartment", "asked_by").order_by("-pk")
    late = clock.now() - ANSWERED_WITHIN
    return tuple(
        Asked(
            row.compartment.number,
            row.asked_by.name,
            row.reason,
            row.issued_at,
            row.outcome or ("no-answer" if row.issued_at < late else "waits"),
        )
        for row in rows[:SHOWN_COMMANDS]
    )


class Technical(msgspec.Struct, frozen=True, kw_only=True):
    """What a technician asks of a wall beside its doors."""

    log: str
    heard_up_to: int
    key_kind: str
    buses: dict[str, str]
    readers: dict[str, str]
    troubles: tuple[str, ...]


def technical(kiosk_id: int) -> Technical:
    """The log that is written now, the key, and the lines and readers as last told."""
    at = moment(kiosk_id)
    device = Device.objects.filter(kiosk=kiosk_id, retired_at=None).first()
    state = KioskState.objects.filter(kiosk_id=kiosk_id).first()
    told: Mapping[str, Any] = state.told if state else {}
    return Technical(
        log=at.log,
        heard_up_to=at.heard_up_to,
        key_kind=device.key_kind if device else "",
        buses=dict(told.get("buses", {})),
        readers=dict(told.get("readers", {})),
        troubles=tuple(told.get("troubles", ())),
    )


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One compartment as the desk sees it. No names."""

    id: int
    number: int
    size: str
    bottom_mm: int = 0
    top_mm: int = 0
    door: str
    """open, closed, unknown; *unknown* also when the wall is silent."""
    sensed: str
    """What the kiosk's evidence says: empty, holds, unknown."""
    handover: int | None = None
    product: str = ""
    """Slug of whose content it is."""
    names: dict[str, str] = {}
    direction: str = ""
    stage: str = ""
    personal: bool = False
    since: datetime | None = None
    blocked_by_centre: str = ""
    blocked_by_kiosk: tuple[str, ...] = ()


class LiveWall(msgspec.Struct, frozen=True, kw_only=True):
    """A wall now. `link_age`: how long ago its last state came; None: never."""

    kiosk: int
    name: str
    address: str
    enrolled: bool
    link_age: timedelta | None
    silent: bool
    software: str = ""
    in_session: bool = False
    qr_only: bool = False
    knows_version: int = 0
    version: int
    cells: tuple[Cell, ...]


def wall(kiosk_id: int) -> LiveWall:
    """The live wall of the desk: what the kiosk says of its doors, what the ledger says lies behind them."""
    kiosk = Kiosk.objects.select_related("site").get(pk=kiosk_id)
    state = KioskState.objects.filter(kiosk_id=kiosk_id).first()
    age = clock.now() - state.told_at if state else None
    silent = age is None or age > SILENT_AFTER
    told: Mapping[str, Any] = state.told if state else {}
    return LiveWall(
        kiosk=kiosk_id,
        name=kiosk.name,
        address=kiosk.site.address,
        enrolled=Device.objects.filter(kiosk=kiosk_id, retired_at=None).exists(),
        link_age=age,
        silent=silent,
        software=told.get("software", ""),
        in_session=bool(told.get("in_session")) and not silent,
        qr_only=bool(told.get("qr_only")),
        knows_version=state.wish_version if state else 0,
        version=kiosk.wish_version,
        cells=_cells(kiosk_id, {} if silent else told),
    )


def _cells(kiosk_id: int, told: Mapping[str, Any]) -> tuple[Cell, ...]:
    stays = {stay.compartment_id: stay for stay in handovers.in_the_wall(kiosk_id)}
    blocks = {block.compartment_id: block.reason for block in places.open_blocks(kiosk_id)}
    cells = []
    for compartment in places.compartments(kiosk_id):
        door = str(compartment.number)
        stay = stays.get(compartment.pk)
        content = stay.handover if stay else None
        cells.append(
            Cell(
                id=compartment.pk,
                number=compartment.number,
                size=compartment.size,
                bottom_mm=compartment.bottom_mm,
                top_mm=compartment.top_mm,
                door=told.get("doors", {}).get(door, "unknown"),
                sensed=told.get("contents", {}).get(door, "unknown"),
                handover=content.pk if content else None,
                product=content.product.slug if content else "",
                names=catalogue.names(content.product) if content else {},
                direction=content.direction if content else "",
                stage=content.stage if content else "",
                personal=content.product.personal if content else False,
                since=stay.since if stay else None,
                blocked_by_centre=blocks.get(compartment.pk, ""),
                blocked_by_kiosk=tuple(told.get("blocked", {}).get(door, ())),
            )
        )
    return tuple(cells)
