"""A provider that does not answer is left alone for a while, so that people at a wall hear it at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from onthaal import clock
from onthaal.central.foundation.identity.oidc.errors import NotRegistered, Unavailable, Wrong

FAILURES = 3
"""In a row, before nobody is sent there any more."""
PAUSE = 30.0
"""Seconds; then one may try, and the rest wait for how that ends."""


@dataclass
class _Line:
    failures: int = 0
    closed_until: float = 0.0


@dataclass
class Breaker:
    """Counts failures per issuer, in this process."""

    _lines: dict[str, _Line] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def closed(self, issuer: str) -> bool:
        """Whether it is being left alone now."""
        line = self._lines.get(issuer)
        return line is not None and line.failures >= FAILURES and _moment() < line.closed_until

    @contextmanager
    def watching(self, issuer: str) -> Iterator[None]:
        """Around everything that is asked of a provider. Raises Unavailable without asking while it is left alone.

        An answer is an answer, also one that is wrong, or that says that it does not know who asks: what one
        municipality wrote down wrong closes no line for the others.
        """
        with self._lock:
            if self.closed(issuer):
                raise Unavailable("left-alone")
            line = self._lines.setdefault(issuer, _Line())
            if line.failures >= FAILURES:
                line.closed_until = _moment() + PAUSE
        try:
            yield
        except (NotRegistered, Wrong):
            line.failures = 0
            raise
        except Unavailable:
            with self._lock:
                line.failures += 1
                line.closed_until = _moment() + PAUSE
            raise
        line.failures = 0


def _moment() -> float:
    return clock.from_environment().monotonic()
