"""Promise 9: after days offline the centre's ledger equals the kiosk's log, in order, without duplicates.

The kiosk's half (that it tells every fact it wrote) is tried with the kiosk.
"""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onthaal.central.foundation.journal.models import Entry, Stream
from onthaal.central.foundation.journal.queries import first_break
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact, Log
from onthaal.core import facts
from tests.central.conftest import municipality
from tests.central.devices.cast import STAFF, Teller, Wall, a_wall, collected, ledger, loaded


def offline(wall: Wall) -> Teller:
    """A week of a wall without a line: things come and go, one is recalled in vain, one door stays shut."""
    teller = Teller()
    with wall.acting():
        loans = [wall.planned(wall.thing(wall.material, tag=f"E2{number}")) for number in range(3)]
        backs = [wall.planned(loan.item, direction="back", out=loan) for loan in loans]
        vouchers = [wall.planned() for _ in range(3)]
    for door, (out, back) in enumerate(zip(loans, backs, strict=True), start=1):
        teller.says(facts.SessionOpened(session="s", language="nl"), loaded(out, door), collected(out, door))
        teller.says(facts.Returned(handover=back.pk, compartment=door, session="r", grade="A", item=back.item_id))
    for door, handover in enumerate(vouchers, start=5):
        teller.says(loaded(handover, door), facts.NotTaken(handover=handover.pk, compartment=door, session="n"))
    teller.says(
        collected(vouchers[0], 5),
        facts.Disputed(handover=vouchers[1].pk, compartment=6, why="left-open"),
        facts.LoadUndone(handover=vouchers[2].pk, compartment=7, staff=STAFF, session="s1"),
        facts.TakenOut(compartment=1, staff=STAFF, session="t", grade="B", handover=backs[0].pk),
        facts.OpenedWithoutCommand(compartment=9),
        collected(vouchers[1], 5),
    )
    return teller


def outcome() -> list[Any]:
    """The ledger, the log as it was heard, and the journal's chains."""
    rows = list(ledger())
    rows += HeardFact.objects.order_by("number").values_list("number", "kind", "told", "verdict", "remark")
    rows += Entry.objects.order_by("stream", "number").values_list("stream", "number", "kind", "at", "about__handover")
    return rows


def tell(wall: Wall, teller: Teller, posts: list[list[int]]) -> None:
    """Make POSTs of the log's facts as given (by index), then tell the rest as a kiosk does: until all is heard."""
    for post in posts:
        hear(wall.device, teller.post([teller.facts[index] for index in post]))
    heard = hear(wall.device, teller.post([])).heard_up_to
    while heard < len(teller.facts):
        heard = hear(wall.device, teller.post(teller.facts[heard : heard + 4])).heard_up_to


@pytest.mark.django_db
def test_promise_9_lost_doubled_and_reordered_posts_give_the_same_ledger(aalter: Any) -> None:
    from django.db import transaction

    wall = a_wall(aalter)
    teller = offline(wall)
    count = len(teller.facts)
    straight: list[Any] = []

    def tried(posts: list[list[int]]) -> list[Any]:
        point = transaction.savepoint()
        try:
            tell(wall, teller, posts)
            with wall.acting():
                assert not Log.objects.filter(broken_at__isnull=False).exists()
                return outcome()
        finally:
            transaction.savepoint_rollback(point)

    straight = tried([list(range(count))])
    assert len(straight) > count

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(st.integers(0, count - 1), max_size=count), max_size=6))
    def however_told(posts: list[list[int]]) -> None:
        assert tried(posts) == straight

    however_told()


def test_promise_9_posts_that_race_give_the_same_ledger(committed: None) -> None:
    """Real transactions: four connections tell the same log at once, in pieces of their own."""
    from django.db import connection

    wall = a_wall(municipality("aalter", "aalter.example"))
    teller = offline(wall)
    start = threading.Barrier(4)

    def telling(seed: int) -> None:
        shuffled = random.Random(seed)
        try:
            start.wait(30)
            for _ in range(6):
                first = shuffled.randrange(len(teller.facts))
                hear(wall.device, teller.post(teller.facts[: first + shuffled.randrange(1, 9)]))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as tellers:
        list(tellers.map(telling, range(4), timeout=60))
    tell(wall, teller, [])
    with wall.acting():
        heard = HeardFact.objects.order_by("number").values_list("told", flat=True)
        assert [told.encode() for told in heard] == [msgspec.json.encode(fact) for fact in teller.facts]
        assert all(first_break(name) is None for name in Stream.objects.values_list("name", flat=True))


def test_two_walls_and_a_clerk_at_once_leave_every_chain_whole(committed: None) -> None:
    """Hearing, recalling and planning cross each other on the same handovers; nothing deadlocks for good."""
    from django.db import connection

    from onthaal.central.lockers.handovers import actions as handovers
    from onthaal.core.refusals import Refusal

    wall = a_wall(municipality("aalter", "aalter.example"))
    teller = Teller()
    with wall.acting():
        planned = [wall.planned() for _ in range(6)]
    for door, handover in enumerate(planned, start=1):
        teller.says(loaded(handover, door))
    for door, handover in enumerate(planned, start=1):
        teller.says(collected(handover, door))
    start = threading.Barrier(2)

    def recalling() -> None:
        try:
            start.wait(30)
            for handover in reversed(planned):
                try:
                    with wall.acting():
                        handovers.recall(handover_id=handover.pk, by=None, reason="not-collected")
                except Refusal:
                    continue
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as clerk:
        recalled = clerk.submit(recalling)
        start.wait(30)
        for fact in teller.facts:
            hear(wall.device, teller.post([fact]))
        recalled.result(60)
    with wall.acting():
        assert {stage for _, stage, *_ in list(ledger())[: len(planned)]} == {"collected"}
        assert all(first_break(name) is None for name in Stream.objects.values_list("name", flat=True))
