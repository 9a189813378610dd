"""Who may call a route. Every view says it with one of these decorators; one that says nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from django.db import transaction
from django.http import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from onthaal.central.foundation.people.models import Role

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

_GATE = "onthaal_gate"
_OWN_TRANSACTION = "onthaal_own_transaction"


@dataclass(frozen=True)
class Gate:
    """Who may pass: everybody, citizens who signed in, staff with one of `roles`, or devices that prove themselves."""

    to: Literal["all", "citizens", "roles", "devices"]
    roles: frozenset[str] = frozenset()


def open_to_all(view: View) -> View:
    """Anybody may call it."""
    setattr(view, _GATE, Gate("all"))
    return view


def for_citizens(view: View) -> View:
    """Who signed in to the portal with a provider: the view finds them in `request.citizen`, and shows theirs only."""
    setattr(view, _GATE, Gate("citizens"))
    return view


def for_roles(*roles: str) -> Callable[[View], View]:
    """Signed-in staff with at least one of `roles` may call it. No role at all would be everybody: refused here."""
    if not roles or not set(roles) <= set(Role.values):
        raise ValueError(f"not roles: {roles}")

    def declared(view: View) -> View:
        setattr(view, _GATE, Gate("roles", frozenset(roles)))
        return view

    return declared


def for_any_staff(view: View) -> View:
    """Signed-in staff, whatever their role."""
    return for_roles(*Role.values)(view)


def for_devices(view: View) -> View:
    """Kiosks: the view itself checks the device's token, which also says the municipality.

    It gets no scope, no transaction and no CSRF check: it opens `acting_for` once it knows the device.
    """
    setattr(view, _GATE, Gate("devices"))
    return own_transaction(csrf_exempt(view))


def own_transaction(view: View) -> View:
    """The view opens its own scopes: it is called with `request.municipality` known, but no scope set."""
    setattr(view, _OWN_TRANSACTION, True)
    return transaction.non_atomic_requests(view)


def gate_of(view: object) -> Gate | None:
    """What a view declared, or None."""
    gate = getattr(view, _GATE, None)
    return gate if isinstance(gate, Gate) else None


def opens_own_transaction(view: object) -> bool:
    return bool(getattr(view, _OWN_TRANSACTION, False))
