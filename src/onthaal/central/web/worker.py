"""The worker: one process that does what follows, hands mail over, and ticks. Any number may run side by side."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import Error, close_old_connections, connections
from procrastinate.connector import BaseAsyncConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from onthaal import clock
from onthaal.central.foundation.journal import following
from onthaal.central.foundation.notices import delivery
from onthaal.central.web import logs

log = structlog.get_logger()

AT_ONCE = 50
LOOKS_EVERY = 0.25
"""Seconds between two looks when there was nothing to do."""
AFTER_TROUBLE = 3.0
TICKS_AT_ONCE = 2
"""A look at a provider may wait seconds for it; deadlines do not wait meanwhile."""
GRACE = 20.0
"""Seconds that running work may take once asked to stop."""
SET_BACK = 10.0
"""Seconds by which a clock must have been set back to be noticed, and between two looks at it."""

Work = Callable[[datetime], int]
"""Do what is due. The number of pieces done."""


def _follow(now: datetime) -> int:
    return following.work(now, AT_ONCE)


def _send(now: datetime) -> int:
    return delivery.work(now)


PARTS: Mapping[str, Work] = {"followers": _follow, "notices": _send}
"""Each has its own thread and connection."""


def run(parts: Mapping[str, Work] | None = None) -> int:
    """Work until SIGTERM or SIGINT; what is under way is finished. The exit code: 0, or 1 when a part ended by itself.

    Then the others are stopped too: whoever keeps this process up starts it again, whole.
    """
    return asyncio.run(_run(parts or PARTS))


async def _run(parts: Mapping[str, Work]) -> int:
    stop, stopped = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    asked, ticking = asyncio.create_task(stop.wait()), asyncio.create_task(_tick(stop), name="ticks")
    working = [
        asyncio.create_task(asyncio.to_thread(_again_and_again, name, work, stopped), name=name)
        for name, work in parts.items()
    ]
    fell: list[asyncio.Task[None]] = []
    log.info("worker started")
    try:
        await asyncio.wait((asked, ticking, *working), return_when=asyncio.FIRST_COMPLETED)
        fell += [part for part in (ticking, *working) if part.done() and not asked.done()]
    finally:
        stopped.set()
        asked.cancel()
        ticking.cancel()
        await asyncio.gather(asked, ticking, *working, return_exceptions=True)
        log.info("worker stopped")
    for part in fell:
        _tell_of(part)
    return 1 if fell else 0


def _tell_of(part: asyncio.Task[None]) -> None:
    error = part.exception()
    where = logs.innermost(error.__traceback__ if error else None)
    log.error("worker part ended", part=part.get_name(), error=type(error).__name__, where=where)


def _again_and_again(name: str, work: Work, stopped: threading.Event) -> None:
    """Work as long as there is some, then look again a little later; a database that is gone may come back."""
    try:
        while not stopped.is_set():
            try:
                done = work(clock.now())
            except Error as error:  # InterfaceError too, which is no DatabaseError
                log.warning("worker trouble", part=name, error=type(error).__name__)
                close_old_connections()  # here, not before each look: it asks the database whether it is there
                stopped.wait(AFTER_TROUBLE)
            else:
                stopped.wait(0 if done else LOOKS_EVERY)
    finally:
        connections.close_all()


def _connector() -> BaseAsyncConnector:
    """Procrastinate's own pool of connections, as the application role.

    Impatient: a worker that is asked to stop while the database is gone would otherwise wait half a minute for it.
    """
    return PsycopgConnector(kwargs=connector_params("default"), timeout=AFTER_TROUBLE)


async def _tick(stop: asyncio.Event, time: clock.Clock | None = None) -> None:
    """Procrastinate's own worker, begun again when the database was gone, and when `time` was set back: it remembers
    when it last ticked, and would do nothing until that moment comes again."""
    while not stop.is_set():
        try:
            with app.replace_connector(_connector()):
                try:
                    await app.open_async()
                    await _until_set_back(_ticks(), time or clock.SystemClock())
                finally:  # also when asked to stop while it opens: a pool that is left open lets no process end
                    await app.close_async()
        except Exception as error:  # noqa: BLE001 (whatever the pool raises when the database is gone)
            log.warning("worker trouble", part="ticks", error=type(error).__name__)
            await clock.SystemClock().sleep(AFTER_TROUBLE)


def _ticks() -> Coroutine[Any, Any, None]:
    return app.run_worker_async(
        install_signal_handlers=False,
        concurrency=TICKS_AT_ONCE,
        listen_notify=False,
        fetch_job_polling_interval=1.0,
        delete_jobs="always",
        shutdown_graceful_timeout=GRACE,
    )


async def _until_set_back(work: Coroutine[Any, Any, None], time: clock.Clock) -> None:
    """Do `work` until it ends or raises, or `time` is set back: then it is asked to stop."""
    working, watching = asyncio.create_task(work), asyncio.create_task(_set_back(time))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            log.warning("clock set back")
    finally:
        watching.cancel()
        working.cancel()
        outcome, _ = await asyncio.gather(working, watching, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome


async def _set_back(time: clock.Clock) -> None:
    """Return once the time of day lags behind the time that passed. Slept away or set forward, it does not."""
    ahead = latest = time.now().timestamp() - time.monotonic()
    while ahead > latest - SET_BACK:
        await time.sleep(SET_BACK)
        latest = max(latest, ahead)
        ahead = time.now().timestamp() - time.monotonic()
