"""How often one origin may try what anybody may: counted by the hour, in rows that name nobody.

The row's key is a keyed hash of what is tried, of the origin and of the hour: the next hour it is another, so that no
two hours of one visitor can be told to be of the same. Rows go with those of wrong passwords, after a day.
"""

from __future__ import annotations

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.origins import keyed
from onthaal.central.foundation.people.models import SignInTry
from onthaal.core.refusals import Refusal, Why

_AN_HOUR = 3600


@transaction.atomic
def allow(what: str, origin: str, *, an_hour: int) -> None:
    """One more of `what` from `origin` (a network address, see `origins`). Refuses TOO_MANY_REQUESTS beyond `an_hour`.

    `what` begins with the municipality's number where it is a municipality's own.
    """
    row = SignInTry.objects.select_for_update().get(pk=_row(what, origin).pk)
    if row.wrong >= an_hour:
        raise Refusal(Why.TOO_MANY_REQUESTS)
    row.wrong += 1
    row.save(update_fields=["wrong"])


def _row(what: str, origin: str) -> SignInTry:
    row: SignInTry = SignInTry.objects.get_or_create(key=_key(what, origin), defaults={"last_at": clock.now()})[0]
    return row


def _key(what: str, origin: str) -> str:
    hour = int(clock.now().timestamp()) // _AN_HOUR
    return keyed("tries", f"{what}\n{origin}\n{hour}")
