"""Who looks at the desk."""

from __future__ import annotations

from django.http import HttpRequest

from onthaal.central.foundation.people.models import Account


def me(request: HttpRequest) -> Account:
    """The account signed in: the gates let nobody else through."""
    assert isinstance(request.user, Account)
    return request.user
