"""A model of a wall's physical truth, and of one person's visit to one of its doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from onthaal.core import facts as f

NUMBERS = (1, 2, 3)
OUT, BACK = (1, 2, 3), (4, 5)
HANDOVERS = OUT + BACK
STAFF = "staff-cleo"


class Crash(Exception):
    """The power went."""


class Wall:
    """What is physically so."""

    def __init__(self, *, sensors: bool) -> None:
        self.sensors = sensors
        self.holds: dict[int, str | None] = dict.fromkeys(NUMBERS)
        self.open: set[int] = set()

    def present(self, number: int) -> bool | None:
        return self.holds[number] is not None if self.sensors else None

    def doors(self) -> dict[int, Any]:
        return {number: "open" if number in self.open else "closed" for number in NUMBERS}


def thing(handover: int) -> str:
    return f"thing {handover}"


@dataclass(frozen=True)
class Visit:
    """One session at one door: what for, what the hands do, and at which step the power goes."""

    purpose: f.Purpose
    number: int
    handover: int | None
    hands: str
    dies: str | None
    name: str

    @property
    def session(self) -> str:
        return f"s{self.name}"

    @property
    def acts(self) -> bool:
        return self.hands != "nothing"

    def reaches(self, step: str) -> None:
        if self.dies == step:
            raise Crash

    def outcome(self, wall: Wall) -> f.Body | None:
        """What an honest agent writes down at the end."""
        return {
            "collect": self.collected,
            "load": self.loaded,
            "return": self.returned,
            "check": self.looked,
        }.get(self.purpose, self.taken_out)(wall)

    @property
    def here(self) -> dict[str, Any]:
        return {"compartment": self.number, "session": self.session}

    def collected(self, wall: Wall) -> f.Body | None:
        if wall.present(self.number):
            return f.NotTaken(handover=self.handover or 0, **self.here)
        return f.Collected(handover=self.handover or 0, grade="D", **self.here)

    def loaded(self, wall: Wall) -> f.Body | None:
        if self.acts:
            return f.Loaded(handover=self.handover or 0, staff=STAFF, grade="D", **self.here)
        return f.LoadUndone(handover=self.handover or 0, staff=STAFF, **self.here)

    def returned(self, wall: Wall) -> f.Body | None:
        if self.acts:
            return f.Returned(handover=self.handover, grade="D", **self.here)
        if wall.present(self.number) is False:
            return f.SeenEmpty(compartment=self.number)
        return f.UnexpectedContent(compartment=self.number, handover=self.handover)

    def looked(self, wall: Wall) -> f.Body | None:
        if wall.holds[self.number] is None:
            return f.SeenEmpty(compartment=self.number, staff=STAFF)
        return f.FoundItem(**self.here)

    def taken_out(self, wall: Wall) -> f.Body | None:
        if self.acts:
            return f.TakenOut(handover=self.handover, staff=STAFF, grade="D", **self.here)
        return f.NotTaken(handover=self.handover, **self.here) if self.handover else None
