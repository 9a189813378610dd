"""Fetching from a provider: one time limit over everything, a size limit, no redirects, and no address of ours.

An address that a provider's own pages name could point at a machine inside our network. So the name is looked up
here, every address it has must be a public one, and the connection goes to exactly the address that was looked at.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.clock import SystemClock

SECONDS = 8.0
"""For a whole answer, from the look-up of the name to the last byte."""
MOST_BYTES = 256 * 1024
_NAT64 = ip_network("64:ff9b::/96")
"""IPv4 addresses as an IPv6-only network writes them (RFC 6052)."""
_OURS = httpx.Headers({"User-Agent": "onthaal", "Accept-Encoding": "identity"})


@cache
def _roots() -> ssl.SSLContext:
    """The certificate authorities of this machine; read once, it takes long."""
    return ssl.create_default_context()


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """How to fetch. `loopback` lets it reach this machine, and speak plain http there: for tests and the demo."""

    loopback: bool = False
    seconds: float = SECONDS
    roots: ssl.SSLContext = field(default_factory=_roots)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self._fetch(httpx.Request("GET", url, headers=_headers(headers)))

    def post(self, url: str, form: Mapping[str, str]) -> httpx.Response:
        return self._fetch(httpx.Request("POST", url, headers=_headers(None), data=dict(form)))

    def may_fetch(self, url: str) -> bool:
        """Whether the address is one that we fetch at all: https, or loopback where that is allowed."""
        parts = urlsplit(url)
        if parts.username or parts.password or not parts.hostname or parts.fragment:
            return False
        return parts.scheme == "https" or (parts.scheme == "http" and self.loopback and _names_loopback(parts.hostname))

    def _fetch(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Unavailable when there is none in time, or it is too long, or a 5xx."""
        if not self.may_fetch(str(request.url)):
            raise Unavailable("address-not-allowed")
        try:
            with httpx.Client(transport=_Guarded(self), follow_redirects=False, trust_env=False) as client:
                answer = client.send(request, stream=True)
                content = _at_most(answer.iter_raw())
        except (httpx.HTTPError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            raise Unavailable("no-answer") from None
        except (httpcore.UnsupportedProtocol, ValueError, OSError):
            raise Unavailable("no-answer") from None
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable("provider-broken")
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


def _headers(more: Mapping[str, str] | None) -> httpx.Headers:
    headers = _OURS.copy()
    headers.update(more or {})
    return headers


def _at_most(chunks: Iterable[bytes]) -> bytes:
    whole = b""
    for chunk in chunks:
        whole += chunk
        if len(whole) > MOST_BYTES:
            raise Unavailable("answer-too-long")
    return whole


def _names_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Any:
        return iter(self._stream)

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class _Guarded(httpx.BaseTransport):
    """httpx on our own connections."""

    def __init__(self, fetcher: Fetcher) -> None:
        backend = _Backend(fetcher.loopback, fetcher.seconds)
        self._pool = httpcore.ConnectionPool(ssl_context=fetcher.roots, network_backend=backend, max_connections=1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = httpcore.Request(request.method, target, headers=request.headers.raw, content=request.read())
        told = self._pool.handle_request(asked)
        assert isinstance(told.stream, Iterable)
        return httpx.Response(told.status, headers=told.headers, stream=_Body(told.stream))

    def close(self) -> None:
        self._pool.close()


class _Backend(httpcore.NetworkBackend):
    """Connects to public addresses only, and stops everything when the time is over."""

    def __init__(self, loopback: bool, seconds: float) -> None:  # noqa: FBT001 (the one thing it is about)
        self._loopback = loopback
        self._until = SystemClock().monotonic() + seconds
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _looked_up(host, port)
        if not all(self._allowed(address) for address in addresses):
            raise Unavailable("address-not-allowed")
        for number, address in enumerate(addresses, start=1):
            try:
                return _Timed(self._plain.connect_tcp(address, port, _left(self._until)), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise httpcore.ConnectError

    def _allowed(self, address: str) -> bool:
        found = _behind(ip_address(address))
        return is_public(found) or (self._loopback and found.is_loopback)


def _behind(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for; else itself."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(address.packed[-4:])
        return address.ipv4_mapped or address.sixtofour or address
    return address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is somebody's on the internet: not ours, not a machine's own, not a tunnel's."""
    tunnelled = isinstance(address, IPv6Address) and address.teredo is not None
    return address.is_global and not address.is_multicast and not tunnelled


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError from None
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _left(until: float) -> float:
    left = until - SystemClock().monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


class _Timed(httpcore.NetworkStream):
    """A connection on which every wait ends at the same moment."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
