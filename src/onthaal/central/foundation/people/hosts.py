"""Which municipality a host name is. Runs before a scope is known: one of the few named look-ups that may."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from onthaal.central.foundation.people.models import Municipality

ANY_HOST = "*"


def municipality_of(host: str) -> Municipality | None:
    """The municipality that is served on `host` (name and port as the browser sent them); else the only one there
    is, when it answers any host; else None."""
    found = Municipality.objects.filter(host=host.lower()).first()
    if found is not None:
        return found
    everybody = list(Municipality.objects.all()[:2])
    return everybody[0] if len(everybody) == 1 and everybody[0].host == ANY_HOST else None


def public_url(municipality: Municipality) -> str:
    """Where its portal is on the internet, without a slash at the end."""
    given = urlsplit(settings.ONTHAAL_PUBLIC_URL)
    return f"{given.scheme}://{given.netloc if municipality.host == ANY_HOST else municipality.host}"


def every_municipality() -> list[int]:
    """The ids of all municipalities, for work that goes through them one after the other."""
    return list(Municipality.objects.order_by("id").values_list("id", flat=True))
