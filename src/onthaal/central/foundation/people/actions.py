"""Accounts and people. Whatever changes an account also runs one hook, in the same transaction, for what hangs on it
(the badges at the walls)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from onthaal import clock
from onthaal.central.foundation.identity.knowing import erase as forget_identity
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.foundation.people.models import Account, Lang, Municipality, Person, Role, one_line
from onthaal.central.foundation.tenancy import scope
from onthaal.core.refusals import Refusal, Why

ERASED = "erased-"
"""How the user name of an erased account begins; the pseudonym follows, so that each stays its own."""


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What a new account is made of."""

    username: str
    name: str
    password: str
    roles: tuple[str, ...]
    email: str = ""
    language: str = "nl"


def create_account(new: NewAccount, *, by: Account | None) -> Account:
    """A staff member's account."""
    account = Account(
        username=new.username.strip().lower(), name=new.name, email=new.email, language=new.language,
        roles=_known(new.roles), created_at=clock.now(),
    )  # fmt: skip
    account.set_password(new.password)
    account.save()
    _changed(account, "account.created", by, {"roles": account.roles})
    return account


def set_password(account: Account, password: str, *, by: Account | None) -> None:
    """Ends every other session of this account too: a session holds a hash of the password's hash."""
    account.set_password(password)
    account.save(update_fields=["password"])
    _changed(account, "account.changed", by, {"what": "password"})


def set_roles(account: Account, roles: Iterable[str], *, by: Account | None) -> None:
    account.roles = _known(roles)
    account.save(update_fields=["roles"])
    _changed(account, "account.changed", by, {"what": "roles", "roles": account.roles})


def close_account(account: Account, *, by: Account | None) -> None:
    """Nobody signs in with it any more; what it did keeps its pseudonym."""
    account.is_active = False
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
    _changed(account, "account.closed", by, {})


def reopen_account(account: Account, *, by: Account | None) -> None:
    """Somebody is back. The password of before is gone: set a new one. Refuses MOVE_NOT_ALLOWED for one erased."""
    if account.erased_at is not None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="erased", move="reopen")
    account.is_active = True
    account.save(update_fields=["is_active"])
    _changed(account, "account.changed", by, {"what": "reopened"})


@transaction.atomic
def erase_account(account: Account, *, by: Account | None) -> None:
    """Empty what says whose a closed account was. The pseudonym stays: journal and rows name nothing else, and its
    first eight signs stand wherever the name stood. Doing it twice is harmless.

    Refuses MOVE_NOT_ALLOWED while the account is in use.
    """
    now = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if now.is_active:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="active", move="erase")
    if now.erased_at is not None:
        return
    account.name, account.email = str(now.pseudonym)[:8], ""
    account.username = f"{ERASED}{now.pseudonym}"
    account.last_login, account.erased_at = None, clock.now()
    account.save(update_fields=["name", "email", "username", "last_login", "erased_at"])
    _changed(account, "account.erased", by, {})


def create_person(*, name: str, email: str, language: str, organisation: str = "", low: bool = False) -> Person:
    """Somebody who is served."""
    person = Person(
        name=one_line(name), email=email, language=language, organisation=one_line(organisation), low=low,
        created_at=clock.now(),
    )  # fmt: skip
    person.save()
    return person


def erase_person(person: Person, *, by: Account | None = None) -> None:
    """Empty everything that says who it was. The pseudonym stays: rows and journal name nothing else."""
    person.name = person.organisation = person.email = person.phone = ""
    person.low, person.language = False, Lang.NL
    person.erased_at = clock.now()
    person.save()
    for identity in person.identities.filter(erased_at=None):
        forget_identity(identity, now=person.erased_at)
    notices.drop_for(person)
    Notice.objects.filter(person=person).update(slots={}, sealed=None)
    journal.note(
        stream=f"person:{person.pseudonym}", kind="person.erased", by=str(by.pseudonym) if by else "",
        about={"person": str(person.pseudonym)},
    )  # fmt: skip


def _known(roles: Iterable[str]) -> list[str]:
    return [role for role in Role.values if role in set(roles)]


def _changed(account: Account, kind: str, by: Account | None, data: dict[str, object]) -> None:
    journal.note(
        stream=f"account:{account.pseudonym}", kind=kind, by=str(by.pseudonym) if by else "",
        about={"account": str(account.pseudonym)}, data=data,
    )  # fmt: skip
    hook: Callable[[Account], None] = import_string(settings.ONTHAAL_ACCOUNT_CHANGED)
    hook(account)


def begin_epoch() -> Municipality:
    """A backup was put back: what the walls know may be newer than what stands here."""
    municipality = Municipality.objects.select_for_update().get(pk=scope())
    municipality.epoch += 1
    municipality.save(update_fields=["epoch"])
    journal.note(
        stream=f"municipality:{municipality.slug}", kind="municipality.restored", data={"epoch": municipality.epoch}
    )
    return municipality
