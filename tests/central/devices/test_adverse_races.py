"""A wall, the desk, the worker and the clock at once: nobody deadlocks, and the chains stay whole."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention import queries as asking
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import following
from onthaal.central.foundation.journal.models import Following, Stream
from onthaal.central.foundation.journal.queries import first_break
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.devices import actions as devices
from onthaal.central.lockers.devices import queries
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import jobs
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core import facts
from onthaal.core.protocol import Heard, State
from onthaal.core.refusals import Refusal
from tests.central.conftest import municipality
from tests.central.devices.cast import STAFF, Teller, Wall, a_wall, collected, loaded
from tests.central.lockers.racing import waiting
from tests.waiting import until

ROUNDS = 8


def told_by(planned: list[Handover]) -> Teller:
    """Each is loaded, undone, loaded behind another door; then collected, or taken out."""
    teller = Teller()
    for door, one in enumerate(planned, start=1):
        teller.says(
            loaded(one, door),
            facts.LoadUndone(handover=one.pk, compartment=door, staff=STAFF, session="s1"),
            loaded(one, door % 9 + 1),
            facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=None, counts=True),
            facts.OpenNotDetected(intent="i", compartment=door),
            facts.OpenedWithoutCommand(compartment=door),
        )
        kept = facts.NotTaken(handover=one.pk, compartment=door % 9 + 1, session="s")
        teller.says(collected(one, door % 9 + 1) if door % 2 else kept)
    return teller


def a_state(teller: Teller, round_: int) -> State:
    doors = range(1, 10)
    return State(
        log=teller.log, boot="boot-one", at=clock.now(), software="1", epoch=1, version=round_, last_fact=10**6,
        doors=dict.fromkeys(doors, "closed"), contents=dict.fromkeys(doors, "unknown"),
    )  # fmt: skip


class Crowd:
    """Everybody who works on one wall's things; each verb is one round of theirs."""

    def __init__(self, wall: Wall, planned: list[Handover]) -> None:
        self.wall, self.planned, self.teller = wall, planned, told_by(planned)
        self.met: list[BaseException] = []

    def acting(self, act: Callable[[], Any]) -> None:
        """A polite no is an answer."""
        with contextlib.suppress(Refusal), self.wall.acting():
            act()

    def desk(self, round_: int) -> None:
        by, one, door = self.wall.clerk, self.planned[round_ % 7], self.wall.doors[round_ % 9 + 1]
        self.acting(lambda: places.block(compartment_id=door.pk, by=by, reason="a test"))
        self.acting(lambda: access.send_again(handover_id=one.pk, by=by))
        self.acting(lambda: handovers.recall(handover_id=one.pk, by=by, reason="asked"))
        self.acting(lambda: places.lift_block(compartment_id=door.pk, by=by))
        self.acting(lambda: access.revoke(handover_id=self.planned[-1 - round_ % 7].pk, by=by))
        self.sees_to_it(by)

    def sees_to_it(self, by: Account) -> None:
        """What is shown and asked at the desk at that moment, one after the other."""
        with self.wall.acting():
            alerts, tasks = list(asking.open_alerts()[:2]), list(asking.open_tasks()[:2])
        for alert in alerts:
            self.acting(partial(attention.acknowledge, alert.pk, by))
        for task in tasks:
            self.acting(partial(attention.finish_task, kind=task.kind, about=task.about, by=by))

    def link(self, round_: int) -> None:
        """The wall's state, a door opened from the desk, and the wall's wishes."""
        wall, door = self.wall, self.wall.doors[round_ % 9 + 1]

        def open_now() -> None:
            lies = Stay.objects.filter(compartment=door, until=None).values_list("handover_id", flat=True).first()
            devices.open_now(
                kiosk_id=wall.kiosk.pk, compartment_id=door.pk, by=wall.clerk, reason="x", handover_id=lies
            )

        with wall.acting():
            devices.keep_state(wall.device, a_state(self.teller, round_))
        self.acting(open_now)
        with queries.snapshot_of(wall.municipality.pk):
            queries.wishes(wall.kiosk.pk)

    def worker(self, round_: int) -> None:
        following.work(clock.now(), 12)
        self.acting(lambda: jobs.tick(clock.now() + timedelta(days=40)))

    def telling(self, round_: int) -> None:
        upto = (round_ + 1) * len(self.teller.facts) // ROUNDS
        hear(self.wall.device, self.teller.post(self.teller.facts[:upto]))

    def all_at_once(self) -> None:
        from django.db import connection

        parts = (self.desk, self.link, self.worker, self.worker, self.telling, self.telling)
        start = threading.Barrier(len(parts))

        def again(work: Callable[[int], None]) -> None:
            start.wait(30)
            for round_ in range(ROUNDS):
                try:
                    work(round_)
                except Exception as error:  # noqa: BLE001 (whatever it is, the test tells it at the end)
                    self.met.append(error)
            connection.close()

        with ThreadPoolExecutor(len(parts)) as everybody:
            list(everybody.map(again, parts, timeout=120))


def test_everybody_at_once_leaves_every_chain_whole_and_nobody_deadlocks(committed: None) -> None:
    wall = a_wall(municipality("aalter", "aalter.example"))
    with wall.acting():
        planned = [wall.planned() for _ in range(7)]
        access.pepper(wall.kiosk)  # as an enrolled wall has it
    crowd = Crowd(wall, planned)
    crowd.all_at_once()
    assert [str(error) for error in crowd.met] == []
    with wall.acting():
        assert all(first_break(name) is None for name in Stream.objects.values_list("name", flat=True))
        live = Grant.objects.filter(status__in=("asleep", "awake"), pin_closed_at=None)
        assert len(set(live.values_list("handover_id", flat=True))) == live.count()
        assert not Following.objects.exclude(error="").exclude(error="Refusal").exists()


def test_the_first_word_of_a_walls_chain_from_both_sides_is_no_deadlock(committed: None) -> None:
    """Nothing stands in the chain yet that could be locked: who hears still takes it before the wall's wishes."""
    from django.db import connections

    wall = a_wall(municipality("aalter", "aalter.example"))
    with wall.acting():
        planned = wall.planned()
    teller = Teller()
    teller.says(facts.OpenedWithoutCommand(compartment=9), loaded(planned, 1))

    def tells() -> Heard:
        try:
            return hear(wall.device, teller.post(teller.facts))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as kiosk, wall.acting():
        journal.note(stream=f"kiosk:{wall.kiosk.pk}", kind="kiosk.blocked", about={"kiosk": wall.kiosk.pk})
        heard = kiosk.submit(tells)
        until(waiting, what="the wall waiting for its chain")
        Kiosk.objects.select_for_update(no_key=True, nowait=True).get(pk=wall.kiosk.pk)
    assert heard.result().heard_up_to == len(teller.facts)
    with wall.acting():
        assert first_break(f"kiosk:{wall.kiosk.pk}") is None
