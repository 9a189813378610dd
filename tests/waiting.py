"""Waiting for something to become true, with a deadline: the one way tests wait for other processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LOOKS_EVERY = 0.02


def until(
    condition: Callable[[], object],
    *,
    within: float = 30.0,
    every: float = LOOKS_EVERY,
    at_last: float | None = None,
    what: str = "it",
) -> None:
    """Return as soon as `condition` holds; fail after `within` seconds, saying `what` did not happen.

    `every`: seconds between two looks; more where a look is a question to a process that is busy. What does not come
    soon comes late: with `at_last` they grow by half each time, up to so many.
    """
    deadline = time.monotonic() + within
    between_looks = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {within:.0f} seconds")
        between_looks.wait(every)
        if at_last is not None:
            every = min(every * 1.5, at_last)
