"""Opening a door on a personal document from afar: one person asks, another one confirms within ten minutes.

It takes the document back to the desk and never gives it out. Lock order: the asking, handovers by id, chain heads,
wish versions last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.devices import actions as devices
from onthaal.central.lockers.devices.models import OpeningAsked
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places.models import Compartment
from onthaal.core.refusals import Refusal, Why

CONFIRMED_WITHIN = timedelta(minutes=10)


@transaction.atomic
def ask_opening(*, kiosk_id: int, compartment_id: int, handover_id: int, by: Account, reason: str) -> OpeningAsked:
    """The first person asks; nothing opens yet. Refuses REASON_MISSING; COMPARTMENT_UNAVAILABLE when that document
    does not lie there; MOVE_NOT_ALLOWED for what is not personal, or while somebody's asking still stands.
    """
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    compartment = Compartment.objects.get(pk=compartment_id, kiosk_id=kiosk_id, removed_at=None)
    before = OpeningAsked.objects.filter(handover_id=handover_id, confirmed_at=None, withdrawn_at=None)
    list(before.select_for_update(of=("self",)))  # lock order: who confirms has it before the handover
    rows = Handover.objects.select_for_update(no_key=True, of=("self",))
    handover = rows.select_related("product").get(pk=handover_id)
    if not Stay.objects.filter(compartment=compartment, handover=handover, until=None).exists():
        raise Refusal(Why.COMPARTMENT_UNAVAILABLE)
    now = clock.now()
    _expire(OpeningAsked.objects.filter(handover=handover, expires_at__lte=now), now)
    standing = OpeningAsked.objects.filter(handover=handover, confirmed_at=None, withdrawn_at=None)
    if not handover.product.personal or standing.exists():
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move="open")
    asked = OpeningAsked(
        kiosk_id=kiosk_id, compartment=compartment, handover=handover, asked_by=by, reason=reason.strip()[:200],
        asked_at=now, expires_at=now + CONFIRMED_WITHIN,
    )  # fmt: skip
    asked.save()
    _note(asked, "opening.asked", by=by)
    return asked


@transaction.atomic
def confirm_opening(*, opening_id: int, by: Account) -> OpeningAsked:
    """The second person says yes: the document is recalled and the wall is told to open.

    Refuses SAME_PERSON_TWICE for who asked; COMMAND_STALE after ten minutes, or when it was withdrawn or confirmed;
    WALL_BEHIND; COMPARTMENT_UNAVAILABLE when the document lies there no more.
    """
    asked = _locked(opening_id)
    if asked.asked_by_id == by.pk:
        raise Refusal(Why.SAME_PERSON_TWICE)
    now = clock.now()
    if asked.confirmed_at is not None or asked.withdrawn_at is not None or asked.expires_at <= now:
        raise Refusal(Why.COMMAND_STALE)
    state = devices.answering(asked.kiosk_id)
    compartment = Compartment.objects.get(pk=asked.compartment_id, removed_at=None)
    handover = devices.lying_in(compartment, asked.handover_id)
    asked.confirmed_by, asked.confirmed_at = by, now
    try:
        with transaction.atomic():
            asked.save(update_fields=["confirmed_by", "confirmed_at"])
    except IntegrityError as error:
        if "opening_needs_two_people" not in str(error):
            raise
        raise Refusal(Why.SAME_PERSON_TWICE) from None
    _note(asked, "opening.confirmed", by=by)
    asked.command = devices.command_to_open(state, compartment, handover, by=asked.asked_by, reason=asked.reason)
    asked.save(update_fields=["command"])
    return asked


@transaction.atomic
def withdraw_opening(*, opening_id: int, by: Account) -> OpeningAsked:
    """Not needed any more. Twice is harmless; refuses COMMAND_STALE once it was confirmed."""
    asked = _locked(opening_id)
    if asked.confirmed_at is not None:
        raise Refusal(Why.COMMAND_STALE)
    if asked.withdrawn_at is None:
        asked.withdrawn_at = clock.now()
        asked.save(update_fields=["withdrawn_at"])
        _note(asked, "opening.withdrawn", by=by)
    return asked


@transaction.atomic
def expire_openings(now: datetime) -> int:
    """What nobody confirmed in ten minutes stands no more. For the clock; how many there were."""
    late = OpeningAsked.objects.select_for_update(of=("self",), skip_locked=True).filter(expires_at__lte=now)
    return _expire(late.order_by("kiosk_id", "pk"), now)


def standing(kiosk_id: int | None = None) -> Sequence[OpeningAsked]:
    """What waits for a second person now, of one wall or of all, the first to end on top."""
    found = OpeningAsked.objects.filter(confirmed_at=None, withdrawn_at=None, expires_at__gt=clock.now())
    if kiosk_id is not None:
        found = found.filter(kiosk_id=kiosk_id)
    return list(found.select_related(*_WITH).order_by("expires_at", "pk"))


def by_id(ids: Iterable[int]) -> Sequence[OpeningAsked]:
    """Those with these numbers, with all they name."""
    return list(OpeningAsked.objects.filter(pk__in=set(ids)).select_related(*_WITH))


def latest() -> Sequence[OpeningAsked]:
    """Those that ended, the newest first: twenty."""
    over = OpeningAsked.objects.exclude(pk__in=[one.pk for one in standing()])
    return list(over.select_related(*_WITH).order_by("-pk")[:20])


_WITH = ("kiosk", "compartment", "asked_by", "confirmed_by", "command", "handover__product")


def _locked(opening_id: int) -> OpeningAsked:
    asked: OpeningAsked = (
        OpeningAsked.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=opening_id)
    )
    return asked


def _expire(late: QuerySet[OpeningAsked], now: datetime) -> int:
    over = list(late.filter(confirmed_at=None, withdrawn_at=None))
    for asked in over:
        asked.withdrawn_at = now
        asked.save(update_fields=["withdrawn_at"])
        _note(asked, "opening.expired", by=None)
    return len(over)


def _note(asked: OpeningAsked, kind: str, *, by: Account | None) -> None:
    """Names the door and the document's handover; the reason stays in its row."""
    journal.note(
        stream=f"kiosk:{asked.kiosk_id}",
        kind=kind,
        by=str(by.pseudonym) if by else "",
        about={"kiosk": asked.kiosk_id, "compartment": asked.compartment.number, "handover": asked.handover_id},
        data={"opening": asked.pk},
    )
