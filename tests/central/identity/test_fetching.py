"""What we fetch, and what we never do: nothing of our own network, nothing slow, nothing long, no redirect."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.identity.oidc.fetching import MOST_BYTES, Fetcher, _behind, is_public
from tests.central.identity.signing_in import case

LOCAL = Fetcher(loopback=True)
HASTY = Fetcher(loopback=True, seconds=0.6)


@contextmanager
def saying(*parts: bytes, every: float = 0.0) -> Iterator[str]:
    """A server that sends these parts to whoever comes, with a pause before each; its address."""
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line:
            line.recv(4096)
            for part in parts:
                if over.wait(every):
                    return
                try:
                    line.sendall(part)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/page"
        finally:
            over.set()
            socket.create_connection(listening.getsockname()).close()
            thread.join(30)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"


def test_an_answer_is_brought_whole() -> None:
    with saying(HEAD, b"x" * 400) as address:
        assert LOCAL.get(address).content == b"x" * 400


@pytest.mark.parametrize(
    "parts",
    [
        case("a byte of the head now and then", [bytes([byte]) for byte in HEAD]),
        case("a byte of the page now and then", [HEAD, *[b"x"] * 400]),
        case("nothing", [b""] * 400),
    ],
)
def test_the_time_is_over_for_everything_together(parts: list[bytes]) -> None:
    started = time.monotonic()
    with saying(*parts, every=0.05) as address, pytest.raises(Unavailable):
        HASTY.get(address)
    assert time.monotonic() - started < 10


def test_an_endless_answer_is_cut_off() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with saying(head, b"x" * (MOST_BYTES + 1)) as address, pytest.raises(Unavailable) as no:
        LOCAL.get(address)
    assert no.value.what == "answer-too-long"


def test_a_redirect_is_not_followed() -> None:
    with saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as address:
        assert LOCAL.get(address).status_code == 302


@pytest.mark.parametrize("answer", [b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", b"SSH-2.0-x\r\n", b""])
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    with saying(answer) as address, pytest.raises(Unavailable):
        LOCAL.get(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/", "ftp://example.org/", "file:/etc/passwd", "https:///x", "https://a:b@example.org/",
        "http://127.0.0.1.example.org/", "http://[::ffff:10.0.0.1]/", "gopher://127.0.0.1/", "https://x/#fragment",
    ],
)  # fmt: skip
def test_an_address_of_another_kind_is_not_fetched(address: str) -> None:
    assert not LOCAL.may_fetch(address)


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest/", "https://[::1]/",
                "https://192.168.1.1/", "https://100.64.0.1/", "https://0.0.0.0/", "https://localhost/"],
)  # fmt: skip
def test_an_address_of_our_own_network_is_not_fetched(address: str) -> None:
    with pytest.raises(Unavailable) as no:
        Fetcher().get(address)
    assert no.value.what == "address-not-allowed"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("185.18.8.5", True), ("2a02:a03f::1", True), ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("64:ff9b::b912:805", True), ("fe80::1", False), ("fc00::1", False),
        ("224.0.0.1", False), ("ff02::1", False), ("198.18.0.1", False), ("2001:0:1::1", False),
    ],
)  # fmt: skip
def test_an_address_inside_another_is_looked_at(address: str, public: bool) -> None:
    assert is_public(_behind(ip_address(address))) == public
