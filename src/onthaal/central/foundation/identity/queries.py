"""Reading: which providers there are, and whether they answer."""

from __future__ import annotations

from typing import Literal

from django.db.models import Q

from onthaal.central.foundation.identity.models import Provider, ProviderState
from onthaal.central.foundation.identity.parties import client

Where = Literal["portal", "wall-page", "wall-phone"]
_SWITCH = {"portal": "in_portal", "wall-page": "at_wall_page", "wall-phone": "at_wall_phone"}


def providers(where: Where) -> list[Provider]:
    """Those that a person can choose from there, in the order in which they were set up."""
    return list(Provider.objects.filter(enabled=True, **{_SWITCH[where]: True}).order_by("pk"))


def for_walls() -> Provider | None:
    """The one provider that walls name on their screen: the first that was set up of those that serve a wall in any
    way. None where there is none.
    """
    serve = Q(at_wall_page=True) | Q(at_wall_phone=True)
    found: Provider | None = Provider.objects.filter(serve, enabled=True).order_by("pk").first()
    return found


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
