"""Verbs on identifications: somebody at a wall says who they are, and opens what waits for exactly them.

The wall learns which handovers were approved, never who it is. Nothing here talks to a provider: `foundation.identity`
does, outside any transaction, and hands over what it found.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction

from onthaal import clock
from onthaal.central.foundation.identity import actions as identities
from onthaal.central.foundation.identity import queries as providers
from onthaal.central.foundation.identity.actions import Finished
from onthaal.central.foundation.identity.models import Identity, Provider
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.lockers.access.models import Identification
from onthaal.central.lockers.access.recognising import doubt, waiting_for
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.protocol import IDENTIFICATION_SECONDS, Confirmation, StartIdentification, TypedDigits
from onthaal.core.refusals import Refusal, Why

WITHIN = timedelta(seconds=IDENTIFICATION_SECONDS)
STARTS = 12
STARTS_WITHIN = timedelta(minutes=10)
"""So many identifications may begin at one wall in that time; each asks a provider, and may ring somebody's phone."""
WRONG_DIGITS = 5
WRONG_DIGITS_WITHIN = timedelta(hours=1)
"""So many times may wrong digits be typed at one wall in that time. One in a hundred guesses is right."""
FAILED_JUST_NOW = timedelta(seconds=30)
"""So long nobody is sent to a provider that did not answer the person before them; then one may try."""
ABOUT = "identification:"
"""How a sign-in names the identification it is for, followed by its number."""
_TWO_DIGITS = 100
State = Identification.State


def provider_for(way: str) -> Provider | None:
    """The provider that walls name on their screen, where it serves this way; None when there is none."""
    provider = providers.for_walls()
    serves = provider is not None and (provider.at_wall_page if way == "page" else provider.at_wall_phone)
    return provider if serves else None


@transaction.atomic
def start_identification(*, kiosk_id: int, asked: StartIdentification) -> tuple[Identification, str]:
    """A new identification at a wall, and the clear handle that leads to it once. One before it at that wall is over.

    Refuses IDENTITY_UNAVAILABLE where no provider is set up for this way, or it is known not to answer;
    TOO_MANY_REQUESTS when this wall asked too often.
    """
    _one_at_a_time(kiosk_id)
    provider, now = provider_for(asked.way), clock.now()
    if provider is None or not _answers(provider, now):
        raise Refusal(Why.IDENTITY_UNAVAILABLE)
    _throttle(kiosk_id, now)
    live = Identification.objects.select_for_update(of=("self",)).filter(
        kiosk_id=kiosk_id, state__in=Identification.OPEN
    )
    for before in live:
        _end(before, State.OVER)
    handle = secrets.token_urlsafe(16)
    begun = Identification(
        kiosk_id=kiosk_id,
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


def _one_at_a_time(kiosk_id: int) -> None:
    """Starts at one wall one after the other. (Not by the wall's own row: that comes last in the order of locks.)"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"identification:{kiosk_id}"])


def _answers(provider: Provider, now: datetime) -> bool:
    """Whether there is reason to think that somebody could sign in there. No network: what was learnt lately."""
    failed = Identification.objects.filter(
        provider=provider, why=Why.IDENTITY_UNAVAILABLE.value, decided_at__gt=now - FAILED_JUST_NOW
    )
    return providers.available(provider) and not failed.exists()


def _throttle(kiosk_id: int, now: datetime) -> None:
    here = Identification.objects.filter(kiosk_id=kiosk_id)
    wrong = here.filter(why=Why.DIGITS_WRONG.value, decided_at__gt=now - WRONG_DIGITS_WITHIN)
    if here.filter(started_at__gt=now - STARTS_WITHIN).count() >= STARTS or wrong.count() >= WRONG_DIGITS:
        raise Refusal(Why.TOO_MANY_REQUESTS)


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


def by_handle(handle: str) -> Identification:
    """The identification that a handle leads to, not followed yet. Refuses IDENTITY_TOO_LATE for an old, used or
    unknown one, without saying which.
    """
    return _followable(Identification.objects.filter(handle_hash=hashed(handle)).first())


@transaction.atomic
def follow_handle(handle: str) -> Identification:
    """The handle is followed: it leads somewhere once. Refuses as `by_handle`."""
    found = Identification.objects.select_for_update(of=("self",)).filter(handle_hash=hashed(handle))
    begun = _followable(found.select_related("provider").first())
    begun.opened_at = clock.now()
    begun.save(update_fields=["opened_at"])
    return begun


def _followable(begun: Identification | None) -> Identification:
    if begun is None or begun.state != State.STARTED or begun.opened_at is not None or _late(begun, clock.now()):
        raise Refusal(Why.IDENTITY_TOO_LATE)
    return begun


@transaction.atomic
def signed_in(finished: Finished) -> Identification:
    """Somebody came back from a provider, for the identification that their sign-in is about: what that comes to.

    The same answer again changes nothing. Refuses IDENTITY_TOO_LATE for a sign-in that is about none.
    """
    assert finished.sign_in is not None
    sign_in = finished.sign_in
    number = sign_in.about.removeprefix(ABOUT)
    found = Identification.objects.select_related("provider").filter(pk=int(number) if number.isdecimal() else 0)
    begun: Identification | None = found.first()
    if begun is None or sign_in.purpose != f"wall-{begun.way}":
        raise Refusal(Why.IDENTITY_TOO_LATE)
    if finished.again or begun.state != State.STARTED:
        return begun
    why = finished.why or doubt(begun, sign_in, finished.assertion)
    who = identities.recognise(finished.assertion) if finished.assertion is not None and why is None else None
    if who is not None:
        identities.remember(sign_in, who)
    return identification_proved(identification_id=begun.pk, identity=who, why=why)


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
    late = Identification.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state__in=Identification.OPEN, expires_at__lte=now
    )
    return len([_end(begun, State.TIMED_OUT, Why.IDENTITY_TOO_LATE) for begun in late.order_by("kiosk_id")])


def _decide(begun: Identification) -> Identification:
    """Approve what waits at this wall for exactly this person, or nothing."""
    waiting = waiting_for(begun.identity, begun.kiosk_id)
    if not waiting:
        return _end(begun, State.REFUSED, Why.NOTHING_FOR_YOU)
    begun.handovers = waiting
    return _end(begun, State.APPROVED)


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
