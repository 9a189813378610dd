"""Promises 2 and 4 under any order of people, crashes, bus failures, resyncs and remote commands.

A model of the wall's physical truth walks beside a real store. Whenever a lock is pulsed, what lies behind it must be
what the law says. The agent in between is the plainest one that keeps the rules of `hardware.md` 7.4.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from onthaal.core import facts as f
from onthaal.core.lifecycles import IN_THE_WALL, Direction, Stage
from onthaal.core.protocol import WishedHandover, Wishes
from onthaal.kiosk.store import Store
from onthaal.kiosk.truth import Denied, Truth
from tests.kiosk.cast import a_clock, a_handover, fitted, wishes
from tests.kiosk.visits import BACK, HANDOVERS, NUMBERS, OUT, STAFF, Crash, Visit, Wall, thing

STEPS = st.sampled_from([None, None, None, "intent", "pulse", "opened", "hands", "shut"])
HANDS = st.sampled_from(["as asked", "as asked", "nothing", "leaves it open"])


class AnyOrder(RuleBasedStateMachine):
    truth: Truth

    @initialize(sensors=st.booleans())
    def begin(self, sensors: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = a_clock()
        self.wall = Wall(sensors=sensors)
        self.fits = fitted("S", "S", "M", presence=sensors)
        self.sessions = 0
        self.snapshots: list[Wishes] = []
        self.plans: dict[int, tuple[Stage, int | None]] = dict.fromkeys(HANDOVERS, (Stage.PLANNED, None))
        self.store = Store.open(Path(self.folder.name) / "kiosk.db", clock=self.clock)
        self.store.append(f.Configured(compartments=self.fits))
        self._snapshot()
        self.comes_up()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    # the agent

    def told(self, *bodies: f.Body) -> None:
        self.truth = self.truth.after(*self.store.append(*bodies))

    def comes_up(self) -> None:
        """After a restart: read the doors, then close each intent by evidence."""
        self.store.append(f.Started(software="1", clean=False))
        self.truth = Truth.of(self.store, self.fits)
        for number, door in self.wall.doors().items():
            if door == "closed":
                self.shut_seen(number)
            else:
                self.told(f.DoorOpened(compartment=number))

    def shut_seen(self, number: int) -> None:
        self.told(f.DoorShut(compartment=number, present=self.wall.present(number)))
        for intent in self.truth.evidence.intents_on(number):
            self.told(self.by_evidence(intent.intended))

    def by_evidence(self, intended: f.OpenIntended) -> f.Body:
        number, handover, present = intended.compartment, intended.handover, self.wall.present(intended.compartment)
        putting = intended.purpose in {"load", "return"}
        if present is False and putting:
            return f.SeenEmpty(compartment=number)
        if handover is None:
            return f.FoundItem(compartment=number, session=intended.session)
        if present and not putting:
            return f.NotTaken(handover=handover, compartment=number, session=intended.session)
        return f.Disputed(
            handover=handover,
            compartment=number,
            why="loading-unfinished"
            if putting
            else "crash-closed-absent"
            if self.wall.sensors
            else "crash-closed-no-sensor",
        )

    def cycle(self, purpose: f.Purpose, number: int, handover: int | None, hands: str, dies: str | None) -> None:
        """One session that opens one door, if it may."""
        self.sessions += 1
        visit = Visit(purpose, number, handover, hands, dies, name=str(self.sessions))
        if self.truth.pulse_allowed(number, purpose, handover, session=visit.session) is not None:
            return
        try:
            self.opens(visit)
        except Crash:
            self.the_agent_is_restarted()

    def opens(self, visit: Visit) -> None:
        number, intent = visit.number, f"i{visit.name}"
        self.told(
            f.OpenIntended(
                intent=intent,
                session=visit.session,
                compartment=number,
                purpose=visit.purpose,
                handover=visit.handover,
            )
        )
        visit.reaches("intent")
        self.is_lawful(visit)
        self.wall.open.add(number)
        visit.reaches("pulse")
        self.told(f.DoorOpened(compartment=number, intent=intent))
        visit.reaches("opened")
        if visit.acts:
            self.acts(visit)
        if visit.hands == "leaves it open":
            self.told(f.DoorLeftOpen(compartment=number, intent=intent))
            return
        self.wall.open.discard(number)
        visit.reaches("hands")
        self.told(f.DoorShut(compartment=number, intent=intent, present=self.wall.present(number)))
        visit.reaches("shut")
        outcome = visit.outcome(self.wall)
        if outcome is not None:
            self.told(outcome)

    def acts(self, visit: Visit) -> None:
        if visit.purpose in {"load", "return"}:
            self.wall.holds[visit.number] = thing(visit.handover) if visit.handover else "a thing lent elsewhere"
        elif visit.purpose != "check":
            self.wall.holds[visit.number] = None

    # the law

    def is_lawful(self, visit: Visit) -> None:
        """What lies behind the door that is pulsed now."""
        behind, handover = self.wall.holds[visit.number], visit.handover
        if visit.purpose == "collect":
            # Rubbish that a stranger left behind a forced door is nobody's item.
            assert behind in {None, "rubbish", thing(handover or 0)}, f"promise 2: {behind} opened for {handover}"
        elif visit.purpose in {"load", "return"}:
            assert behind is None, f"promise 4: {behind} lies where {handover} should go"
        elif handover is not None:
            assert behind in {None, thing(handover)} or behind not in map(thing, HANDOVERS), f"{behind} for {handover}"
        elif visit.purpose == "remote":
            live = {thing(known.id) for known in self.truth.live() if known.stage in IN_THE_WALL}
            assert behind not in live, f"promise 2: {behind} opened from afar without its name"

    @invariant()
    def what_is_given_out_is_empty_and_shut(self) -> None:
        if not hasattr(self, "truth"):
            return
        for known in self.truth.live():
            number = self.truth.place(known, doors=self.wall.doors())
            assert isinstance(number, Denied) or (self.wall.holds[number] is None and number not in self.wall.open), (
                "promise 4"
            )

    @invariant()
    def no_door_would_open_for_the_wrong_one(self) -> None:
        """Whoever came now, for whatever, at whichever door."""
        if not hasattr(self, "truth"):
            return
        purposes: tuple[f.Purpose, ...] = ("collect", "load", "return", "remote")
        for purpose, number, handover in product(purposes, NUMBERS, (None, *HANDOVERS)):
            if self.truth.pulse_allowed(number, purpose, handover) is None:
                self.is_lawful(Visit(purpose, number, handover, "as asked", None, name="tried"))

    # people

    @rule(order=st.permutations(OUT), hands=HANDS, dies=STEPS)
    def staff_loads(self, order: list[int], hands: str, dies: str | None) -> None:
        """What there is to load, the last of it perhaps not as it should."""
        for handover in order:
            known = self.truth.handover(handover)
            lies_there = thing(handover) in self.wall.holds.values()
            if known is None or known.stage is not Stage.PLANNED or lies_there:
                continue
            number = self.truth.place(known, doors=self.wall.doors())
            last = handover == order[-1]
            if not isinstance(number, Denied):
                self.cycle("load", number, handover, hands if last else "as asked", dies if last else None)

    @rule(handover=st.sampled_from(OUT), number=st.sampled_from(NUMBERS), hands=HANDS, dies=STEPS)
    def somebody_collects(self, handover: int, number: int, hands: str, dies: str | None) -> None:
        self.cycle("collect", number, handover, hands, dies)

    @rule(handover=st.sampled_from([None, *BACK]), number=st.sampled_from(NUMBERS), hands=HANDS, dies=STEPS)
    def somebody_brings_back(self, handover: int | None, number: int, hands: str, dies: str | None) -> None:
        if number not in self.wall.open and not (handover and thing(handover) in self.wall.holds.values()):
            self.cycle("return", number, handover, hands, dies)

    @rule(hands=HANDS, dies=STEPS)
    def staff_takes_out(self, hands: str, dies: str | None) -> None:
        for one in self.truth.to_take_out():
            self.cycle("take_back", one.compartment, one.handover, hands, dies)

    @rule(dies=STEPS)
    def staff_looks(self, dies: str | None) -> None:
        for number in self.truth.unknown_contents():
            if number not in self.wall.open:
                self.cycle("check", number, None, "as asked", dies)

    @rule(handover=st.sampled_from([None, *HANDOVERS]), number=st.sampled_from(NUMBERS), hands=HANDS, dies=STEPS)
    def staff_opens_from_afar(self, handover: int | None, number: int, hands: str, dies: str | None) -> None:
        self.cycle("remote", number, handover, hands, dies)

    @rule(number=st.sampled_from(NUMBERS), takes=st.booleans(), puts=st.booleans())
    def a_stranger_shuts_what_stood_open(self, number: int, takes: bool, puts: bool) -> None:
        if number not in self.wall.open:
            return
        if takes:
            self.wall.holds[number] = None
        if puts and self.wall.holds[number] is None:
            self.wall.holds[number] = "rubbish"
        self.wall.open.discard(number)
        self.shut_seen(number)

    @rule(number=st.sampled_from(NUMBERS))
    def a_door_is_forced(self, number: int) -> None:
        if number in self.wall.open:
            return
        self.wall.open.add(number)
        self.told(f.OpenedWithoutCommand(compartment=number))
        handover = self.truth.content(number).handover
        if handover is not None:
            self.told(f.Disputed(handover=handover, compartment=number, why="forced"))

    @rule()
    def a_technician_releases_what_is_blocked(self) -> None:
        for number in NUMBERS:
            for reason in self.truth.blocked(number):
                self.told(f.CompartmentReleased(compartment=number, reason=reason, staff=STAFF))

    # machines

    @rule()
    def the_agent_is_restarted(self) -> None:
        self.store.close()
        self.store = Store.open(Path(self.folder.name) / "kiosk.db", clock=self.clock)
        self.comes_up()

    @rule()
    def the_bus_falls_silent_and_comes_back(self) -> None:
        self.told(f.BusSilent(bus="main", compartments=NUMBERS), f.BusRestored(bus="main"))

    @rule()
    def old_facts_are_pruned(self) -> None:
        self.clock.turn(seconds=timedelta(days=91).total_seconds())
        self.store.heard(self.store.last_number)
        self.store.prune(self.clock.now())
        self._centre_hears()

    # the centre

    def _centre_hears(self) -> None:
        self.plans = {known.id: (known.stage, known.compartment) for known in self.truth.live()}
        self._snapshot()

    def _snapshot(self, **changed: Any) -> None:
        handovers = [self._wished(id_, *plan) for id_, plan in self.plans.items()]
        heard = self.store.last_number
        wished = wishes(*handovers, log=self.store.log, version=len(self.snapshots) + 1, heard_up_to=heard)
        self.snapshots.append(wished)
        self._receives(wished)

    def _wished(self, id_: int, stage: Stage, compartment: int | None) -> WishedHandover:
        direction = Direction.OUT if id_ in OUT else Direction.BACK
        return a_handover(id_, direction=direction, stage=stage, compartment=compartment, grants=())

    def _receives(self, wished: Wishes) -> None:
        self.store.keep_wishes(wished)
        self.truth = Truth.of(self.store, self.fits)

    @rule()
    def the_centre_hears_everything(self) -> None:
        self._centre_hears()

    @rule(data=st.data())
    def an_old_snapshot_comes_again(self, data: st.DataObject) -> None:
        self._receives(data.draw(st.sampled_from(self.snapshots)))

    @rule(handover=st.sampled_from(OUT))
    def the_centre_recalls_or_resolves(self, handover: int) -> None:
        """As staff who looked would: what lies there is recalled, what does not is closed."""
        self._centre_hears()
        stage, number = self.plans.get(handover, (Stage.PLANNED, None))
        if stage not in IN_THE_WALL or number is None:
            return
        if self.wall.holds[number] == thing(handover):
            self.plans[handover] = (Stage.RECALLED, number)
        elif stage is Stage.DISPUTED:
            del self.plans[handover]
        self._snapshot()

    @rule(handover=st.sampled_from(OUT))
    def a_plan_is_cancelled_while_the_wall_is_offline(self, handover: int) -> None:
        heard = self.store.own_facts()
        if not heard and self.plans.get(handover, (None, None))[0] is Stage.PLANNED:
            del self.plans[handover]
            self._snapshot()

    @precondition(lambda self: self.wall.sensors)
    @rule(handover=st.sampled_from(OUT), number=st.sampled_from(NUMBERS))
    def the_centre_is_wrong_about_where_a_thing_lies(self, handover: int, number: int) -> None:
        """The wall's own evidence still keeps others out."""
        self._centre_hears()
        if handover in self.plans:
            right = self.plans[handover]
            self.plans[handover] = (Stage.WAITING, number)
            self._snapshot()
            self.plans[handover] = right


TestPromise2And4 = AnyOrder.TestCase
TestPromise2And4.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
