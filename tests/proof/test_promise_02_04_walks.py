"""Promises 2 and 4 on the whole, in any order of visits, deaths, silences, resyncs, commands and restarts.

Reached here: the real runner on real ptys, its store, the uplink's telling, and the centre on PostgreSQL, walking
beside the wall's physical truth. Few steps, so that it stays quick; `python -m bench.soak` walks on for hours.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.proof.law import DOORS
from tests.proof.line import MISHAPS, Mishap
from tests.proof.town import Town
from tests.proof.walk import Dies, Hands, Walk

THINGS = st.integers(0, 3)
HANDS: st.SearchStrategy[Hands] = st.sampled_from(["as asked", "as asked", "as asked", "nothing", "leaves it open"])
DIES: st.SearchStrategy[Dies] = st.sampled_from(["never", "never", "never", "pulsed", "taken", "shut"])
TROUBLE: st.SearchStrategy[list[Mishap]] = st.lists(st.sampled_from(MISHAPS), max_size=3)


class AnyOrder(RuleBasedStateMachine):
    town: Town
    walk: Walk

    @initialize()
    def begins(self) -> None:
        self.around = ExitStack()
        self.around.enter_context(self.town.and_back())
        folder = self.around.enter_context(tempfile.TemporaryDirectory())
        self.walk = Walk(self.town, Path(folder))
        self.around.callback(self.walk.ends)
        self.walk.loads(self.walk.handovers[0], "as asked", "never", undo=False)
        self.walk.loads(self.walk.handovers[1], "as asked", "never", undo=False)
        self.walk.talks([])

    def teardown(self) -> None:
        if hasattr(self, "around"):
            self.around.close()

    @rule(thing=THINGS, hands=HANDS, dies=DIES)
    def somebody_collects(self, thing: int, hands: Hands, dies: Dies) -> None:
        self.walk.collects(self.walk.handovers[thing], hands, dies)

    @rule(thing=THINGS, hands=HANDS, dies=DIES, undo=st.booleans())
    def staff_loads(self, thing: int, hands: Hands, dies: Dies, undo: bool) -> None:
        self.walk.loads(self.walk.handovers[thing], hands, dies, undo=undo)

    @rule(hands=HANDS, dies=DIES)
    def staff_takes_out(self, hands: Hands, dies: Dies) -> None:
        self.walk.takes_out(hands, dies)

    @rule(hands=HANDS, dies=DIES)
    def staff_checks(self, hands: Hands, dies: Dies) -> None:
        self.walk.checks(hands, dies)

    @rule()
    def the_doors_are_shut(self) -> None:
        self.walk.somebody_shuts_the_doors()

    @rule(door=st.sampled_from(DOORS), takes=st.booleans())
    def a_door_is_forced(self, door: int, takes: bool) -> None:
        self.walk.somebody_forces(door, takes=takes)

    @rule()
    def the_agent_is_killed(self) -> None:
        self.walk.restarts()

    @rule()
    def the_bus_falls_silent(self) -> None:
        self.walk.the_bus_falls_silent()

    @rule(thing=THINGS, named=st.booleans(), astray=st.integers(0, 8))
    def a_door_is_opened_from_afar(self, thing: int, named: bool, astray: int) -> None:
        handover = self.walk.handovers[thing]
        lies = self.walk.town.book(handover).lies or 1 + astray
        self.walk.opens_from_afar(lies, handover if named else None)

    @rule(thing=THINGS)
    def the_centre_recalls(self, thing: int) -> None:
        self.walk.recalls(self.walk.handovers[thing])

    @rule(thing=THINGS)
    def the_notice_goes(self, thing: int) -> None:
        self.walk.notifies(self.walk.handovers[thing])

    @rule(mishaps=TROUBLE)
    def both_talk(self, mishaps: list[Mishap]) -> None:
        self.walk.talks(mishaps)

    @rule(which=st.integers(0, 20))
    def an_old_snapshot_comes_again(self, which: int) -> None:
        self.walk.gets_an_old_snapshot(which)

    @invariant()
    def nothing_is_given_out_that_holds_something(self) -> None:
        if hasattr(self, "walk"):
            self.walk.nothing_is_given_out()


@pytest.mark.slow
def test_promise_2_and_4_whatever_people_and_machines_do_in_any_order(town: Town) -> None:
    """And in the end the ledgers agree with each other and with the wall."""

    class Here(AnyOrder):
        def teardown(self) -> None:
            if hasattr(self, "walk"):
                self.walk.somebody_shuts_the_doors()
                self.walk.talks([])
            super().teardown()

    Here.town = town
    run_state_machine_as_test(
        Here, settings=settings(max_examples=3, stateful_step_count=10, suppress_health_check=list(HealthCheck))
    )
