"""Timed work of identity: keys that are due, sign-ins that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from onthaal.central.foundation.identity import keyring
from onthaal.central.foundation.identity.models import SignIn
from onthaal.central.foundation.identity.watching import look_at_providers

__all__ = ["look_at_providers", "rotate_keys", "tidy"]

SECRETS_ARE_KEPT = timedelta(hours=1)
"""After that nobody comes back from a provider any more."""
SIGN_INS_ARE_KEPT = timedelta(days=90)


def rotate_keys(now: datetime) -> None:
    """Replace keys that are old, forget those that are over."""
    keyring.rotate_when_due(now)


def tidy(now: datetime) -> None:
    """Sign-ins that were never finished lose their secrets; old ones go. The journal keeps what happened."""
    SignIn.objects.filter(expires_at__lt=now - SECRETS_ARE_KEPT, sealed__isnull=False).update(sealed=None)
    old = SignIn.objects.filter(started_at__lt=now - SIGN_INS_ARE_KEPT).values_list("pk", flat=True)[:1000]
    SignIn.objects.filter(pk__in=list(old)).delete()
