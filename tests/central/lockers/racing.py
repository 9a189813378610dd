"""Races between real transactions: every racer has its own thread and connection, and committed rows to fight for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any


def race(municipality: int, acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each act answered, or the exception that it met; all begin at the same moment."""
    from django.db import connections

    from onthaal.central.foundation.tenancy import acting_for

    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            with acting_for(municipality):
                return act()
        except Exception as error:  # noqa: BLE001 (losing is an outcome)
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as racers:
        return list(racers.map(run, acts))


def waiting() -> int:
    """How many wait for a lock in this test's own database; others on the same server wait for theirs."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction else goes on seeing who was there at first
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def held_open(municipality: int, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """`first` has written and not committed while `second` writes: then both end. Answers or exceptions.

    The second must wait for the first in the database, which is seen in `pg_locks`, before the first commits.
    """
    from django.db import connections

    from onthaal.central.foundation.tenancy import acting_for
    from tests.waiting import until

    written = threading.Event()

    def one() -> Any:
        try:
            with acting_for(municipality):
                answer = first()
                written.set()
                until(waiting, what="the second transaction waiting")
                return answer
        except Exception as error:  # noqa: BLE001 (losing is an outcome)
            return error
        finally:
            connections.close_all()

    def other() -> Any:
        written.wait(timeout=30)
        try:
            with acting_for(municipality):
                return second()
        except Exception as error:  # noqa: BLE001 (losing is an outcome)
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as racers:
        ours, theirs = racers.submit(one), racers.submit(other)
        return ours.result(), theirs.result()


class Crossing:
    """This transaction holds something; `comes` begins another that waits for it. Whatever this one does after that
    must not wait for the other."""

    def __init__(self, municipality: int, others: ThreadPoolExecutor) -> None:
        self._municipality, self._others = municipality, others
        self.came: list[Future[Any]] = []

    def comes(self, act: Callable[[], Any]) -> None:
        """Returns once the act waits in the database; raises what it met before that."""
        from tests.waiting import until

        came = self._others.submit(self._acts, act)
        self.came.append(came)
        until(lambda: came.done() or waiting(), what="the other transaction waiting")
        if came.done():
            raise AssertionError("the other waited for nothing") from came.exception()

    def _acts(self, act: Callable[[], Any]) -> Any:
        from django.db import connections

        from onthaal.central.foundation.tenancy import acting_for

        try:
            with acting_for(self._municipality):
                return act()
        finally:
            connections.close_all()


@contextmanager
def crossing(municipality: int) -> Iterator[Crossing]:
    """One transaction; at its end the others go on, and what they meet is raised."""
    from onthaal.central.foundation.tenancy import acting_for

    with ThreadPoolExecutor(2) as others:
        both = Crossing(municipality, others)
        with acting_for(municipality):
            yield both
        for one in both.came:
            one.result()
