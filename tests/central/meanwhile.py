"""What another transaction does and commits between two statements of ours."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def meanwhile(act: Callable[[], object], *, before: str, turn: int = 1) -> Iterator[None]:
    """`act` runs once, in a thread and on a connection of its own, before our statement number `turn` that holds
    `before`."""
    from django.db import connection, connections

    turns = 0

    def closing() -> None:
        try:
            act()
        finally:
            connections.close_all()

    def wrapper(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        nonlocal turns
        turns += before in statement
        if before in statement and turns == turn:
            thread = threading.Thread(target=contextvars.Context().run, args=(closing,))
            thread.start()
            thread.join()
        return execute(statement, *rest)

    with connection.execute_wrapper(wrapper):
        yield
    assert turns >= turn, f"no such statement with {before}"
