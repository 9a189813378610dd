"""Timed work. Procrastinate only ticks: what is due is found in columns compared with our clock, so that turning the
clock is enough, and a tick too many does nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import app

from onthaal import clock
from onthaal.central.foundation import keeping
from onthaal.central.foundation.identity import jobs as identity
from onthaal.central.foundation.journal import digests
from onthaal.central.foundation.people.hosts import every_municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access import jobs as access
from onthaal.central.lockers.access.actions import expire_identifications
from onthaal.central.lockers.devices import counting, openings
from onthaal.central.lockers.devices import jobs as devices
from onthaal.central.lockers.handovers import counting as incidents
from onthaal.central.lockers.handovers import jobs as handovers
from onthaal.central.lockers.requests import jobs as requests
from onthaal.central.web import chains

log = structlog.get_logger()

Work = Callable[[datetime], object]


def sign_digest(now: datetime) -> None:
    digests.sign_day(now, chains.other_heads())


OFTEN: tuple[Work, ...] = (
    devices.silent,
    devices.stop_clocks,
    handovers.tick,
    requests.expire_unconfirmed,
    access.watch_walls,
    expire_identifications,
    openings.expire_openings,
)
"""Every few seconds, for each municipality; what cannot be opened is known before anything is recalled."""
IDENTITY: tuple[Work, ...] = (identity.rotate_keys, identity.tidy)
NOW_AND_THEN: tuple[Work, ...] = (
    handovers.ask_to_load,
    requests.forget_origins,
    requests.erase_ended,
    requests.drop_attachments,
    requests.forget_visitors,
    keeping.tidy_scope,
    counting.count_walls,
    incidents.watch_incidents,
    sign_digest,
    *IDENTITY,
)
"""A few times a minute: each looks by itself whether there is something to do."""


@app.periodic(cron="* * * * * */5", periodic_id="tick")
@app.task(queueing_lock="tick", name="tick")
def tick(timestamp: int) -> None:
    """Deadlines, reminders, silent kiosks."""
    for_each_municipality(OFTEN)


@app.periodic(cron="* * * * * */20", periodic_id="tidy")
@app.task(queueing_lock="tidy", name="tidy")
def tidy(timestamp: int) -> None:
    """Digests, and what is not kept any longer."""
    for_each_municipality(NOW_AND_THEN)
    keeping.tidy_unscoped(clock.now())


@app.periodic(cron="* * * * * */10", periodic_id="look")
@app.task(queueing_lock="look", name="look")
def look(timestamp: int) -> None:
    """Whether providers answer. It waits for others, so no deadline may wait for it."""
    close_old_connections()
    identity.look_at_providers()


def for_each_municipality(work: tuple[Work, ...]) -> None:
    """Each piece in its own scope and transaction; one that fails is told and does not stop the others."""
    close_old_connections()
    for municipality in every_municipality():
        for piece in work:
            try:
                with acting_for(municipality):
                    piece(clock.now())
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001 (one municipality's bad row must not stop the others)
                name = f"{piece.__module__}.{piece.__qualname__}"
                log.warning("timed work failed", work=name, municipality=municipality, error=type(error).__name__)
