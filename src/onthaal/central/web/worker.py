"""The worker: one process that does what follows, hands mail over, and ticks. Any number may run side by side."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, close_old_connections, connections
from procrastinate.connector import BaseAsyncConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from onthaal import clock
from onthaal.central.foundation.journal import following
from onthaal.central.foundation.notices import delivery

log = structlog.get_logger()

AT_ONCE = 50
LOOKS_EVERY = 0.25
"""Seconds between two looks when there was nothing to do."""
AFTER_TROUBLE = 3.0
TICKS_AT_ONCE = 2
"""A look at a provider may wait seconds for it; deadlines do not wait meanwhile."""
GRACE = 20.0
"""Seconds that running work may take once asked to stop."""


def run() -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished."""
    asyncio.run(_run())


async def _run() -> None:
    stop, stopped = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    threads = [
        asyncio.create_task(asyncio.to_thread(_again_and_again, name, work, stopped))
        for name, work in (("followers", _follow), ("notices", _send))
    ]
    ticking = asyncio.create_task(_tick(stop))
    log.info("worker started")
    try:
        await stop.wait()
    finally:
        stopped.set()
        ticking.cancel()
        await asyncio.gather(ticking, *threads, return_exceptions=True)
        log.info("worker stopped")


def _follow(now: datetime) -> int:
    return following.work(now, AT_ONCE)


def _send(now: datetime) -> int:
    return delivery.work(now)


def _again_and_again(name: str, work: Callable[[datetime], int], stopped: threading.Event) -> None:
    """Work as long as there is some, then look again a little later; a database that is gone may come back."""
    try:
        while not stopped.is_set():
            try:
                done = work(clock.now())
            except DatabaseError as error:
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


async def _tick(stop: asyncio.Event) -> None:
    """Procrastinate's own worker, begun again when the database was gone."""
    while not stop.is_set():
        try:
            with app.replace_connector(_connector()):
                async with app.open_async():
                    await app.run_worker_async(
                        install_signal_handlers=False,
                        concurrency=TICKS_AT_ONCE,
                        listen_notify=False,
                        fetch_job_polling_interval=1.0,
                        delete_jobs="always",
                        shutdown_graceful_timeout=GRACE,
                    )
        except Exception as error:  # noqa: BLE001 (whatever the pool raises when the database is gone)
            log.warning("worker trouble", part="ticks", error=type(error).__name__)
            await clock.SystemClock().sleep(AFTER_TROUBLE)
