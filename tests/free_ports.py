"""Rows of ports for demos under test: never the same for two workers, nor for two runs on one machine."""

from __future__ import annotations

import os

from onthaal.demo.layout import DemoFault, Ports

A_ROW = 10
A_RUN = 200  # so far apart do two runs on one machine look: room for twenty workers


def free_row(first: int) -> int:
    """The first port of a row that nobody listens on, from `first` on."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    for base in range(first + A_ROW * worker, first + 10 * A_RUN, A_RUN):
        try:
            Ports(base).check_free()
        except DemoFault:
            continue
        return base
    raise AssertionError(f"no free row of ports from {first} on")
