"""What another transaction does and commits between two statements of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from typing import Any


def apart(act: Callable[[], Any]) -> Any:
    """What `act` answers in a thread and on a connection of its own."""
    from django.db import connections

    def closing() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(Context().run, closing).result()


@contextmanager
def meanwhile(act: Callable[[], object], *, before: str, turn: int = 1) -> Iterator[None]:
    """`act` runs once, in a thread and on a connection of its own, before our statement number `turn` that holds
    `before`."""
    from django.db import connection

    turns = 0

    def wrapper(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        nonlocal turns
        turns += before in statement
        if before in statement and turns == turn:
            apart(act)
        return execute(statement, *rest)

    with connection.execute_wrapper(wrapper):
        yield
    assert turns >= turn, f"no such statement with {before}"
