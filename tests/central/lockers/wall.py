"""A wall as the centre hears it: facts, numbered and chained, through the real hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onthaal.core import chain, facts
from onthaal.core.protocol import Size

if TYPE_CHECKING:
    from onthaal.central.lockers.handovers.models import Handover
    from tests.central.lockers.town import Town


class Wall:
    """The wall of the town hall, with nine doors of which each can see what lies in it."""

    def __init__(self, town: Town) -> None:
        from onthaal.central.foundation.tenancy import scope
        from onthaal.central.lockers.devices.models import Device

        self.town = town
        self.device = Device.objects.create(
            municipality_id=scope(), kiosk=town.seeded.kiosk.pk, public_key="00" * 32, enrolled_at=town.clock.now()
        )
        self.log, self.number, self.sessions = "log-1", 0, 0
        self.head = chain.genesis(facts.stream(self.log))
        sizes: list[Size] = ["S", "S", "S", "M", "M", "M", "L", "L", "XL"]
        doors = [
            facts.Fitted(number=number, size=size, bottom_mm=300 * number, top_mm=300 * number + 280, presence=True)
            for number, size in enumerate(sizes, start=1)
        ]
        self.tells(facts.Configured(compartments=tuple(doors)))

    def tells(self, *bodies: facts.Body) -> None:
        """The centre hears these, now."""
        from onthaal.central.lockers.devices import hearing, telling

        told = []
        for body in bodies:
            self.number += 1
            fact = facts.sealed(
                number=self.number, at=self.town.clock.now(), boot="boot-1", body=body, previous=self.head
            )
            self.head = bytes.fromhex(fact.hash)
            told.append(fact)
        post = {"log": self.log, "boot": "boot-1", "facts": told}
        hearing._hear(self.device, telling.read(chain.canonical(post)))

    def states(self, **told: Any) -> None:
        """The wall says how it is: all doors shut and empty and in use, unless the test says otherwise. Then the worker
        looks which deadlines run."""
        from onthaal.central.lockers.devices import actions, jobs
        from onthaal.core.protocol import State

        doors = dict.fromkeys(range(1, 10), "closed") | told.pop("doors", {})
        contents = dict.fromkeys(range(1, 10), "empty") | told.pop("contents", {})
        state = State(
            log=self.log, boot="boot-1", at=self.town.clock.now(), software="1", epoch=1,
            version=self.town.wish_version(), last_fact=self.number, doors=doors, contents=contents, **told,
        )  # fmt: skip
        actions.keep_state(self.device, state)
        jobs.stop_clocks(self.town.clock.now())

    def applied(self) -> None:
        """The wall takes over the newest wishes, and says so."""
        from onthaal.central.lockers.access import actions as access

        kiosk = self.town.seeded.kiosk
        access.wall_knows(kiosk_id=kiosk.pk, version=self.town.wish_version())

    def _session(self) -> dict[str, Any]:
        self.sessions += 1
        return {"session": f"s{self.sessions}"}

    def loads(self, handover: Handover, door: int) -> None:
        staff = str(self.town.clerk.pseudonym)
        self.tells(
            facts.Loaded(
                handover=handover.pk, compartment=door, staff=staff, grade="B", item=handover.item_id, **self._session()
            )
        )

    def undoes(self, handover: Handover, door: int) -> None:
        staff = str(self.town.clerk.pseudonym)
        self.tells(facts.LoadUndone(handover=handover.pk, compartment=door, staff=staff, **self._session()))

    def gives(self, handover: Handover, door: int) -> None:
        """The addressee collects."""
        self.tells(facts.Collected(handover=handover.pk, compartment=door, grade="B", **self._session()))

    def takes_back(self, handover: Handover, door: int) -> None:
        """The borrower brings it."""
        self.tells(
            facts.Returned(handover=handover.pk, compartment=door, item=handover.item_id, grade="A", **self._session())
        )

    def is_emptied(self, handover: Handover, door: int) -> None:
        """Staff takes it out."""
        staff = str(self.town.clerk.pseudonym)
        self.tells(facts.TakenOut(handover=handover.pk, compartment=door, staff=staff, grade="B", **self._session()))

    def disputes(self, handover: Handover, door: int) -> None:
        self.tells(facts.Disputed(handover=handover.pk, compartment=door, why="crash-closed-absent"))
