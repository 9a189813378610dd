"""The worker: a part that falls ends the whole, so that it is started again; time goes on when a clock is set back."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import procrastinate
import pytest
from django.db import DatabaseError, InterfaceError
from procrastinate import periodic
from structlog.testing import capture_logs

from onthaal import clock
from onthaal.central.web import worker


@pytest.fixture
def ticks(committed: None, monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[int]:
    """The moments at which this worker's one piece of timed work was done."""
    done: asyncio.Queue[int] = asyncio.Queue()
    app = procrastinate.App(connector=worker._connector())

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="tick")
    async def tick(timestamp: int) -> None:
        done.put_nowait(timestamp)

    monkeypatch.setattr(worker, "app", app)
    return done


def test_a_part_that_falls_ends_the_worker_with_an_error_and_stops_the_others(ticks: asyncio.Queue[int]) -> None:
    looked = threading.Event()

    def full_disk(now: datetime) -> int:
        looked.wait(30)
        raise OSError(28, "An Peeters")

    def other(now: datetime) -> int:
        looked.set()
        return 0

    with capture_logs() as lines:
        assert worker.run({"followers": full_disk, "notices": other}) == 1
    assert looked.is_set()
    (told,) = [line for line in lines if line["event"] == "worker part ended"]
    assert (told["part"], told["error"]) == ("followers", "OSError")
    assert "Peeters" not in str(lines)


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_a_database_that_is_gone_ends_nothing(
    committed: None, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(worker, "AFTER_TROUBLE", 0.0)
    stopped, looks = threading.Event(), 0

    def work(now: datetime) -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise error
        stopped.set()
        return 0

    with capture_logs():
        worker._again_and_again("notices", work, stopped)
    assert looks == 2


class WallClock(clock.HandTurnedClock):
    """One that somebody can set back: the time that passed does not go back with it."""

    def set_back(self, **by: float) -> None:
        self._now -= timedelta(**by)


async def test_timed_work_goes_on_at_once_when_the_clock_is_set_back(
    ticks: asyncio.Queue[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    time, stop = WallClock(noon + timedelta(minutes=1)), asyncio.Event()
    monkeypatch.setattr(periodic, "time", SimpleNamespace(time=lambda: time.now().timestamp()))

    async def ticked() -> datetime:
        return datetime.fromtimestamp(await asyncio.wait_for(ticks.get(), 60), UTC)

    ticking = asyncio.create_task(worker._tick(stop, time))
    try:
        assert await ticked() == noon
        with capture_logs() as lines:
            time.set_back(hours=2)
            time.turn(seconds=worker.SET_BACK)
            assert await ticked() == noon - timedelta(hours=2)
        assert "clock set back" in [line["event"] for line in lines]
    finally:
        stop.set()
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


async def test_a_clock_that_is_set_forward_or_a_little_back_disturbs_nothing() -> None:
    time = WallClock(datetime(2026, 11, 20, 12, tzinfo=UTC))
    watching = asyncio.create_task(worker._set_back(time))
    for by in (-7200, worker.SET_BACK - 1):
        await asyncio.sleep(0)
        time.set_back(seconds=by)
        time.turn(seconds=worker.SET_BACK)
        await asyncio.sleep(0)
        assert not watching.done()
    time.set_back(seconds=2)
    time.turn(seconds=worker.SET_BACK)
    await asyncio.wait_for(watching, 30)
