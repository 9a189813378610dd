"""Where a visit comes from: for throttles only, and kept only as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

from onthaal.central.foundation.keys import derived

_IPV6_HOUSEHOLD = 64
"""A household has a whole /64 of IPv6 addresses to draw from."""


def origin_of(request: HttpRequest) -> str:
    """The network address a request comes from, as seen by the outermost of our ONTHAAL_PROXIES proxies."""
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.ONTHAAL_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        seen = hops[-settings.ONTHAAL_PROXIES] if len(hops) >= settings.ONTHAAL_PROXIES else seen
    try:
        address = ip_address(seen)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped  # how a proxy that listens on both names an IPv4 visitor (RFC 4291, 2.5.5.2)
        return str(mapped or IPv6Network((int(address), _IPV6_HOUSEHOLD), strict=False))
    return str(address)


def keyed(purpose: str, text: str) -> str:
    """64 hex digits that stand for `text` in a table where it must not be read."""
    return hmac.new(derived(f"key/{purpose}"), text.encode(), hashlib.sha256).hexdigest()
