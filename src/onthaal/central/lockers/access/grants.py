"""Verbs on grants: the PIN and QR of one handover, their notice, and the wall's pepper.

A clear code exists only sealed, until its notice was sent; its notice waits until the wall knows the grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from onthaal import clock
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.sealing import seal, unseal
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.handovers.queries import slots_of
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core import deadlines
from onthaal.core.codes import Kind, Pin, shown_pin
from onthaal.core.lifecycles import Direction, Move, Stage
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import pepper as peppers
from onthaal.proofs import pins, qr

LIVE = (Grant.Status.ASLEEP, Grant.Status.AWAKE)
QR_ONLY_RELEASES_A_YEAR = 20
LONGEST_ADDRESS = 254
"""RFC 5321 4.5.3.1.3, as the column."""
_DRAWS = 8
"""Two clerks may draw the same selector at once: the loser draws again."""


def pepper(kiosk: Kiosk) -> bytes:
    """The wall's 32 secret bytes; drawn and sealed the first time, by one of those who ask at once.

    For verbs: in a snapshot, which cannot see who was quicker, ask `known_pepper`.
    """
    if kiosk.pepper_sealed is None:
        box = seal(peppers.draw(), _pepper_of(kiosk))
        Kiosk.objects.filter(pk=kiosk.pk, pepper_sealed=None).update(pepper_sealed=box)
        kiosk.refresh_from_db(fields=["pepper_sealed"])
    assert kiosk.pepper_sealed is not None
    return unseal(bytes(kiosk.pepper_sealed), _pepper_of(kiosk))


def known_pepper(kiosk: Kiosk) -> bytes | None:
    """The wall's pepper, if it was ever given one: enrolling it draws it."""
    return None if kiosk.pepper_sealed is None else unseal(bytes(kiosk.pepper_sealed), _pepper_of(kiosk))


def _pepper_of(kiosk: Kiosk) -> str:
    return f"pepper:{kiosk.pk}"


def make_grant(handover: Handover, *, awake: bool, by: Account | None = None) -> Grant:
    """A fresh PIN and QR for a handover. Part of a verb: `tell_walls` comes last.

    Refuses PROOF_TOO_WEAK for a personal product: no code ever opens for it (promise 5).
    """
    if Product.objects.get(pk=handover.product_id).personal:
        raise Refusal(Why.PROOF_TOO_WEAK)
    wall, body = pepper(handover.kiosk), qr.draw(Kind.GRANT)
    grant = Grant(
        handover=handover,
        kiosk_id=handover.kiosk_id,
        status=Grant.Status.AWAKE if awake else Grant.Status.ASLEEP,
        qr_verifier=qr.verifier(Kind.GRANT, body, wall),
        opens_at=clock.now(),  # what lies there for somebody opens for them, also the evening before a loan begins
        closes_at=_closes_at(handover),
        made_at=clock.now(),
    )
    pin = _with_free_selector(grant, wall)
    text = qr.text(Kind.GRANT, body)
    grant.sealed = notices.sealed_codes(shown_pin(pin), text, about=f"handover:{handover.pk}")
    grant.save(update_fields=["sealed"])
    _note(grant, "grant.made", by=by)
    return grant


def make_identity_grant(handover: Handover, identity: Identity, *, by: Account | None = None) -> Grant:
    """The right of who asked for a personal document: no code, asleep until it is loaded. Part of a verb, as
    `make_grant`.

    Refuses PROOF_TOO_WEAK for what is not personal (a code does for that), or for an identity that was erased.
    """
    if not Product.objects.get(pk=handover.product_id).personal or identity.erased_at is not None:
        raise Refusal(Why.PROOF_TOO_WEAK)
    now = clock.now()
    grant = Grant(
        handover=handover,
        kiosk_id=handover.kiosk_id,
        proof=Grant.Proof.IDENTITY,
        identity=identity,
        opens_at=now,
        closes_at=None,
        made_at=now,
    )
    grant.save()
    _note(grant, "grant.for-identity", by=by)
    return grant


@transaction.atomic
def renew_identity_grant(*, handover_id: int) -> None:
    """A personal document lies in the wall after all: who asked for it can collect it, as before the doubt.

    For followers; doing it twice is harmless.
    """
    handover = handovers.lock([handover_id])[handover_id]
    mine = Grant.objects.filter(handover_id=handover_id, proof=Grant.Proof.IDENTITY).select_related("identity")
    grant: Grant | None = mine.filter(status__in=LIVE).first()
    if grant is None:
        last = mine.order_by("-pk").first()
        if last is None or last.identity is None:
            return
        grant = make_identity_grant(handover, last.identity)
    grant.status = Grant.Status.AWAKE
    grant.save(update_fields=["status"])
    tell_walls([grant])


def _closes_at(handover: Handover) -> datetime | None:
    """A loan can be collected until its last day; what is kept, until it is recalled; nothing comes back too late."""
    if handover.direction == Direction.BACK or handover.ends_on is None:
        return None
    return deadlines.end_of(handover.ends_on)


def _with_free_selector(grant: Grant, wall: bytes) -> Pin:
    for _ in range(_DRAWS):
        taken = Grant.objects.filter(kiosk_id=grant.kiosk_id, status__in=LIVE).values_list("selector", flat=True)
        pin = pins.draw(set(taken))
        grant.selector, grant.pin_verifier = pin.selector, pins.verifier(pin, wall)
        try:
            with transaction.atomic():
                grant.save()
        except IntegrityError as error:
            if "one_live_grant_per_selector" not in str(error):
                raise
            continue
        return pin
    raise AssertionError("no selector could be drawn")


def tell_walls(grants: Iterable[Grant], *, also: Iterable[int] = ()) -> Mapping[int, int]:
    """Raise the wishes of the walls that must know these grants (and of the kiosks `also`). Last in a transaction."""
    grants = list(grants)
    versions = places.raise_wishes({*(grant.kiosk_id for grant in grants), *also})
    for grant in grants:
        grant.wish_version = versions[grant.kiosk_id]
        grant.save(update_fields=["wish_version"])
    return versions


def end_grants(handover_id: int, *, status: Grant.Status, by: Account | None = None) -> int:
    """Part of a verb: none of the handover's codes opens any more. How many were live."""
    live = list(Grant.objects.filter(handover_id=handover_id, status__in=LIVE).order_by("pk"))
    for grant in live:
        grant.status, grant.ended_at, grant.sealed = status, clock.now(), None
        grant.save(update_fields=["status", "ended_at", "sealed"])
        _note(grant, "grant.revoked", by=by, data={"status": status})
    if live:
        notices.drop(f"handover:{handover_id}", *TELL_OF_IT)
    return len(live)


@transaction.atomic
def revoke(*, handover_id: int, by: Account | None, status: Grant.Status = Grant.Status.REVOKED) -> int:
    """Withdraw the handover's codes. How many there were; doing it twice is harmless."""
    handover = handovers.lock([handover_id])[handover_id]
    ended = end_grants(handover_id, status=status, by=by)
    if ended:
        places.raise_wishes([handover.kiosk_id])
    return ended


WITH_CODE = ("ready", "new-code", "new-pin", "receipt")
"""The notices that carry a code."""
TELL_OF_IT = (*WITH_CODE, "dossier-ready")
"""Those that tell somebody that it can be opened."""
CAN_WAIT = ("recalled",)
"""What the clock says at midnight, and nobody is woken for."""
OF_A_DOCUMENT = {
    "ready": "dossier-ready",
    "reminder": "dossier-reminder",
    "door-trouble": "dossier-door-trouble",
    "recalled": "dossier-to-desk",
    "taken-back": "dossier-taken-back",
    "receipt": "dossier-collected",
    "lost": "dossier-lost",
}
"""What is sent instead about a personal document: without a code, naming neither the document nor the person."""


@transaction.atomic
def send_again(*, handover_id: int, by: Account | None, email: str = "", keep_qr: bool = False) -> Grant:
    """A new code for who lost theirs; the old one opens no more. `email`: the address, mended.

    `keep_qr`: only its PIN was closed, so the QR that the addressee has goes on opening beside the new code.
    Refuses MOVE_NOT_ALLOWED when no code would open anything, MALFORMED for what is no mail address.
    """
    handover = handovers.lock([handover_id])[handover_id]
    if not handovers.can_be_opened(handover):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=handover.stage, move=Move.NOTIFY)
    if email.strip():
        _mend_address(handover, email.strip(), by=by)
    if not keep_qr:
        end_grants(handover_id, status=Grant.Status.REVOKED, by=by)
    grant = make_grant(handover, awake=True, by=by)
    kind = "ready" if handover.stage == Stage.LOADED else "new-pin" if keep_qr else "new-code"
    announce(handover, kind=kind, grant=grant)
    _note(grant, "grant.sent-again", by=by)
    tell_walls([grant])
    return grant


def _mend_address(handover: Handover, typed: str, *, by: Account | None) -> None:
    """Where codes go is changed by somebody: the journal says by whom, never what the address is."""
    handover.person.email = _mail_address(typed)
    handover.person.save(update_fields=["email"])
    journal.note(
        stream=f"handover:{handover.pk}", kind="person.address-changed", by=str(by.pseudonym) if by else "",
        about={"handover": handover.pk},
    )  # fmt: skip


def _mail_address(typed: str) -> str:
    try:
        validate_email(typed)
    except ValidationError:
        raise Refusal(Why.MALFORMED, what="email") from None
    if len(typed) > LONGEST_ADDRESS:
        raise Refusal(Why.MALFORMED, what="email")
    return typed


def announce(handover: Handover, *, kind: str, grant: Grant | None = None) -> None:
    """Write the addressee about a handover; with a grant its code goes along, once the wall knows it.

    Nobody is written who was erased.
    """
    if not handover.person.email:
        return
    slots = slots_of(handover)
    not_before = deadlines.by_day(clock.now()) if kind in CAN_WAIT else None
    if handover.product.personal:
        kind = OF_A_DOCUMENT[kind]
        slots = {name: value for name, value in slots.items() if name not in ("product", "item")}
    notices.send(
        kind=kind,
        person=handover.person,
        about=f"handover:{handover.pk}",
        slots=slots,
        sealed=bytes(grant.sealed) if grant is not None and grant.sealed is not None else None,
        hold=grant is not None,
        not_before=not_before,
    )


def was_the_last_code(notice_id: int) -> bool:
    """Whether a notice carried the code that is good now, or told of what needs none, and none like it was made after
    it."""
    told = Notice.objects.filter(kind__in=TELL_OF_IT).exclude(status=Notice.Status.DROPPED)
    notice = told.filter(pk=notice_id).first()
    return notice is not None and not told.filter(about=notice.about, pk__gt=notice.pk).exists()


def wall_knows(*, kiosk_id: int, version: int) -> int:
    """The wall applied the wishes up to `version`: let the codes go that it now knows. How many notices.

    Only for a state of the municipality's epoch.
    """
    known = Grant.objects.filter(
        kiosk_id=kiosk_id,
        status=Grant.Status.AWAKE,
        wish_version__gt=0,
        wish_version__lte=version,
        sealed__isnull=False,
    )
    ordered = known.order_by("handover_id").values_list("handover_id", flat=True)  # two who let go lock alike
    return sum(notices.release(f"handover:{handover}") for handover in ordered)


@transaction.atomic
def code_sent(*, handover_id: int, notice_id: int) -> None:
    """The notice with the code has gone: from now on nobody, not even the centre, can show it.

    A newer code, made while this mail waited, has a notice of its own that still is to go.
    """
    handovers.lock([handover_id])  # before its grants, as every verb on them
    written = Notice.objects.get(pk=notice_id).created_at
    Grant.objects.filter(handover_id=handover_id, made_at__lte=written).update(sealed=None)


@transaction.atomic
def release_qr_only(*, kiosk_id: int, by: Account) -> Kiosk:
    """Let a wall take PINs again: for 20 more wrong codes. Refuses QR_ONLY after 20 releases in a year."""
    journal.note(
        stream=f"kiosk:{kiosk_id}", kind="kiosk.qr-only-released", by=str(by.pseudonym), about={"kiosk": kiosk_id}
    )
    kiosk: Kiosk = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk_id)
    year = clock.now().year
    if kiosk.qr_only_year != year:
        kiosk.qr_only_year, kiosk.qr_only_releases = year, 0
    if kiosk.qr_only_releases >= QR_ONLY_RELEASES_A_YEAR:
        raise Refusal(Why.QR_ONLY)
    kiosk.qr_only_releases += 1
    kiosk.save(update_fields=["qr_only_year", "qr_only_releases"])
    places.raise_wishes([kiosk_id])
    return kiosk


def _note(grant: Grant, kind: str, *, by: Account | None, data: Mapping[str, object] | None = None) -> None:
    journal.note(
        stream=f"handover:{grant.handover_id}",
        kind=kind,
        by=str(by.pseudonym) if by else "",
        about={"handover": grant.handover_id, "grant": grant.pk, "kiosk": grant.kiosk_id},
        data=dict(data or {}),
    )
