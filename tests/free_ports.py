"""Ports for what is under test: never the same for two workers, nor for two runs on one machine."""

from __future__ import annotations

import functools
import itertools
import socket
from collections.abc import Iterator

from onthaal.demo.layout import DemoFault, Ports

FIRST, A_SHARE, SHARES = 10_000, 500, 20
"""Below what the system deals out (from 32768 on): a port that it names as free belongs to whoever asks next."""
A_ROW = 10
A_RUN = A_ROW * SHARES


def free_port() -> int:
    """A port that nobody listens on, for whoever binds it a little later."""
    for port in itertools.islice(_ports(), A_SHARE):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError(f"no free port from {FIRST + A_SHARE * _share()[0]} on")


def free_row(first: int) -> int:
    """The first port of a row that nobody listens on, from `first` on."""
    for base in range(first + A_ROW * _share()[0], first + 10 * A_RUN, A_RUN):
        try:
            Ports(base).check_free()
        except DemoFault:
            continue
        return base
    raise AssertionError(f"no free row of ports from {first} on")


@functools.cache
def _share() -> tuple[int, socket.socket]:
    """Which share of the ports is this process's: no other has its first port bound, as long as this one lives."""
    for share in range(SHARES):
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", FIRST + A_SHARE * share))
        except OSError:
            held.close()
            continue
        return share, held
    raise AssertionError(f"{SHARES} processes of tests have ports from {FIRST} on already")


@functools.cache
def _ports() -> Iterator[int]:
    """Round and round: whoever was told a port may take his time to bind it."""
    first = FIRST + A_SHARE * _share()[0]
    return itertools.cycle(range(first + 1, first + A_SHARE))
