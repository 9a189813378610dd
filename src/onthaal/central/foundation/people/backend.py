"""Signing in with a local account of the scope's municipality."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from onthaal.central.foundation.people.models import Account


class LocalAccounts(BaseBackend):
    """User name and password; the same time is taken for a name that does not exist."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **_: Any
    ) -> Account | None:
        account = Account.objects.filter(username=username.strip().lower(), is_active=True).first()
        if account is None:
            make_password(password)
            return None
        return account if account.check_password(password) else None

    def get_user(self, user_id: int) -> Account | None:
        found: Account | None = Account.objects.filter(pk=user_id, is_active=True).first()
        return found
