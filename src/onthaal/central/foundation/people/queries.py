"""Reading accounts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from onthaal.central.foundation.people.models import Account


def accounts() -> QuerySet[Account]:
    """Every account, those in use first, by name."""
    found: QuerySet[Account] = Account.objects.order_by("-is_active", "name", "pk")
    return found


def account(account_id: int) -> Account:
    """One account. Account.DoesNotExist."""
    found: Account = Account.objects.get(pk=account_id)
    return found


def is_taken(username: str) -> bool:
    """Whether an account, open or closed, has this user name."""
    return Account.objects.filter(username=username.strip().lower()).exists()


def names_of(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Pseudonym → name of the account, for those that are one."""
    ids = {pseudonym for pseudonym in pseudonyms if _is_pseudonym(pseudonym)}
    return {str(found.pseudonym): found.name for found in Account.objects.filter(pseudonym__in=ids)}


def _is_pseudonym(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
