"""What the event stream asks the database: one number a municipality, and what stands behind it when it moved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

import msgspec
from django.db import connection

from onthaal import clock
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access.models import Identification
from onthaal.central.lockers.devices.models import Command as Asked
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.protocol import COMMAND_LIVES_SECONDS, Approved, Command, NotApproved, OpenNow

STANDING = """
    SELECT (SELECT epoch FROM foundation_municipality WHERE id = %(municipality)s),
        (SELECT coalesce(sum(wish_version), 0)::bigint FROM lockers_kiosk),
        (SELECT array_agg(id)::text FROM (SELECT id FROM lockers_command ORDER BY id DESC LIMIT 20) newest),
        (SELECT array_agg(id)::text FROM (SELECT id FROM lockers_identification WHERE decided_at IS NOT NULL
            ORDER BY decided_at DESC LIMIT 20) newest)
"""
"""The newest by name, not how many or the highest number: that grows too late where one comes as another grows old, or
where of two that were written at once the first is seen last. Read from the end of an index."""


class Standing(NamedTuple):
    """What moves whenever there may be news for any wall of a municipality."""

    epoch: int
    versions: int
    commands: str | None
    decided: str | None


class OfKiosk(msgspec.Struct, frozen=True):
    """What one wall may have to be told. `moment`: `epoch.version`; `device`: the one enrolled now."""

    device: int
    moment: str
    commands: tuple[Command, ...]


def standing(municipality: int) -> Standing:
    """One statement."""
    with acting_for(municipality), connection.cursor() as cursor:
        cursor.execute(STANDING, {"municipality": municipality})
        return Standing(*cursor.fetchone())


def of_kiosks(municipality: int, kiosks: Collection[int]) -> dict[int, OfKiosk]:
    """Kiosk id → its wishes' name, and the commands that still live and have no answer."""
    since = clock.now() - timedelta(seconds=COMMAND_LIVES_SECONDS)
    with acting_for(municipality):
        epoch = Municipality.objects.values_list("epoch", flat=True).get(pk=municipality)
        versions = dict(Kiosk.objects.filter(pk__in=kiosks).values_list("pk", "wish_version"))
        asked = Asked.objects.filter(kiosk_id__in=kiosks, issued_at__gt=since, outcome="")
        openings = [
            (command.kiosk_id, _open_now(command))
            for command in asked.select_related("compartment", "asked_by").order_by("pk")
        ]
        decided = Identification.objects.filter(kiosk_id__in=kiosks, decided_at__gt=since).exclude(state="over")
        verdicts = [(one.kiosk_id, _verdict(one)) for one in decided.order_by("pk")]
    enrolled = dict(Device.objects.filter(kiosk__in=kiosks, retired_at=None).values_list("kiosk", "pk"))
    return {
        kiosk: OfKiosk(
            device=enrolled.get(kiosk, 0),
            moment=f"{epoch}.{version}",
            commands=tuple(command for wall, command in (*openings, *verdicts) if wall == kiosk),
        )
        for kiosk, version in versions.items()
    }


def _verdict(decided: Identification) -> Approved | NotApproved:
    assert decided.decided_at is not None
    if decided.state == Identification.State.APPROVED:
        return Approved(
            nonce=decided.nonce,
            boot=decided.boot,
            session=decided.session,
            identification=decided.pk,
            issued_at=decided.decided_at,
            handovers=tuple(decided.handovers),
        )
    return NotApproved(
        nonce=decided.nonce,
        boot=decided.boot,
        session=decided.session,
        identification=decided.pk,
        issued_at=decided.decided_at,
        why=decided.why,
    )


def _open_now(command: Asked) -> OpenNow:
    return OpenNow(
        nonce=command.nonce,
        boot=command.boot,
        issued_at=command.issued_at,
        compartment=command.compartment.number,
        person=str(command.asked_by.pseudonym),
        reason=command.reason,
        handover=command.handover_id,
    )
