"""What goes wrong between us and a provider. `what` is a word of ours: nothing that was received stands in an error."""

from __future__ import annotations

from onthaal.core.refusals import Fault


class Unavailable(Fault):
    """The provider, the way to it or our registration with it: nobody can sign in now."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NotRegistered(Unavailable):
    """It answered, and knows us no more, or not as we said: that is one municipality's mistake, and nobody else's."""


class Wrong(Exception):
    """The answer is not right: changed, doubled, old, or meant for another."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Weak(Wrong):
    """Everything is right, but for how surely the person was recognised."""
