"""Checking what a person types, scans or holds before the reader, against the ledger. Pure but for the hashing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from onthaal.core import codes, throttle
from onthaal.core.codes import Kind
from onthaal.core.lifecycles import OPENABLE, Direction, Stage
from onthaal.core.protocol import Loan, StaffBadge, WishedGrant
from onthaal.core.refusals import Why
from onthaal.kiosk.ledger import Accepted, Denied, Known, Ledger
from onthaal.proofs import pepper as peppers
from onthaal.proofs import pins, qr, staff

_NO_HURRY = datetime.max.replace(tzinfo=UTC)
_SPENT = {Stage.COLLECTED: Why.CODE_USED, Stage.TAKEN_BACK: Why.CODE_REVOKED, Stage.CANCELLED: Why.CODE_REVOKED}


def _grants(ledger: Ledger) -> Iterator[tuple[WishedGrant, Known]]:
    for known in ledger.handovers.values():
        for grant in known.wished.grants:
            yield grant, known


# PIN


def check_pin(
    ledger: Ledger, text: str, *, now: datetime, pepper: bytes, centre: datetime | None = None
) -> Accepted | Denied:
    """What nine typed digits open. Takes about 80 ms, the same for every wrong one: call it in a thread.

    `now`: by this machine's clock, which stamps the tries on record. `centre`: by the centre's, where it is known:
    codes begin and end by that.

    Every wrong one is told as CODE_WRONG: unknown selector, wrong secret, expired, used, closed. Only a right one
    that cannot open yet, or a wall that takes no PIN, is told otherwise.
    """
    pin = codes.read_pin(text)
    if pin is None:
        return Denied(why=Why.CODE_WRONG, real=Why.CODE_UNREADABLE)
    paused = pin_pause(ledger, now)
    if paused is not None:
        return paused
    grant, known = _named(ledger, pin.selector)
    right = pins.matches(pin, grant.pin_verifier if grant else None, pepper)
    if grant is None or known is None:
        return Denied(why=Why.CODE_WRONG, counts=True)
    if grant.pin_verifier is None or throttle.grant_closed(ledger.evidence.codes, grant.id):
        return Denied(why=Why.CODE_WRONG, real=Why.PIN_CLOSED, grant=grant.id, counts=not right)
    if not right:
        return Denied(why=Why.CODE_WRONG, grant=grant.id, counts=True)
    return _told_alike(_not_now(ledger, grant, known, centre or now)) or Accepted(grant=grant, known=known)


def _told_alike(no: Denied | None) -> Denied | None:
    """A PIN whose time is over is told as any wrong one, and is no guess."""
    if no is None or no.why not in {Why.CODE_EXPIRED, Why.CODE_USED, Why.CODE_REVOKED}:
        return no
    return Denied(why=Why.CODE_WRONG, real=no.why, grant=no.grant)


def pin_pause(ledger: Ledger, now: datetime) -> Denied | None:
    """Why no PIN is taken at this wall just now, or None when one is."""
    releases = ledger.wishes.qr_only_releases if ledger.wishes else 0
    if throttle.qr_only(ledger.evidence.codes, now, releases):
        return Denied(why=Why.QR_ONLY, facts=_help(ledger))
    until = throttle.backed_off_until(ledger.evidence.codes, now)
    return Denied(why=Why.BACKED_OFF, until=until, facts={"until": until}) if until else None


def _named(ledger: Ledger, selector: str) -> tuple[WishedGrant, Known] | tuple[None, None]:
    """The grant that a selector names; one that can open goes before one that no longer can."""
    named = [(grant, known) for grant, known in _grants(ledger) if grant.selector == selector]
    named.sort(key=lambda pair: pair[1].stage in _SPENT)
    return named[0] if named else (None, None)


# QR


def check_qr(ledger: Ledger, text: str, *, now: datetime, pepper: bytes) -> Accepted | Denied:
    """What a scanned text opens. A QR cannot be guessed, so each no gives its reason and none counts."""
    code = codes.read(text)
    if code is None:
        return Denied(why=Why.CODE_UNREADABLE, facts=_help(ledger))
    if code.kind is not Kind.GRANT:
        return Denied(why=Why.CODE_FOR_STAFF)
    verifier = qr.verifier(code.kind, code.body, pepper)
    for grant, known in _grants(ledger):
        if grant.qr_verifier is not None and peppers.same(grant.qr_verifier, verifier):
            return _not_now(ledger, grant, known, now) or Accepted(grant=grant, known=known)
    return _unknown_qr(ledger, verifier)


def _unknown_qr(ledger: Ledger, verifier: str) -> Denied:
    wishes = ledger.wishes
    for spent in wishes.spent if wishes else ():
        if peppers.same(spent.qr_verifier, verifier):
            return Denied(why=Why(spent.why), facts=_help(ledger))
    if wishes and wishes.walls:
        walls = "; ".join(f"{wall.name}, {wall.address}" for wall in wishes.walls)
        return Denied(why=Why.CODE_OF_OTHER_WALL, facts={"walls": walls, **_help(ledger)})
    return Denied(why=Why.CODE_WRONG, facts=_help(ledger))


# both


def _not_now(ledger: Ledger, grant: WishedGrant, known: Known, now: datetime) -> Denied | None:
    """Why a right code does not open at this moment."""
    why = _stage_says(known) or _time_says(grant, known, now)
    rule = ledger.product(known)
    if why is None and (rule is None or rule.personal):
        why = Why.PROOF_TOO_WEAK
    if why is None:
        return None
    return Denied(why=why, grant=grant.id, facts={"opens_at": grant.opens_at, **_help(ledger)})


def _stage_says(known: Known) -> Why | None:
    if known.stage is Stage.DISPUTED:
        return Why.COMPARTMENT_UNAVAILABLE
    if known.direction is Direction.BACK:
        return None if known.stage is Stage.PLANNED else Why.CODE_USED
    if known.stage in OPENABLE:
        return None
    return {Stage.PLANNED: Why.CODE_NOT_YET, Stage.RECALLED: Why.CODE_REVOKED, **_SPENT}[known.stage]


def _time_says(grant: WishedGrant, known: Known, now: datetime) -> Why | None:
    """Bringing back is never refused by time: neither a late one, nor one by a clock that is wrong."""
    if known.direction is Direction.BACK:
        return None
    if now < grant.opens_at:
        return Why.CODE_NOT_YET
    return Why.CODE_EXPIRED if grant.closes_at is not None and now >= grant.closes_at else None


def _help(ledger: Ledger) -> dict[str, str | datetime]:
    return {"help_phone": ledger.wishes.help_phone} if ledger.wishes else {}


# staff


def check_badge(ledger: Ledger, text: str, *, pepper: bytes) -> StaffBadge | None:
    """Whose badge a scanned text is; None for any other text."""
    code = codes.read(text)
    if code is None or code.kind is not Kind.BADGE or ledger.wishes is None:
        return None
    verifier = qr.verifier(code.kind, code.body, pepper)
    return next((badge for badge in ledger.wishes.staff if peppers.same(badge.badge_verifier, verifier)), None)


def check_staff_pin(
    ledger: Ledger, badge: StaffBadge, pin: str, *, now: datetime, pepper: bytes
) -> StaffBadge | Denied:
    """The badge when the six digits are its holder's. Takes about 80 ms: call it in a thread."""
    until = throttle.staff_closed_until(ledger.evidence.codes, badge.account, now)
    if until is not None:
        return Denied(why=Why.BACKED_OFF, until=until, facts={"until": until}, staff=badge.account)
    if not staff.well_formed(pin):
        return Denied(why=Why.STAFF_PIN_WRONG, staff=badge.account)
    if staff.matches(pin, badge.pin_salt, badge.pin_verifier, pepper):
        return badge
    return Denied(why=Why.STAFF_PIN_WRONG, counts=True, staff=badge.account)


# labels and tags


def for_label(ledger: Ledger, body: str) -> Known | Denied:
    """The handover that a `GZL:` label names, to load now."""
    return _to_load(known for known in ledger.handovers.values() if known.wished.label == body) or Denied(
        why=Why.NOTHING_TO_LOAD if any(k.wished.label == body for k in ledger.handovers.values()) else Why.LABEL_UNKNOWN
    )


def for_tag_loading(ledger: Ledger, tag: str) -> Known | Denied:
    """The handover out that waits for the item with this tag; of several the one that begins first."""
    seen = knows_tag(ledger, tag)
    return _to_load(_tagged(ledger, tag)) or Denied(why=Why.NOTHING_TO_LOAD if seen else Why.TAG_UNKNOWN)


def knows_tag(ledger: Ledger, tag: str) -> bool:
    """Whether a tag is of a thing on loan or planned here; every other one is a stranger's to this wall."""
    return tag.upper() in ledger.loans or any(_tagged(ledger, tag))


def _tagged(ledger: Ledger, tag: str) -> Iterator[Known]:
    return (known for known in ledger.handovers.values() if (known.wished.tag or "").upper() == tag.upper())


def _to_load(several: Iterator[Known]) -> Known | None:
    ready = [known for known in several if known.direction is Direction.OUT and known.stage is Stage.PLANNED]
    ready.sort(key=lambda known: (known.wished.starts_at or _NO_HURRY, known.id))
    return ready[0] if ready else None


def for_tag_return(ledger: Ledger, tag: str) -> Loan | Denied:
    """The loan that an item brought back ends. Never refused for being late."""
    loan = ledger.loans.get(tag.upper())
    if loan is not None:
        return loan
    return Denied(why=Why.TAG_NOT_ON_LOAN if knows_tag(ledger, tag) else Why.TAG_UNKNOWN)
