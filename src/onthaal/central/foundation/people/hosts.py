"""Which municipality a host name is. Runs before a scope is known: one of the few named look-ups that may."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from onthaal.central.foundation.people.models import Municipality

ANY_HOST = "*"
_ITS_OWN_FIRST = "SELECT * FROM foundation_municipality ORDER BY host <> %s LIMIT 2"
"""As SQL: it is asked at every page, and Django takes longer to write it than PostgreSQL to answer."""


def municipality_of(host: str) -> Municipality | None:
    """The municipality that is served on `host` (name and port as the browser sent them); else the only one there
    is, when it answers any host; else None."""
    wanted = host.lower()
    found = list(Municipality.objects.raw(_ITS_OWN_FIRST, [wanted]))
    if found and (found[0].host == wanted or (len(found) == 1 and found[0].host == ANY_HOST)):
        return found[0]
    return None


def public_url(municipality: Municipality) -> str:
    """Where its portal is on the internet, without a slash at the end."""
    given = urlsplit(settings.ONTHAAL_PUBLIC_URL)
    return f"{given.scheme}://{given.netloc if municipality.host == ANY_HOST else municipality.host}"


def every_municipality() -> list[int]:
    """The ids of all municipalities, for work that goes through them one after the other."""
    return list(Municipality.objects.order_by("id").values_list("id", flat=True))
