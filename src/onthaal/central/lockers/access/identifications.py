"""Verbs on identifications: somebody at a wall says who they are, and opens what waits for exactly them.

The wall learns which handovers were approved, never who it is. Nothing here talks to a provider: `foundation.identity`
does, outside any transaction, and hands over what it found.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.identity.models import Identity, Provider
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.lockers.access.models import Grant, Identification
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.lifecycles import OPENABLE
from onthaal.core.protocol import IDENTIFICATION_SECONDS, Confirmation, StartIdentification, TypedDigits
from onthaal.core.refusals import Refusal, Why

WITHIN = timedelta(seconds=IDENTIFICATION_SECONDS)
_TWO_DIGITS = 100
State = Identification.State


def provider_for(way: str) -> Provider | None:
    """The provider that this municipality uses at its walls in this way; None when there is none."""
    where = {"page": {"at_wall_page": True}, "phone": {"at_wall_phone": True}}[way]
    return Provider.objects.filter(enabled=True, **where).order_by("pk").first()


@transaction.atomic
def start_identification(*, kiosk_id: int, asked: StartIdentification) -> tuple[Identification, str]:
    """A new identification at a wall, and the clear handle that leads to it once. One before it at that wall is over.

    Refuses IDENTITY_UNAVAILABLE where no provider is set up for this way.
    """
    kiosk = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk_id)
    provider = provider_for(asked.way)
    if provider is None:
        raise Refusal(Why.IDENTITY_UNAVAILABLE)
    for before in Identification.objects.filter(kiosk=kiosk, state__in=Identification.OPEN):
        _end(before, State.OVER)
    handle, now = secrets.token_urlsafe(16), clock.now()
    begun = Identification(
        kiosk=kiosk,
        boot=asked.boot,
        session=asked.session,
        way=asked.way,
        language=asked.language,
        number=_two_digits(),
        handle_hash=hashed(handle),
        provider=provider,
        started_at=now,
        expires_at=now + WITHIN,
    )
    begun.save()
    _note(begun, "identification.begun", data={"way": begun.way})
    return begun, handle


def hashed(handle: str) -> str:
    """What is kept of a handle: its SHA-256, hex."""
    return hashlib.sha256(f"identification:{handle}".encode()).hexdigest()


def _two_digits() -> str:
    return f"{secrets.randbelow(_TWO_DIGITS):02d}"


def confirmation(begun: Identification) -> Confirmation:
    """What the screen, the phone and the provider's text say of this identification: the same on all three."""
    kiosk = Kiosk.objects.select_related("site", "municipality").get(pk=begun.kiosk_id)
    return Confirmation(
        municipality=kiosk.municipality.name, street=kiosk.site.address, wall=kiosk.name, number=begun.number
    )


@transaction.atomic
def follow_handle(handle: str) -> Identification:
    """The handle was followed: it leads somewhere once. Refuses IDENTITY_TOO_LATE for an old, used or unknown one."""
    begun: Identification | None = Identification.objects.select_for_update().filter(handle_hash=hashed(handle)).first()
    if begun is None or begun.state != State.STARTED or begun.opened_at is not None or _late(begun, clock.now()):
        raise Refusal(Why.IDENTITY_TOO_LATE)
    begun.opened_at = clock.now()
    begun.save(update_fields=["opened_at"])
    return begun


@transaction.atomic
def identification_proved(*, identification_id: int, identity: Identity | None, why: Why | None) -> Identification:
    """The provider answered: `identity` is who it is, `why` what is wrong with that. Ends it, but for a phone that
    must still show its digits. Doing it twice is harmless: only the first counts.
    """
    begun = _locked(identification_id)
    if begun.state != State.STARTED:
        return begun
    if _late(begun, clock.now()):
        return _end(begun, State.TIMED_OUT, Why.IDENTITY_TOO_LATE)
    if why is not None:
        return _end(begun, State.REFUSED, why)
    begun.identity = identity
    if begun.way == "page":
        return _decide(begun)
    begun.state, begun.digits = State.PROVED, _two_digits()
    begun.save()
    _note(begun, "identification.proved")
    return begun


@transaction.atomic
def type_digits(*, kiosk_id: int, identification_id: int, typed: TypedDigits) -> bool:
    """The digits of the phone, typed at the wall: one try. Whether they were right.

    Refuses IDENTITY_TOO_LATE when nothing waits for digits of this boot and session.
    """
    begun = _of_session(kiosk_id, identification_id, typed.boot, typed.session)
    if begun.state != State.PROVED or _late(begun, clock.now()):
        if begun.state == State.STARTED:  # before the phone has signed in nobody can know them: it was a guess
            _end(begun, State.REFUSED, Why.DIGITS_WRONG)
            return False
        raise Refusal(Why.IDENTITY_TOO_LATE)
    right = secrets.compare_digest(typed.digits.encode(), begun.digits.encode())
    if right:
        _decide(begun)
    else:
        _end(begun, State.REFUSED, Why.DIGITS_WRONG)
    return right


@transaction.atomic
def end_identification(*, kiosk_id: int, identification_id: int, boot: str, session: str) -> None:
    """The session at the wall ended: nothing that comes later counts. Twice is harmless."""
    begun = _of_session(kiosk_id, identification_id, boot, session)
    if begun.state in Identification.OPEN:
        _end(begun, State.OVER)


@transaction.atomic
def expire_identifications(now: datetime) -> int:
    """End what took too long. For the clock; how many there were."""
    late = Identification.objects.select_for_update(skip_locked=True).filter(
        state__in=Identification.OPEN, expires_at__lte=now
    )
    return len([_end(begun, State.TIMED_OUT, Why.IDENTITY_TOO_LATE) for begun in late])


def _decide(begun: Identification) -> Identification:
    """Approve what waits at this wall for exactly this person, or nothing."""
    waiting = waiting_for(begun.identity, begun.kiosk_id)
    if not waiting:
        return _end(begun, State.REFUSED, Why.NOTHING_FOR_YOU)
    begun.handovers = waiting
    return _end(begun, State.APPROVED)


def waiting_for(identity: Identity | None, kiosk_id: int) -> list[int]:
    """The handovers out that lie in this wall for this person: asked for with the same subject, or where both are
    known the same national number (by their keyed pseudonyms).
    """
    if identity is None:
        return []
    now = clock.now()
    grants = Grant.objects.filter(
        kiosk_id=kiosk_id,
        proof=Grant.Proof.IDENTITY,
        status=Grant.Status.AWAKE,
        opens_at__lte=now,
        handover__stage__in=[stage.value for stage in OPENABLE],
    ).select_related("identity")
    mine = (grant for grant in grants if _same(grant.identity, identity))
    return sorted({grant.handover_id for grant in mine if grant.closes_at is None or now < grant.closes_at})


def _same(addressee: Identity | None, who: Identity) -> bool:
    if addressee is None or addressee.erased_at is not None:
        return False
    by_subject = addressee.subject_key == who.subject_key
    return by_subject or bool(who.number_key and addressee.number_key == who.number_key)


def _end(begun: Identification, state: Identification.State, why: Why | None = None) -> Identification:
    begun.state, begun.why, begun.digits = state, why.value if why else "", ""
    begun.decided_at, begun.nonce = clock.now(), secrets.token_hex(16)
    begun.save()
    _note(begun, f"identification.{state.value}", data={"why": begun.why} if why else {"handovers": begun.handovers})
    return begun


def _late(begun: Identification, now: datetime) -> bool:
    return now >= begun.expires_at


def _locked(identification_id: int) -> Identification:
    begun: Identification = Identification.objects.select_for_update(of=("self",)).get(pk=identification_id)
    return begun


def _of_session(kiosk_id: int, identification_id: int, boot: str, session: str) -> Identification:
    found = Identification.objects.select_for_update(of=("self",)).filter(
        pk=identification_id, kiosk_id=kiosk_id, boot=boot, session=session
    )
    begun: Identification | None = found.first()
    if begun is None:
        raise Refusal(Why.IDENTITY_TOO_LATE)
    return begun


def _note(begun: Identification, kind: str, *, data: dict[str, object] | None = None) -> None:
    """Names the wall and the person's pseudonym, nothing of what the provider said."""
    by = str(begun.identity.person.pseudonym) if begun.identity is not None else ""
    journal.note(
        stream=f"kiosk:{begun.kiosk_id}",
        kind=kind,
        by=by,
        about={"kiosk": begun.kiosk_id, "identification": begun.pk},
        data=data or {},
    )
