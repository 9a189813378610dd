"""Secrets at rest: sealed under the installation's key, bound to what they are for."""

from __future__ import annotations

from onthaal.central.foundation.keys import derived
from onthaal.proofs import seals


def seal(clear: bytes, purpose: str) -> bytes:
    """A box that only this installation opens, and only for the same `purpose` (`pepper:12`)."""
    return seals.sealed(clear, derived("sealing"), purpose)


def unseal(box: bytes, purpose: str) -> bytes:
    """What is in the box. Raises proofs.seals.BrokenSeal for another key, another purpose or a changed box."""
    return seals.opened(bytes(box), derived("sealing"), purpose)
