"""What became of a personal document that is nowhere for certain: one person says it, another one confirms it.

Who confirms looked for themselves, and judges nothing of their own doing. Lock order: handovers by id, the finding,
items by id, chain heads, wish versions last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from onthaal import clock
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers import counting, ending, queries
from onthaal.central.lockers.handovers.actions import NOBODY_ALONE, lock, needs_two, note, resolved
from onthaal.central.lockers.handovers.models import Finding, Handover
from onthaal.central.lockers.places import actions as places
from onthaal.core.lifecycles import Stage
from onthaal.core.refusals import Refusal, Why


@transaction.atomic
def find(*, handover_id: int, to: str, by: Account, reason: str) -> Finding:
    """The first person says what became of it (one of Finding.To); nothing changes yet.

    Refuses REASON_MISSING; MOVE_NOT_ALLOWED for what one person decides, for what cannot be said of it now, or while
    somebody's finding still stands.
    """
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    handover = lock([handover_id])[handover_id]
    if not needs_two(handover) or not _may_be(handover, to) or standing(handover_id):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move=to)
    found = Finding(
        handover=handover, to=to, reason=reason.strip()[:200], found_by=by, found_at=clock.now()
    )  # fmt: skip
    found.save()
    _note(found, "finding.said", by=by)
    return found


def _may_be(handover: Handover, to: str) -> bool:
    if to == Finding.To.LOST:
        return queries.may_be_lost(handover)
    return handover.stage == Stage.DISPUTED and to in NOBODY_ALONE & queries.resolutions(handover)


@transaction.atomic
def confirm_finding(*, finding_id: int, by: Account) -> Finding:
    """The second person found the same: so it is. What is lost opens an incident, with a deadline.

    Refuses SAME_PERSON_TWICE for who said it, prepared it, loaded it or took it out; COMMAND_STALE when it was
    confirmed or withdrawn; what `find` refuses when that cannot be any more.
    """
    both = ending.locked(Finding.objects.values_list("handover_id", flat=True).get(pk=finding_id))
    found = _locked(finding_id)
    handover = both[found.handover_id]
    if found.found_by_id == by.pk or str(by.pseudonym) in _had_it(handover):
        raise Refusal(Why.SAME_PERSON_TWICE)
    if found.confirmed_at is not None or found.withdrawn_at is not None:
        raise Refusal(Why.COMMAND_STALE)
    _confirmed(found, by)
    if found.to == Finding.To.LOST:
        ending.was_lost(both, handover.pk, by=by, reason=found.reason)
        counting.open_incident(handover, counting.LOST)
        places.raise_all_wishes()
    else:
        resolved(handover, Stage(found.to), by=by, reason=found.reason)
        places.raise_wishes([handover.kiosk_id])
    return found


def _had_it(handover: Handover) -> set[str]:
    """Whose own doing it would be to judge."""
    return {handover.prepared_by, handover.loaded_by, handover.taken_out_by} - {""}


def _confirmed(found: Finding, by: Account) -> None:
    found.confirmed_by, found.confirmed_at = by, clock.now()
    try:
        with transaction.atomic():
            found.save(update_fields=["confirmed_by", "confirmed_at"])
    except IntegrityError as error:
        if "finding_needs_two_people" not in str(error):
            raise
        raise Refusal(Why.SAME_PERSON_TWICE) from None
    _note(found, "finding.confirmed", by=by)


@transaction.atomic
def withdraw_finding(*, finding_id: int, by: Account) -> Finding:
    """It was something else. Twice is harmless; refuses COMMAND_STALE once it was confirmed."""
    found = _locked(finding_id)
    if found.confirmed_at is not None:
        raise Refusal(Why.COMMAND_STALE)
    _withdrawn(found, by)
    return found


@transaction.atomic
def findings_are_over(ids: Iterable[int]) -> None:
    """Something else happened to the document since these were said: they stand no more. For followers."""
    for finding_id in sorted(ids):
        found = _locked(finding_id)
        if found.confirmed_at is None:
            _withdrawn(found, None)


def _withdrawn(found: Finding, by: Account | None) -> None:
    if found.withdrawn_at is None:
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        _note(found, "finding.withdrawn", by=by)


def standing(handover_id: int | None = None) -> Sequence[Finding]:
    """What waits for a second person now, of one handover or of all, the first said on top."""
    found = Finding.objects.filter(confirmed_at=None, withdrawn_at=None)
    if handover_id is not None:
        found = found.filter(handover_id=handover_id)
    return list(found.select_related(*_WITH).order_by("found_at", "pk"))


def latest() -> Sequence[Finding]:
    """Those that ended, the newest first: twenty."""
    over = Finding.objects.exclude(confirmed_at=None, withdrawn_at=None)
    return list(over.select_related(*_WITH).order_by("-pk")[:20])


def findings_by_id(ids: Iterable[int]) -> Sequence[Finding]:
    """Those with these numbers, with all they name."""
    return list(Finding.objects.filter(pk__in=set(ids)).select_related(*_WITH))


def may_confirm(found: Finding, by: Account) -> bool:
    """Whether this person is another one than all who had a part in it."""
    return found.found_by_id != by.pk and str(by.pseudonym) not in _had_it(found.handover)


_WITH = ("handover__product", "handover__kiosk", "handover__compartment", "found_by", "confirmed_by")


def _locked(finding_id: int) -> Finding:
    found: Finding = Finding.objects.select_for_update(of=("self",)).select_related("found_by").get(pk=finding_id)
    return found


def _note(found: Finding, kind: str, *, by: Account | None) -> None:
    """In the handover's own stream; the words stay in the row."""
    note(found.handover, kind, by=by, data={"finding": found.pk, "to": found.to})
