"""Whose visit it is for throttles: an IPv4 address, or the /64 that a household has of IPv6."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from onthaal.central.foundation.origins import origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "unknown"),
        ("", "unknown"),
    ],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_each_visitor_counts_as_one_however_a_proxy_writes_the_address(
    rf: RequestFactory, settings: Any, proxies: int, address: str, origin: str
) -> None:
    settings.ONTHAAL_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="" if proxies else address)
    if proxies and address:
        request.META["HTTP_X_FORWARDED_FOR"] = f"198.51.100.9, {address}"
    assert origin_of(request) == origin
