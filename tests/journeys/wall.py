"""The hands at the emulated wall, and what goes wrong with it."""

from __future__ import annotations

from typing import Any

from tests.journeys.asking import ask


class Wall:
    """The hands at the emulated wall."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.read: dict[str, float] = {}
        """When each code was last known to have been read, by this machine's monotonic clock."""

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = ask(f"{self.url}/state")
        return state

    def hold_code(self, text: str) -> None:
        ask(f"{self.url}/reader/code", {"text": text})

    def hold_tag(self, tag: str) -> None:
        ask(f"{self.url}/reader/tag", {"tag": tag})

    def take_tag_away(self) -> None:
        ask(f"{self.url}/reader/tag/clear", {})

    def thing_with(self, tag: str) -> str:
        """The id of the thing with this tag, which is not in the wall."""
        state = self.state()
        return str(next(thing["id"] for thing in state["outside"] + state["hands"] if thing.get("tag") == tag))

    def pulses(self, compartment: int) -> int:
        """How often its lock was sent a pulse since the wall was built."""
        doors = self.state()["compartments"]
        return next(int(door["pulses"]) for door in doors if door["number"] == compartment)

    def inside(self, compartment: int) -> list[str]:
        """The ids of what lies in a compartment."""
        doors = self.state()["compartments"]
        return [str(thing["id"]) for door in doors if door["number"] == compartment for thing in door["things"]]

    def drop_all(self) -> None:
        for thing in self.state()["hands"]:
            ask(f"{self.url}/hand/drop", {"thing": thing["id"]})

    def make(self, text: str, tag: str | None = None) -> str:
        """A new thing in the hands; its id."""
        made = ask(f"{self.url}/hand/make", {"text": text, "tag": tag})
        return str(made["thing"]["id"] if isinstance(made.get("thing"), dict) else made["thing"])

    def put(self, compartment: int, thing: str) -> None:
        ask(f"{self.url}/hand/put", {"compartment": compartment, "thing": thing})

    def take(self, compartment: int, thing: str | None = None) -> None:
        ask(f"{self.url}/hand/take", {"compartment": compartment, "thing": thing})

    def shut(self, compartment: int) -> None:
        ask(f"{self.url}/hand/shut", {"compartment": compartment})

    def fault(self, kind: str, *, compartment: int | None = None, bus: str | None = None, on: bool = True) -> None:
        ask(f"{self.url}/fault", {"kind": kind, "compartment": compartment, "bus": bus, "on": on})

    def mend(self) -> None:
        ask(f"{self.url}/fault/clear", {})

    def cut_the_power(self) -> None:
        ask(f"{self.url}/power", {"cut": True})

    def doors_open(self) -> list[int]:
        doors = self.state()["compartments"]
        return [int(door["number"]) for door in doors if door["door"] == "open"]
