"""The physical truth of the wall, apart from any wire: doors, bolts, things, hands, faults.

`Cabinet` is what a bystander would see. Boards pulse it and feel its contacts; a person moves it
through `Cabinet.hand`. Every change is on disk before the call returns (see `disk.py`), so the
truth survives a killed process, and then every watcher is called.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from onthaal.emulator import disk
from onthaal.emulator.faults import BUS_FAULTS, COMPARTMENT_FAULTS, KINDS, READER_FAULTS, Fault
from onthaal.emulator.hands import Hands
from onthaal.emulator.things import Impossible, Thing
from onthaal.emulator.wall import TAG_LINE, CompartmentConfig, WallConfig, WallUnusable, links

# A tag no wall of ours knows: a library book that somebody holds too near.
STRANGE_TAG = "E20000172211014418905449"


class Compartment(msgspec.Struct):
    """One door and what lies behind it. `pulses` counts what its solenoid was sent, ever."""

    number: int
    door: Literal["closed", "open"] = "closed"
    bolt: Literal["bolted", "released"] = "bolted"
    pulses: int = 0


class Truth(msgspec.Struct):
    """Everything that is kept on disk."""

    compartments: dict[int, Compartment] = {}
    things: dict[str, Thing] = {}
    faults: set[Fault] = set()
    field: str | None = None
    made: int = 0


class Cabinet:
    """The wall as it is. Unknown numbers, ids and faults raise Impossible; nothing else does."""

    def __init__(self, wall: WallConfig, data: Path | None) -> None:
        """Open the truth kept in `data`, or begin anew; without `data` nothing is kept.

        Raises WallUnusable when what is kept there cannot be read.
        """
        self.wall = wall
        self.hand = Hands(self)
        self._kept = None if data is None else data / "cabinet.json"
        self._watchers: list[Callable[[], None]] = []
        self._wiring = {(d.bus, d.board, d.channel): d.number for d in wall.compartment}
        self._doors = {d.number: d for d in wall.compartment}
        self._lines = frozenset(links(wall))
        self.truth = self._remembered()
        self._fit_to_wall()

    # What can be seen

    def compartment(self, number: int) -> Compartment:
        """The compartment with this number."""
        if number not in self.truth.compartments:
            raise Impossible("no_compartment", number=number)
        return self.truth.compartments[number]

    def config(self, number: int) -> CompartmentConfig:
        """How that compartment is wired and where it hangs."""
        self.compartment(number)
        return self._doors[number]

    def thing(self, thing_id: str) -> Thing:
        """The thing with this id, wherever it is."""
        if thing_id not in self.truth.things:
            raise Impossible("no_thing", thing=thing_id)
        return self.truth.things[thing_id]

    def things(self, place: str | int) -> list[Thing]:
        """What is at a place: a compartment's number, `hands` or `outside`."""
        return [thing for thing in self.truth.things.values() if thing.place == place]

    def tag_in_field(self) -> str | None:
        """The tag that the tag reader's antenna sees now, fault included."""
        if self.truth.field is None:
            return None
        return STRANGE_TAG if self.has("wrong_tag", line=TAG_LINE) else self.truth.field

    def has(self, kind: str, *, compartment: int | None = None, line: str | None = None) -> bool:
        """Whether that fault is on."""
        return Fault(kind, compartment, line) in self.truth.faults

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after every change, until the returned function is called."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    # What the boards do and feel

    def wired(self, bus: str, board: int, channel: int) -> int | None:
        """Number of the compartment on that channel; None when nothing hangs there."""
        return self._wiring.get((bus, board, channel))

    def contact(self, number: int) -> int:
        """Raw value (0 or 1) of the door contact, with its wiring and its faults."""
        closed_bit = self.config(number).closed_bit
        closed = self.compartment(number).door == "closed"
        if self.has("sensor_cut", compartment=number):
            closed = False
        if self.has("sensor_stuck_closed", compartment=number):
            closed = True
        raw = closed_bit if closed else 1 - closed_bit
        return 1 - raw if self.has("sensor_inverted", compartment=number) else raw

    def presence(self, number: int) -> int:
        """Raw value (0 or 1) of the infrared sensor; 0 where none is fitted."""
        bit = self.config(number).presence_bit
        if bit is None:
            return 0
        return bit if self.things(number) else 1 - bit

    def pulse(self, number: int) -> None:
        """Send the solenoid one pulse: the bolt lets go and the spring throws the door open."""
        compartment = self.compartment(number)
        compartment.pulses += 1
        if not self.has("stuck_closed", compartment=number):
            compartment.bolt = "released"
            if not self.has("weak_spring", compartment=number):
                compartment.door = "open"
        self.changed()

    # What goes wrong

    def fault(self, kind: str, *, compartment: int | None = None, line: str | None = None, on: bool = True) -> None:
        """Switch one fault on or off. A bus or line fault without `line` means every lock bus."""
        for fault in self._meant(kind, compartment, line):
            if on:
                self.truth.faults.add(fault)
            else:
                self.truth.faults.discard(fault)
        self.changed()

    def clear_faults(self) -> None:
        """Mend everything; doors stay as they stand."""
        self.truth.faults.clear()
        self.changed()

    def changed(self) -> None:
        """Keep the truth on disk, then tell the watchers."""
        if self._kept is not None:
            disk.keep(self._kept, msgspec.json.encode(self.truth))
        for watcher in tuple(self._watchers):
            watcher()

    def _meant(self, kind: str, compartment: int | None, line: str | None) -> Iterator[Fault]:
        if kind not in KINDS:
            raise Impossible("no_fault", kind=kind)
        if kind in COMPARTMENT_FAULTS:
            if compartment is None:
                raise Impossible("fault_needs_compartment", kind=kind)
            yield Fault(kind, self.compartment(compartment).number)
            return
        buses = [bus.name for bus in self.wall.bus]
        if kind in READER_FAULTS:
            yield Fault(kind, line=TAG_LINE)
            return
        allowed = frozenset(buses) if kind in BUS_FAULTS else self._lines
        if line is not None and line not in allowed:
            raise Impossible("no_line", line=line)
        for name in buses if line is None else [line]:
            yield Fault(kind, line=name)

    def _remembered(self) -> Truth:
        if self._kept is None or not self._kept.exists():
            return Truth(things={t.id: Thing(id=t.id, text=t.text, tag=_upper(t.tag)) for t in self.wall.thing})
        try:
            return msgspec.json.decode(self._kept.read_bytes(), type=Truth)
        except msgspec.DecodeError as error:
            message = f"{self._kept}: {error}. Move it away to begin with an empty wall."
            raise WallUnusable(message) from error

    def _fit_to_wall(self) -> None:
        """Give new doors a place; what lay behind a door that is gone lies outside."""
        known = self.truth.compartments
        self.truth.compartments = {n: known.get(n, Compartment(number=n)) for n in self._doors}
        for thing in self.truth.things.values():
            if isinstance(thing.place, int) and thing.place not in self._doors:
                thing.place = "outside"
        self.truth.faults = {
            fault
            for fault in self.truth.faults
            if (fault.compartment is None or fault.compartment in self._doors)
            and (fault.line is None or fault.line in self._lines)
        }
        self.changed()


def _upper(tag: str | None) -> str | None:
    return None if tag is None else tag.upper()
