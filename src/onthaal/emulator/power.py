"""Cutting the power: whoever runs the kiosk's agent is told, and does it."""

from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

_PATIENCE_SECONDS = 10.0


class PowerUnreachable(ValueError):
    """The address cannot be one that cuts power."""


def checked_power_url(url: str) -> str:
    """The same address when it is plain http or https. Raises PowerUnreachable."""
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        message = f"{url}: give an http or https address"
        raise PowerUnreachable(message)
    return url


def cut_power(url: str) -> bool:
    """POST `{"cut": true}`; whether it was answered with success. Blocks up to ten seconds."""
    request = Request(  # noqa: S310 (the scheme was checked at the start)
        url, data=b'{"cut": true}', headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 (as above)
            return bool(200 <= answer.status < 300)
    except (URLError, OSError):
        return False
