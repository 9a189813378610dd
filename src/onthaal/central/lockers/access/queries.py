"""Reading access: what a wall must know to check codes and badges by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from onthaal.central.foundation.journal.queries import of_stream
from onthaal.central.foundation.sealing import unseal
from onthaal.central.lockers.access.badges import pin_purpose, secret_purpose
from onthaal.central.lockers.access.grants import LIVE, TELL_OF_IT, known_pepper
from onthaal.central.lockers.access.models import Badge, Grant
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.codes import Kind
from onthaal.core.lifecycles import Stage
from onthaal.core.protocol import Spent, StaffBadge, WishedGrant
from onthaal.proofs import qr, staff

SPENT_IS_KEPT = timedelta(days=30)
"""So long a QR that opens no more still gets its reason."""

_WHY: Mapping[str, Literal["code-used", "code-revoked", "code-expired"]] = {
    Grant.Status.USED: "code-used",
    Grant.Status.REVOKED: "code-revoked",
    Grant.Status.EXPIRED: "code-expired",
}


def counts_on_it(handover_id: int, *, before: int) -> bool:
    """Whether the addressee was told that they can open it, and not since that we take it back: by the entries of its
    stream, those that call it back only when they are older than entry `before`."""
    told: set[int] = set()
    calls_back = {"handover.recalled", "handover.taken-back"}
    kinds = [*calls_back, "handover.resolved", "notice.sent", "notice.bounced"]
    for entry in of_stream(f"handover:{handover_id}").filter(kind__in=kinds):
        ends_there = entry.kind == "handover.resolved" and entry.data["to"] in {Stage.RECALLED, Stage.TAKEN_BACK}
        if (entry.kind in calls_back or ends_there) and entry.number < before:
            told.clear()
        elif entry.kind == "notice.sent" and entry.data["notice"] in TELL_OF_IT:
            told.add(entry.about["notice"])
        elif entry.kind == "notice.bounced":
            told.discard(entry.about["notice"])
    return bool(told)


def wished_grants(kiosk_id: int) -> dict[int, tuple[WishedGrant, ...]]:
    """Handover id → the grants that a wall must know. A closed PIN leaves the QR; what opens for an identity only has
    nothing that a wall could check."""
    found: dict[int, tuple[WishedGrant, ...]] = {}
    for grant in Grant.objects.filter(kiosk_id=kiosk_id, status__in=LIVE).order_by("pk"):
        by_code = grant.proof == Grant.Proof.CODE
        closed = not by_code or grant.pin_closed_at is not None
        wished = WishedGrant(
            id=grant.pk,
            selector=None if closed else grant.selector,
            pin_verifier=None if closed else grant.pin_verifier,
            qr_verifier=grant.qr_verifier if by_code else None,
            opens_at=grant.opens_at,
            closes_at=grant.closes_at,
        )
        found[grant.handover_id] = (*found.get(grant.handover_id, ()), wished)
    return found


def spent(kiosk_id: int, now: datetime) -> tuple[Spent, ...]:
    """The QRs that open no more."""
    ended = Grant.objects.filter(
        kiosk_id=kiosk_id, proof=Grant.Proof.CODE, status__in=list(_WHY), ended_at__gte=now - SPENT_IS_KEPT
    )
    rows = ended.order_by("pk").values_list("qr_verifier", "status")
    return tuple(Spent(qr_verifier=verifier, why=_WHY[status]) for verifier, status in rows)


def staff_badges(kiosk_id: int) -> tuple[StaffBadge, ...]:
    """Who may identify as staff at a wall: valid badges whose owner chose a PIN. None at a wall without a pepper."""
    wall = known_pepper(Kiosk.objects.get(pk=kiosk_id))
    if wall is None:
        return ()
    valid = Badge.objects.filter(revoked_at=None, pin_sealed__isnull=False, account__is_active=True)
    return tuple(
        StaffBadge(
            account=str(badge.account.pseudonym),
            shown_as=badge.account.name.split(" ")[0],
            badge_verifier=qr.verifier(Kind.BADGE, _secret(badge), wall),
            pin_salt=badge.pin_salt,
            pin_verifier=staff.verifier(unseal(badge.pin_sealed, pin_purpose(badge.account_id)), wall),
            rights=tuple(badge.rights),
        )
        for badge in valid.select_related("account").order_by("pk")
    )


def _secret(badge: Badge) -> str:
    return unseal(bytes(badge.secret_sealed), secret_purpose(badge.account_id)).decode()


def badge_of(account_id: int) -> Badge | None:
    """The valid badge of an account."""
    found: Badge | None = Badge.objects.filter(account_id=account_id, revoked_at=None).first()
    return found


def badges_of(account_ids: Iterable[int]) -> dict[int, Badge]:
    """Account id → its valid badge."""
    return {
        badge.account_id: badge for badge in Badge.objects.filter(account_id__in=list(account_ids), revoked_at=None)
    }


def code_on_its_way(handover_id: int) -> bool:
    """Whether a code of this handover was made whose notice has not gone yet."""
    return bool(Grant.objects.filter(handover_id=handover_id, status__in=LIVE, sealed__isnull=False).exists())
