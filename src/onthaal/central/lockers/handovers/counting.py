"""The stock count of personal documents: what the ledger says against what was seen, and what is done about a
difference: an incident with a deadline, which ends with words of a named person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers.models import Handover, Incident, Stay, StockCount
from onthaal.core import deadlines
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Refusal, Why

LOOKED_INTO_WITHIN = timedelta(days=1)
"""An incident must be closed before the end of the next day."""
RECEIVED_WITHIN = timedelta(days=1)
"""What one person took out of a wall, another must have received by then."""
COUNTED_BY_HAND_EVERY = timedelta(days=7)
"""Doors and sensors are the wall's own word; once a week a person looks."""
MISSING, UNEXPECTED, NOT_RECEIVED = "missing", "unexpected", "not-received"
LOST, TAKEN_AFTER = "lost", "taken-after"
"""Two people said that it is nowhere; somebody took it out of a wall where by the ledger it did not lie any more."""


@transaction.atomic
def count(*, kiosk_id: int, there: Mapping[int, bool], by: Account | None) -> StockCount:
    """One count of a wall. `there`: compartment row → whether something was seen to lie in it; a compartment that is
    not named was not looked into. `by`: None when doors and sensors were asked.

    Whatever differs opens an incident, once as long as one on that compartment is open.
    """
    stays = {stay.compartment_id: stay for stay in _stays(kiosk_id)}
    personal = {place: stay for place, stay in stays.items() if stay.handover.product.personal}
    seen = sum(there.get(place, False) for place in personal)
    now = clock.now()
    counted = StockCount(
        kiosk_id=kiosk_id, day=deadlines.day_of(now), at=now, by=by, expected=len(personal), seen=seen
    )  # fmt: skip
    counted.save()
    missing = [place for place in personal if there.get(place) is False]
    unexpected = [place for place, something in there.items() if something and place not in stays]
    journal.note(
        stream=f"kiosk:{kiosk_id}",
        kind="stock.counted",
        by=str(by.pseudonym) if by else "",
        about={"kiosk": kiosk_id},
        data={"count": counted.pk, "expected": len(personal), "seen": seen, "differences": len(missing + unexpected)},
    )
    for place in missing:
        _open(counted, place, MISSING, handover_id=personal[place].handover_id)
    for place in unexpected:
        _open(counted, place, UNEXPECTED, handover_id=None)
    return counted


def _stays(kiosk_id: int) -> Sequence[Stay]:
    lies = Stay.objects.filter(compartment__kiosk_id=kiosk_id, until=None)
    return list(lies.select_related("handover__product"))


def _open(counted: StockCount, place: int, kind: str, *, handover_id: int | None) -> None:
    about = {"kiosk_id": counted.kiosk_id, "handover_id": handover_id, "count": counted}
    _open_once({"compartment_id": place, "kind": kind}, about, counted.at)


def _open_once(which: Mapping[str, object], about: Mapping[str, object], now: datetime) -> None:
    """An incident, once as long as `which` finds it open."""
    due_at = deadlines.end_of(deadlines.day_of(now) + LOOKED_INTO_WITHIN)
    defaults = {**about, "opened_at": now, "due_at": due_at}
    incident, new = Incident.objects.get_or_create(**which, closed_at=None, defaults=defaults)
    if new:
        _note(incident, "incident.opened", by=None)


def _open_for_not_received(now: datetime) -> None:
    """A document that somebody took out of a wall and that nobody else has received since."""
    taken = Handover.objects.filter(stage=Stage.TAKEN_BACK, product__two_staff=True, received_by="")
    for handover in taken.filter(closed_at__lte=now - RECEIVED_WITHIN).order_by("pk"):
        place = {"compartment_id": handover.compartment_id} if handover.compartment_id else {"handover": handover}
        about = {"kiosk_id": handover.kiosk_id, "handover": handover}
        _open_once({**place, "kind": NOT_RECEIVED}, about, now)


@transaction.atomic
def open_incident(handover: Handover, kind: str) -> None:
    """Something happened to a personal document that somebody must account for; once as long as it is open."""
    _open_once({"handover": handover, "kind": kind}, {"kiosk_id": handover.kiosk_id}, clock.now())


@transaction.atomic
def close_incident(*, incident_id: int, by: Account, finding: str) -> Incident:
    """Somebody found out, and says so in their words. Refuses REASON_MISSING; MOVE_NOT_ALLOWED once it was closed."""
    if not finding.strip():
        raise Refusal(Why.REASON_MISSING)
    incident: Incident = (
        Incident.objects.select_for_update(of=("self",)).select_related("compartment").get(pk=incident_id)
    )
    if incident.closed_at is not None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="closed", move="close")
    incident.closed_at, incident.closed_by, incident.finding = clock.now(), by, finding.strip()[:500]
    incident.save(update_fields=["closed_at", "closed_by", "finding"])
    _note(incident, "incident.closed", by=by)
    return incident


def watch_incidents(now: datetime) -> int:
    """An incident that nobody closed in time raises a critical alert, once; what was taken out and not received in
    time becomes an incident. How many are late."""
    _open_for_not_received(now)
    late = list(Incident.objects.filter(closed_at=None, due_at__lte=now).order_by("pk"))
    for incident in late:
        about = f"incident:{incident.pk}"
        if not Alert.objects.filter(kind="incident-overdue", about=about).exists():
            attention.raise_alert(kind="incident-overdue", level=Alert.Level.CRITICAL, about=about)
    return len(late)


def counted_today(kiosk_id: int, now: datetime) -> bool:
    """Whether doors and sensors of this wall were asked today, in Belgium."""
    return bool(StockCount.objects.filter(kiosk_id=kiosk_id, day=deadlines.day_of(now), by=None).exists())


def hand_count_is_due(kiosk_id: int, now: datetime) -> bool:
    """Whether personal documents lie in this wall and nobody looked at them for a week: since the last count by a
    person, or since the first of them came to this wall."""
    lies = Stay.objects.filter(compartment__kiosk_id=kiosk_id, handover__product__personal=True)
    if not lies.filter(until=None).exists():
        return False
    by_hand = StockCount.objects.filter(kiosk_id=kiosk_id, by__isnull=False).order_by("at").last()
    since = by_hand.at if by_hand else lies.order_by("since").values_list("since", flat=True)[0]
    return bool(now - since >= COUNTED_BY_HAND_EVERY)


def open_incidents() -> Sequence[Incident]:
    """Those that wait for somebody's words, the first due on top."""
    found = Incident.objects.filter(closed_at=None).select_related(*_WITH)
    return list(found.order_by("due_at", "pk"))


def closed_incidents() -> Sequence[Incident]:
    """Those that were closed, the newest first: fifty."""
    return list(Incident.objects.exclude(closed_at=None).select_related(*_WITH).order_by("-closed_at", "-pk")[:50])


def incident(incident_id: int) -> Incident:
    """One with all it names. Incident.DoesNotExist."""
    found: Incident = Incident.objects.select_related(*_WITH).get(pk=incident_id)
    return found


def incidents_by_id(ids: Iterable[int]) -> Sequence[Incident]:
    """Those with these numbers, with all they name."""
    return list(Incident.objects.filter(pk__in=set(ids)).select_related(*_WITH))


def counts(kiosk_id: int) -> Sequence[StockCount]:
    """The counts of a wall, the newest first: thirty."""
    return list(StockCount.objects.filter(kiosk_id=kiosk_id).select_related("by").order_by("-at", "-pk")[:30])


_WITH = ("kiosk", "compartment", "handover__product", "handover__item", "handover__request", "count__by", "closed_by")


def _note(incident: Incident, kind: str, *, by: Account | None) -> None:
    """Names the door and the handover; the words of who closed it stay in its row."""
    door = incident.compartment.number if incident.compartment else None
    named = {
        "kiosk": incident.kiosk_id,
        "compartment": door,
        "handover": incident.handover_id,
        "incident": incident.pk,
    }
    journal.note(
        stream=f"kiosk:{incident.kiosk_id}",
        kind=kind,
        by=str(by.pseudonym) if by else "",
        about={name: value for name, value in named.items() if value is not None},
        data={"incident": incident.kind},
    )
