"""Ports for what is under test: never the same for two workers, nor for two runs on one machine."""

from __future__ import annotations

import itertools
import os
import random
import socket

from onthaal.demo.layout import DemoFault, Ports

FIRST, A_SHARE, SHARES = 10_000, 500, 20
"""Below what the system deals out (from 32768 on): a port that it names as free belongs to whoever asks next."""
A_ROW = 10
A_RUN = 200  # so far apart do two runs on one machine look: room for twenty workers


_turns = itertools.count(random.SystemRandom().randrange(A_SHARE))  # another run on this machine begins elsewhere


def free_port() -> int:
    """A port that nobody listens on, for whoever binds it a little later."""
    share = FIRST + A_SHARE * (_worker() % SHARES)
    for _ in range(A_SHARE):
        port = share + next(_turns) % A_SHARE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError(f"no free port from {share} on")


def free_row(first: int) -> int:
    """The first port of a row that nobody listens on, from `first` on."""
    for base in range(first + A_ROW * _worker(), first + 10 * A_RUN, A_RUN):
        try:
            Ports(base).check_free()
        except DemoFault:
            continue
        return base
    raise AssertionError(f"no free row of ports from {first} on")


def _worker() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
