"""What must be so at every moment of a walk: the promises, read against what physically lies behind each door."""

from __future__ import annotations

from onthaal.core import facts as f
from onthaal.core.lifecycles import CLOSED, IN_THE_WALL
from onthaal.core.lifecycles import Stage as At
from onthaal.emulator.running import EmulatedWall
from onthaal.kiosk.agent import Agent
from onthaal.kiosk.ledger import Denied
from tests.proof.town import Town

DOORS = range(1, 10)
SAME = {At.WAITING: At.LOADED}


class Law:
    """Reads the agent, the wall and the town of a walk; moves nothing."""

    town: Town
    agent: Agent
    wall: EmulatedWall
    handovers: list[int]
    broken: list[str]
    _sent: dict[int, int]

    def _name(self, handover: int) -> str:
        return f"h{handover}"

    def _behind(self, door: int) -> set[str]:
        return {thing.id for thing in self.wall.cabinet.things(door)}

    def _pulsed(self) -> None:
        """Called at every change of the wall: read the law when a solenoid was sent a pulse."""
        for door in DOORS:
            if self.wall.pulses(door) > self._sent[door]:
                self._sent[door] = self.wall.pulses(door)
                wrong = self._unlawful(door)
                if wrong:
                    self.broken.append(wrong)

    def _unlawful(self, door: int) -> str:
        intents = [fact.body for fact in self.agent.store.facts_after(0) if isinstance(fact.body, f.OpenIntended)]
        intent = next((one for one in reversed(intents) if one.compartment == door), None)
        if intent is None:
            return f"promise 1: {door} was pulsed without an intent"
        behind = self._behind(door)
        allowed = {self._name(intent.handover)} if intent.handover else set()
        if intent.purpose in {"check", "take_back", "remote"} and intent.handover is None:
            live = {self._name(one.id) for one in self.agent.book.truth.live() if one.stage in IN_THE_WALL}
            return f"promise 2: {behind} opened for {intent}" if behind & live else ""
        if intent.purpose == "load" and self.agent.book.truth.content(door).handover != intent.handover:
            # An unfinished load may be opened again for what was just put in, and for nothing else.
            allowed &= {self._name(intent.handover or 0)} if self._same_session_before(door, intent) else set()
        return f"promise 2 or 4: {behind} lies behind {door}, pulsed for {intent}" if behind - allowed else ""

    def _same_session_before(self, door: int, intent: f.OpenIntended) -> bool:
        told = [fact.body for fact in self.agent.store.facts_after(0) if isinstance(fact.body, f.OpenIntended)]
        return sum(one.compartment == door and one.session == intent.session for one in told) > 1

    def nothing_is_given_out(self) -> None:
        """Promise 4, at this moment: nothing goes where something lies, or behind an open door."""
        truth, doors = self.agent.book.truth, self.agent.hardware.locks.doors()
        for known in truth.live():
            place = truth.place(known, doors=doors)
            if not isinstance(place, Denied):
                assert not self._behind(place), f"promise 4: {place} is given out and holds {self._behind(place)}"
                assert not self.wall.is_open(place), f"promise 4: {place} is given out and stands open"

    def both_agree(self) -> None:
        """Wall and centre on every handover; and on the physical truth, unless they say that they doubt it."""
        self.town.every_thing_has_one_holder()
        self.town.chains_hold()
        if self.agent.book.truth.evidence.intents or any(self.wall.is_open(door) for door in DOORS):
            return
        for handover in self.handovers:
            book, known = self.town.book(handover), self.agent.book.truth.handover(handover)
            stage = At(book.stage)
            if known is not None:
                assert SAME.get(stage, stage) == SAME.get(known.stage, known.stage), f"{handover}: {book}, {known}"
            else:
                assert stage in CLOSED, f"{handover}: {book}, and the wall does not know it"
            place = self.wall.cabinet.thing(self._name(handover)).place
            if stage is At.DISPUTED:
                continue
            if isinstance(place, int):
                assert (book.lies, book.holder) == (place, "compartment"), f"{handover} lies in {place}: {book}"
            else:
                assert (book.lies, stage in IN_THE_WALL) == (None, False), f"{handover} is not in the wall: {book}"
