"""Verbs on badges: what a staff member shows at a wall, beside a PIN that only its owner knows.

Lock order in each, as in the verbs on accounts that run `account_changed`: the account's row, then its journal stream
and its badge in any order, wish versions last. The account's row keeps two verbs on one account apart.
"""

from __future__ import annotations

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account, Role
from onthaal.central.foundation.sealing import seal
from onthaal.central.lockers.access.models import Badge
from onthaal.central.lockers.places import actions as places
from onthaal.core.codes import Kind
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import qr, staff

RIGHTS = {Role.CLERK: ("load", "take_back", "inspect"), Role.TECHNICIAN: ("service",)}
"""What a role may do at a wall."""


def rights_of(account: Account) -> list[str]:
    """In the order of the table; an account that is closed has none."""
    if not account.is_active:
        return []
    return [right for role, rights in RIGHTS.items() if role in account.roles for right in rights]


@transaction.atomic
def issue_badge(*, account_id: int, by: Account) -> str:
    """A new badge: its `GZS:` text, shown this once. The old one opens nothing any more; the PIN is to be chosen anew.

    Refuses NOT_YOURS for an account whose roles have nothing to do at a wall.
    """
    account: Account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    rights = rights_of(account)
    if not rights:
        raise Refusal(Why.NOT_YOURS)
    _end(account, by)
    body = qr.draw(Kind.BADGE)
    Badge(
        account=account,
        secret_sealed=seal(body.encode(), secret_purpose(account_id)),
        rights=rights,
        issued_at=clock.now(),
    ).save()
    _note(account, "badge.issued", by)
    places.raise_all_wishes()
    return qr.text(Kind.BADGE, body)


@transaction.atomic
def set_badge_pin(*, account_id: int, pin: str, by: Account) -> None:
    """The owner chooses the PIN: six digits. Refuses NOT_YOURS for anybody else or without a badge, MALFORMED."""
    if by.pk != account_id:
        raise Refusal(Why.NOT_YOURS)
    if not staff.well_formed(pin):
        raise Refusal(Why.MALFORMED)
    Account.objects.select_for_update(no_key=True).get(pk=account_id)
    badge = Badge.objects.select_for_update().filter(account_id=account_id, revoked_at=None).first()
    if badge is None:
        raise Refusal(Why.NOT_YOURS)
    badge.pin_salt = staff.salt()
    badge.pin_sealed = seal(staff.result(pin, badge.pin_salt), pin_purpose(account_id))
    badge.save(update_fields=["pin_salt", "pin_sealed"])
    _note(by, "badge.pin-set", by)
    places.raise_all_wishes()


@transaction.atomic
def revoke_badge(*, account_id: int, by: Account | None) -> None:
    """The badge opens nothing any more; without one nothing happens."""
    account: Account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if _end(account, by):
        places.raise_all_wishes()


def account_changed(account: Account) -> None:
    """Foundation's hook, inside the transaction that changed or closed an account: its rights follow at every wall."""
    badge = Badge.objects.select_for_update().filter(account=account, revoked_at=None).first()
    if badge is None:
        return
    rights = rights_of(account)
    if not rights:
        _end(account, None)
    elif rights != badge.rights:
        badge.rights = rights
        badge.save(update_fields=["rights"])
    places.raise_all_wishes()


def _end(account: Account, by: Account | None) -> bool:
    ended = Badge.objects.filter(account=account, revoked_at=None).update(revoked_at=clock.now())
    if ended:
        _note(account, "badge.revoked", by)
    return bool(ended)


def _note(account: Account, kind: str, by: Account | None) -> None:
    journal.note(
        stream=f"account:{account.pseudonym}",
        kind=kind,
        by=str(by.pseudonym) if by else "",
        about={"account": str(account.pseudonym)},
    )


def secret_purpose(account_id: int) -> str:
    """What the sealed secret of a badge is bound to."""
    return f"badge:{account_id}"


def pin_purpose(account_id: int) -> str:
    """What the sealed argon2id result of a badge's PIN is bound to."""
    return f"badge-pin:{account_id}"
