"""Verbs on places: what a wall looks like, what is kept out of use, and that its wishes changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.queries import door_of, open_within
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.places.models import Block, Compartment, Kiosk
from onthaal.core.facts import Configured
from onthaal.core.refusals import Refusal, Why


def raise_wishes(kiosk_ids: Iterable[int]) -> dict[int, int]:
    """Say that these kiosks should know something new. Kiosk id → its new wish version.

    Always the last lock of a transaction (lock order): nothing may be noted in the journal after it.
    """
    # Here and in every verb NO KEY: others' foreign keys ask for a key share at their commit, and would wait crosswise.
    rows = Kiosk.objects.select_for_update(no_key=True).filter(pk__in=set(kiosk_ids))
    kiosks = rows.order_by("pk").only("wish_version")
    versions = {}
    for kiosk in kiosks:
        kiosk.wish_version += 1
        kiosk.save(update_fields=["wish_version"])
        versions[kiosk.pk] = kiosk.wish_version
    return versions


def raise_all_wishes() -> dict[int, int]:
    """For what every wall of the municipality knows: badges, product rules, loans."""
    return raise_wishes(Kiosk.objects.filter(retired_at=None).values_list("pk", flat=True))


@transaction.atomic
def block(*, compartment_id: int, by: Account | None, reason: str) -> Block:
    """Keep a compartment out of use. One that is blocked already stays as it is. Refuses REASON_MISSING."""
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    compartment = _locked(compartment_id)
    existing: Block | None = Block.objects.filter(compartment=compartment, lifted_at=None).first()
    if existing is not None:
        return existing
    set_block = Block(compartment=compartment, reason=reason.strip()[:200], set_by=by, set_at=clock.now())
    set_block.save()
    _note(compartment, "kiosk.blocked", at=set_block.set_at, by=by, data={"block": set_block.pk})
    raise_wishes([compartment.kiosk_id])
    return set_block


@transaction.atomic
def lift_block(*, compartment_id: int, by: Account | None) -> None:
    """Take away the centre's block; the kiosk's own reasons are lifted at the kiosk."""
    compartment = _locked(compartment_id)
    existing = Block.objects.filter(compartment=compartment, lifted_at=None).first()
    if existing is None:
        return
    existing.lifted_by, existing.lifted_at = by, clock.now()
    existing.save(update_fields=["lifted_by", "lifted_at"])
    _note(compartment, "kiosk.released", at=existing.lifted_at, by=by, data={"block": existing.pk})
    raise_wishes([compartment.kiosk_id])


@transaction.atomic
def counted(*, kiosk_id: int, wrong: Sequence[int], by: Account) -> None:
    """Somebody looked into every compartment. `wrong`: the doors behind which it was otherwise: for each a task to find
    out, until a later count finds it right.

    What lies where is not changed by it: that is found out at the wall, or by resolving what is in doubt.
    """
    wall = f"kiosk:{kiosk_id}"
    differ = [door_of(wall, number) for number in wrong]
    journal.note(
        stream=wall,
        kind="kiosk.counted",
        by=str(by.pseudonym),
        about={"kiosk": kiosk_id},
        data={"wrong": list(wrong)},
    )
    for about in sorted(open_within("count-differs", wall) - set(differ)):
        attention.finish_task(kind="count-differs", about=about, by=by)
    for about in differ:
        attention.open_task(kind="count-differs", about=about)


def fit(*, kiosk_id: int, configured: Configured) -> None:
    """Take over which compartments a kiosk's file says there are. Part of hearing: locks and notes nothing itself.

    One that is gone from the file is marked removed, and comes back when it stands there again.
    """
    known = {compartment.number: compartment for compartment in Compartment.objects.filter(kiosk_id=kiosk_id)}
    for fitted in configured.compartments:
        compartment = known.pop(fitted.number, None) or Compartment(kiosk_id=kiosk_id, number=fitted.number)
        compartment.size, compartment.presence = fitted.size, fitted.presence
        compartment.bottom_mm, compartment.top_mm = fitted.bottom_mm, fitted.top_mm
        compartment.removed_at = None
        compartment.save()
    gone = [compartment.pk for compartment in known.values()]
    Compartment.objects.filter(pk__in=gone, removed_at=None).update(removed_at=clock.now())


def _locked(compartment_id: int) -> Compartment:
    compartment: Compartment = Compartment.objects.select_for_update(no_key=True).get(pk=compartment_id)
    return compartment


def _note(compartment: Compartment, kind: str, *, at: datetime, by: Account | None, data: dict[str, object]) -> None:
    journal.note(
        stream=f"kiosk:{compartment.kiosk_id}",
        kind=kind,
        at=at,
        by=str(by.pseudonym) if by else "",
        about={"kiosk": compartment.kiosk_id, "compartment": compartment.number},
        data=data,
    )
