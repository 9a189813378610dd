"""Reading: which providers there are, and how a sign-in ended."""

from __future__ import annotations

from typing import Literal

from onthaal.central.foundation.identity.models import Provider, ProviderState, SignIn
from onthaal.central.foundation.identity.parties import client

Where = Literal["portal", "wall-page", "wall-phone"]
_SWITCH = {"portal": "in_portal", "wall-page": "at_wall_page", "wall-phone": "at_wall_phone"}


def providers(where: Where) -> list[Provider]:
    """Those that a person can choose from there, in the order in which they were set up."""
    return list(Provider.objects.filter(enabled=True, **{_SWITCH[where]: True}).order_by("pk"))


def provider(profile: str) -> Provider | None:
    """The registration with one kind of provider, in use or not."""
    found: Provider | None = Provider.objects.filter(profile=profile).first()
    return found


def available(provider: Provider) -> bool:
    """Whether there is reason to think that somebody could sign in there now. Asks nobody: what was learnt lately, by
    the worker's looks, by people's tries, and by this process.
    """
    return provider.enabled and not silent(provider) and not client().breaker.closed(provider.issuer)


def silent(provider: Provider) -> bool:
    """Whether it is known not to answer. The same for every process: it changes with a journal entry."""
    return bool(ProviderState.objects.filter(provider=provider, silent_since__isnull=False).exists())


def sign_in(sign_in_id: int) -> SignIn:
    """One sign-in. SignIn.DoesNotExist."""
    found: SignIn = SignIn.objects.select_related("provider", "identity").get(pk=sign_in_id)
    return found
