"""The relying party of this process: what it learnt of the providers is shared by all requests."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from onthaal.central.foundation.identity.oidc.client import Client
from onthaal.central.foundation.identity.oidc.fetching import Fetcher


def client() -> Client:
    """The one that obeys the settings as they are."""
    return _client(loopback=settings.ONTHAAL_IDENTITY_LOOPBACK)


@cache
def _client(*, loopback: bool) -> Client:
    return Client(Fetcher(loopback=loopback))


def forget() -> None:
    """Everything that was learnt of providers: for tests, and after a registration was changed."""
    _client.cache_clear()
