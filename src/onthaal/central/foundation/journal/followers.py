"""The table of what follows from which entry: one dict, named by the setting ONTHAAL_FOLLOWERS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from onthaal.central.foundation.journal.models import Entry

Follower = Callable[[Entry], None]


@cache
def table() -> Mapping[str, tuple[Follower, ...]]:
    """Kind of entry → its followers."""
    found: Mapping[str, tuple[Follower, ...]] = import_string(settings.ONTHAAL_FOLLOWERS)
    return found


def name_of(follower: Follower) -> str:
    """Its dotted path: how a row of work names it."""
    return f"{follower.__module__}.{follower.__qualname__}"


def of_kind(kind: str) -> list[str]:
    """The names of the followers of a kind of entry."""
    return [name_of(follower) for follower in table().get(kind, ())]


def named(name: str) -> Follower:
    """The follower of that name. LookupError when it is gone from the table."""
    for followers in table().values():
        for follower in followers:
            if name_of(follower) == name:
                return follower
    raise LookupError(name)
