"""Promise 3, the centre's part: whatever facts and verbs come in whatever order, each item has exactly one holder at
every moment, the one that the moves lead to; and promise 10's constraints hold all along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from onthaal.core import lifecycles
from onthaal.core.custody import AT_THE_DESK, BY_MOVE, BY_RESOLUTION, Held, Moved, folded, held_by
from onthaal.core.lifecycles import Direction, Move, Stage
from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall

WHICH = st.integers(0, 50)
BY_FACT = {
    Direction.OUT: (Move.LOAD, Move.UNDO_LOAD, Move.COLLECT, Move.TAKE_BACK, Move.DISPUTE),
    Direction.BACK: (Move.LOAD, Move.UNDO_LOAD, Move.COLLECT, Move.DISPUTE),
}
BY_VERB = (Move.RECALL, Move.NOTIFY, Move.BOUNCE)


def stages(handover: Any) -> tuple[Direction, Stage]:
    handover.refresh_from_db()
    return Direction(handover.direction), Stage(handover.stage)


def unless_refused(verb: Callable[[], Any]) -> Any:
    """What it answers; None for a polite no, which must be about the move."""
    try:
        return verb()
    except Refusal as no:
        if no.why is not Why.MOVE_NOT_ALLOWED:
            raise
        return None


class Walk(RuleBasedStateMachine):
    """Loans and vouchers at one wall, moved by its facts and by the desk's verbs."""

    town: Town
    wall: Wall
    handovers: list[Any]
    """Planned once: every walk begins there again."""

    @initialize()
    def begin(self) -> None:
        from django.db import transaction

        self.savepoint = transaction.savepoint()
        self.told = (self.wall.number, self.wall.head)
        self.moves = [Moved(item, AT_THE_DESK) for item in sorted({one.item_id for one in self.handovers})]

    def _door(self, handover: Any) -> int | None:
        """Where it lies; else a compartment that the ledger says is empty."""
        from onthaal.central.lockers.handovers.models import Stay
        from onthaal.central.lockers.places.models import Compartment

        if handover.compartment_id is not None:
            return int(handover.compartment.number)
        taken = Stay.objects.filter(until=None).values("compartment")
        free = Compartment.objects.exclude(pk__in=taken).order_by("number").first()
        return free.number if free else None

    @rule(which=WHICH, fact=st.integers(0, 4))
    def the_wall_tells(self, which: int, fact: int) -> None:
        handover = self.handovers[which % len(self.handovers)]
        direction, stage = stages(handover)
        moves = [move for move in BY_FACT[direction] if move in lifecycles.MOVES[direction][stage]]
        door = self._door(handover)
        if not moves or door is None or not self._may_come(handover, direction):
            return
        move = moves[fact % len(moves)]
        self._tell(handover, direction, move, door)
        assert stages(handover)[1] is lifecycles.after(direction, stage, move)
        self._expect(handover, BY_MOVE[direction].get(move), door)

    def _may_come(self, handover: Any, direction: Direction) -> bool:
        """Only what was collected is brought back."""
        return direction is Direction.OUT or stages(handover.out)[1] is Stage.COLLECTED

    def _tell(self, handover: Any, direction: Direction, move: Move, door: int) -> None:
        out = direction is Direction.OUT
        tells = {
            Move.LOAD: self.wall.loads if out else self.wall.takes_back,
            Move.UNDO_LOAD: self.wall.undoes,
            Move.COLLECT: self.wall.gives if out else self.wall.is_emptied,
            Move.TAKE_BACK: self.wall.is_emptied,
            Move.DISPUTE: self.wall.disputes,
        }
        tells[move](handover, door)

    def _expect(self, handover: Any, holder: Any, door: int) -> None:
        from onthaal.central.lockers.places.models import Compartment

        if holder is None:
            return
        place = Compartment.objects.get(number=door).pk
        held = held_by(holder, handover=handover.pk, compartment=place, out=handover.out_id)
        self.moves.append(Moved(handover.item_id, held))

    @rule(which=WHICH, move=st.sampled_from(BY_VERB))
    def the_desk_acts(self, which: int, move: Move) -> None:
        from onthaal.central.lockers.handovers import actions

        handover = self.handovers[which % len(self.handovers)]
        direction, stage = stages(handover)
        allowed = move in lifecycles.MOVES[direction][stage]
        verbs: dict[Move, Any] = {
            Move.RECALL: lambda: actions.recall(handover_id=handover.pk, by=self.town.clerk, reason="asked"),
            Move.NOTIFY: lambda: actions.notified(handover_id=handover.pk, at=self.town.clock.now()),
            Move.BOUNCE: lambda: actions.bounced(handover_id=handover.pk),
        }
        assert bool(unless_refused(verbs[move])) == allowed
        expected = lifecycles.after(direction, stage, move) if allowed else stage
        assert stages(handover)[1] is expected

    @rule(which=WHICH, to=st.sampled_from(list(Stage)))
    def staff_decides(self, which: int, to: Stage) -> None:
        from onthaal.central.lockers.handovers import actions

        handover = self.handovers[which % len(self.handovers)]
        direction, stage = stages(handover)
        nowhere = handover.compartment_id is None and to in lifecycles.IN_THE_WALL
        door = handover.compartment.number if handover.compartment_id else 1
        allowed = stage is Stage.DISPUTED and to in lifecycles.RESOLUTIONS[direction] and not nowhere
        decide = lambda: actions.resolve(  # noqa: E731 (a verb to try)
            handover_id=handover.pk, to=to, by=self.town.clerk, reason="Wij keken."
        )
        assert bool(unless_refused(decide)) == allowed
        if not allowed:
            return
        assert stages(handover)[1] is to
        self._expect(handover, BY_RESOLUTION[direction][to], door)

    @invariant()
    def each_item_has_the_one_holder_that_its_moves_lead_to(self) -> None:
        from onthaal.central.lockers.catalogue.models import Custody

        if not hasattr(self, "moves"):
            return
        *_, expected = folded(self.moves)
        now = Custody.objects.filter(until=None, item__in=list(expected))
        held = [(one.item_id, Held(one.holder, _of(one, "compartment"), _of(one, "handover"))) for one in now]
        assert sorted(item for item, _ in held) == sorted(expected)
        assert dict(held) == dict(expected)

    @invariant()
    def what_lies_in_the_wall_has_one_place_and_each_place_one_thing(self) -> None:
        from onthaal.central.lockers.handovers.models import Handover, Stay

        if not hasattr(self, "moves"):
            return
        stays = dict(Stay.objects.filter(until=None).values_list("handover_id", "compartment_id"))
        certain = lifecycles.IN_THE_WALL - {Stage.DISPUTED}
        lying = dict(Handover.objects.filter(stage__in=certain).values_list("pk", "compartment_id"))
        assert lying.items() <= stays.items()
        assert len(set(stays.values())) == len(stays)

    def teardown(self) -> None:
        from django.db import transaction

        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)
            self.wall.number, self.wall.head = self.told


def _of(custody: Any, field: str) -> Any:
    """What the row names, as far as the fold does."""
    if custody.holder == "compartment" or (custody.holder == "citizen" and field == "handover"):
        return getattr(custody, f"{field}_id")
    return None


def test_promise_3_every_item_has_exactly_one_holder_whatever_happens(town: Town) -> None:
    requests = [
        *(town.accepted(town.asks(f"winkel{n}@aalter.example")) for n in range(2)),
        *(town.accepted(town.asks_to_borrow(3, 5, f"club{n}@aalter.example")) for n in range(2)),
    ]
    outs: list[Any] = [request.handover for request in requests]
    handovers = outs + [out.back for out in outs if hasattr(out, "back")]
    machine = type("ThisWalk", (Walk,), {"town": town, "wall": Wall(town), "handovers": handovers})
    walks = settings(max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=walks)
