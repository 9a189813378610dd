"""The log and what is true by it, moved on together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from onthaal.core.facts import Body, Fact, Fitted
from onthaal.kiosk.store import Store
from onthaal.kiosk.truth import Truth


class Book:
    """Every fact of this agent is told here."""

    def __init__(self, store: Store, fitted: Sequence[Fitted]) -> None:
        self.store = store
        self.fitted = tuple(fitted)
        self.truth = Truth.of(store, self.fitted)
        self.told: Callable[[], None] = lambda: None
        """Called after each append: there is something for the centre."""

    def tell(self, *bodies: Body) -> tuple[Fact, ...]:
        """One transaction; on disk when this returns. Raises StoreFault, and then nothing was told."""
        if not bodies:
            return ()
        facts = self.store.append(*bodies)
        self.truth = self.truth.after(*facts)
        self.told()
        return facts

    def reread(self) -> None:
        """The centre's wishes changed: the truth by what the store holds now."""
        self.truth = Truth.of(self.store, self.fitted)
