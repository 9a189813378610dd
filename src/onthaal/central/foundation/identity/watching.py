"""Whether providers answer: a look at each about once a minute, so that it is known before anybody needs one.

Two looks in a row that find nothing, or one person's try, and it is silent; one look that finds it, and it is back.
Each change stands in the journal: what follows from it (walls, alerts) hangs there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from onthaal import clock
from onthaal.central.foundation.identity.models import Provider, ProviderState
from onthaal.central.foundation.identity.oidc.discovery import keys_at, metadata_of
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.identity.parties import client
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.hosts import every_municipality
from onthaal.central.foundation.tenancy import acting_for

log = structlog.get_logger()

EVERY = timedelta(seconds=60)
SOONER = timedelta(seconds=15)
"""While it is not certain that it answers."""
MISSES = 2
"""Looks in a row that find nothing, before nobody is sent there: one lost packet says little."""
SECONDS = 4.0
"""For each of the two answers of a look."""
_MOST_MISSED = 10_000
_NO_SIGN_OF_SILENCE = {"left-alone", "our-registration"}
"""It was not asked at all; or it answered, and knows us no more."""


def look_at_providers() -> int:
    """Look at every provider whose time has come, outside any scope; each issuer once, for all municipalities that
    use it. How many registrations were looked at. Any number of workers may: each look is taken by one.
    """
    due: dict[str, list[tuple[int, int]]] = {}
    for municipality in every_municipality():
        with acting_for(municipality):
            for provider in _taken(clock.now()):
                due.setdefault(provider.issuer, []).append((municipality, provider.pk))
    for issuer, registrations in due.items():
        answers = _answers(issuer)
        for municipality, provider_id in registrations:
            with acting_for(municipality):
                (answered if answers else missed)(provider_id, clock.now())
    return sum(map(len, due.values()))


def _taken(now: datetime) -> list[Provider]:
    """Those whose time has come, taken by this worker; one that is not used any more is let go."""
    for provider in Provider.objects.filter(enabled=True, state=None):
        ProviderState.objects.get_or_create(provider=provider)
    for unused in ProviderState.objects.filter(provider__enabled=False, silent_since__isnull=False):
        answered(unused.provider_id, now)
    due = Q(looked_at=None) | Q(looked_at__lte=now - EVERY) | Q(missed__gt=0, looked_at__lte=now - SOONER)
    found = ProviderState.objects.select_for_update(of=("self",), skip_locked=True).select_related("provider")
    taken = list(found.filter(due, provider__enabled=True).order_by("pk"))
    ProviderState.objects.filter(pk__in=[state.pk for state in taken]).update(looked_at=now)
    return [state.provider for state in taken]


def _answers(issuer: str) -> bool:
    """Whether it tells its addresses and its keys now, in time. Asks the network, and nothing that was kept."""
    fetcher = replace(client().fetcher, seconds=SECONDS)
    try:
        found = keys_at(metadata_of(issuer, fetcher).jwks_uri, fetcher)
    except Unavailable as fault:
        log.info("a provider does not answer", issuer=issuer, what=fault.what)
        return False
    return bool(found.signing)


def answered(provider_id: int, now: datetime) -> None:
    """A look found it. In a scope."""
    state = _locked(provider_id)
    was, state.silent_since, state.missed, state.answered_at = state.silent_since, None, 0, now
    state.save(update_fields=["silent_since", "missed", "answered_at"])
    if was is not None:
        _note(state, "identity.provider-back", {"seconds": int((now - was).total_seconds())})


def missed(provider_id: int, now: datetime, *, surely: bool = False) -> None:
    """It did not answer; `surely` where somebody was on their way to it. In a scope."""
    state = _locked(provider_id)
    state.missed = min(state.missed + 1, _MOST_MISSED)
    falls_silent = state.silent_since is None and (surely or state.missed >= MISSES)
    if falls_silent:
        state.silent_since = now
    state.save(update_fields=["silent_since", "missed"])
    if falls_silent:
        _note(state, "identity.provider-silent", {})


def somebody_missed(provider: Provider, fault: Unavailable) -> None:
    """A person's own try found it silent: the next need not try. In a scope."""
    if fault.what not in _NO_SIGN_OF_SILENCE:
        missed(provider.pk, clock.now(), surely=True)


def _locked(provider_id: int) -> ProviderState:
    ProviderState.objects.get_or_create(provider_id=provider_id)
    found: ProviderState = (
        ProviderState.objects.select_for_update(of=("self",)).select_related("provider").get(provider=provider_id)
    )
    return found


def _note(state: ProviderState, kind: str, data: dict[str, object]) -> None:
    journal.note(
        stream=f"provider:{state.provider_id}", kind=kind, about={"provider": state.provider_id},
        data={"profile": state.provider.profile, **data},
    )  # fmt: skip
