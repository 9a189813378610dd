"""What `onthaal central check` asks, wherever it is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One question, whether all is well, and otherwise what to do."""

    question: str
    good: bool
    hint: str = ""
