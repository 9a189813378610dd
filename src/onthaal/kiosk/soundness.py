"""Whether a snapshot that decodes makes sense. One that does not is refused whole, and the old one stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from onthaal.core.lifecycles import IN_THE_WALL
from onthaal.core.protocol import PROTOCOL, WishedHandover, Wishes

# Only the sizes that `proofs.pins` makes: a verifier of other sizes could take all memory, or take another time.
_PIN_VERIFIER = re.compile(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")
_HMAC = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{32}")


def unsound(wishes: Wishes) -> str | None:
    """What is wrong with it, for the technician's log; None when nothing is."""
    return next(_complaints(wishes), None)


def _complaints(wishes: Wishes) -> Iterator[str]:
    if wishes.protocol != PROTOCOL:
        yield f"protocol {wishes.protocol}"
    if min(wishes.epoch, wishes.version, wishes.heard_up_to) < 0:
        yield "a negative number"
    ids = [one.id for one in wishes.handovers]
    if len(set(ids)) != len(ids):
        yield "a handover stands there twice"
    grants = [grant.id for one in wishes.handovers for grant in one.grants]
    if len(set(grants)) != len(grants):
        yield "a grant stands there twice"
    placed = [one.compartment for one in wishes.handovers if one.stage in IN_THE_WALL and one.compartment is not None]
    if len(set(placed)) != len(placed):
        yield "two things in one compartment"
    for one in wishes.handovers:
        yield from _of_handover(one)
    yield from _of_proofs(wishes)


def _of_handover(one: WishedHandover) -> Iterator[str]:
    times: list[datetime | None] = [one.starts_at]
    for grant in one.grants:
        times += [grant.opens_at, grant.closes_at]
        if grant.pin_verifier is not None and not _PIN_VERIFIER.fullmatch(grant.pin_verifier):
            yield f"the PIN verifier of grant {grant.id}"
        if grant.qr_verifier is not None and not _HMAC.fullmatch(grant.qr_verifier):
            yield f"the QR verifier of grant {grant.id}"
    if any(time is not None and time.tzinfo is None for time in times):
        yield f"a time without a zone in handover {one.id}"


def _of_proofs(wishes: Wishes) -> Iterator[str]:
    if not all(_HMAC.fullmatch(spent.qr_verifier) for spent in wishes.spent):
        yield "the verifier of a spent grant"
    for badge in wishes.staff:
        verifiers = (badge.badge_verifier, badge.pin_verifier)
        if not _SALT.fullmatch(badge.pin_salt) or not all(_HMAC.fullmatch(one) for one in verifiers):
            yield "the verifiers of a badge"
