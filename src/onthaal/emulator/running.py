"""A wall that runs in this event loop. For the command, and for every test that needs a wall:

    async with emulated_wall(wall, tmp_path) as emulated:
        driver = open_the_line(emulated.links["main"])      # a pty, under a lasting name
        ...                                                  # the driver unlocks compartment 3
        await emulated.until(lambda: emulated.is_open(3))
        thing = emulated.hand.take(3)
        emulated.hand.shut(3)
        emulated.fault("silent", line="main")                # see onthaal.emulator.faults
        emulated.hold_code("GZ1:...")                        # text + CR at the code reader
        emulated.hold_tag("E2801160...")                     # stays in the field until None
        assert emulated.pulses(3) == 1

`nine_doors(folder)` gives a ready-made wall: one CU16 with infrared eyes, both readers.
`data=None` keeps nothing on disk.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from onthaal.emulator.boards.board_8a import Board8a
from onthaal.emulator.boards.kerong_cu16 import KerongCu16
from onthaal.emulator.boards.kerong_cu48 import KerongCu48
from onthaal.emulator.boards.wired import Boards, Dialect
from onthaal.emulator.cabinet import Cabinet
from onthaal.emulator.hands import Hands
from onthaal.emulator.line import Line
from onthaal.emulator.nine import nine_doors
from onthaal.emulator.tag_reader import UhfM100
from onthaal.emulator.things import Impossible
from onthaal.emulator.wall import CODE_LINE, TAG_LINE, BusConfig, WallConfig, checked

__all__ = ["EmulatedWall", "emulated_wall", "nine_doors"]

_LONGEST_CODE = 512


class EmulatedWall:
    """The cabinet, a person's hands, and the lines that are plugged in."""

    def __init__(self, wall: WallConfig, data: Path | None) -> None:
        """Build the wall; nothing is served before `plug_in`."""
        self.wall = checked(wall)
        self.cabinet = Cabinet(wall, data)
        self.hand: Hands = self.cabinet.hand
        self._lines: dict[str, Line] = {}
        for bus in wall.bus:
            self._add_bus(bus)
        if wall.code_reader is not None:
            reader = wall.code_reader
            self._lines[CODE_LINE] = Line(CODE_LINE, reader.link, self.cabinet, baudrate=reader.baudrate)
        self._uhf: UhfM100 | None = None
        if wall.tag_reader is not None:
            line = Line(TAG_LINE, wall.tag_reader.link, self.cabinet, baudrate=wall.tag_reader.baudrate)
            self._uhf = UhfM100(field=self.cabinet.tag_in_field, say=line.say)
            line.heard = self._uhf.hear
            self._lines[TAG_LINE] = line

    @property
    def links(self) -> dict[str, Path]:
        """Where each line is found: bus names, `codes`, `tags`."""
        return {name: line.link for name, line in self._lines.items()}

    def plug_in(self) -> None:
        """Open every line. Raises LineInTheWay."""
        for line in self._lines.values():
            line.plug_in()

    def pull_out(self) -> None:
        """Close every line and take its name away."""
        if self._uhf is not None:
            self._uhf.rest()
        for line in self._lines.values():
            line.pull_out()

    def fault(self, kind: str, *, compartment: int | None = None, line: str | None = None, on: bool = True) -> None:
        """Switch a fault on or off; see `onthaal.emulator.faults`. Raises Impossible."""
        self.cabinet.fault(kind, compartment=compartment, line=line, on=on)

    def clear_faults(self) -> None:
        """Mend everything."""
        self.cabinet.clear_faults()

    def hold_code(self, text: str) -> None:
        """Hold a QR before the code reader: its text and CR go over the line once."""
        if CODE_LINE not in self._lines:
            raise Impossible("no_code_reader")
        if not text or len(text.encode()) > _LONGEST_CODE or not text.isprintable():
            raise Impossible("not_a_code", most=_LONGEST_CODE)
        self._lines[CODE_LINE].say(text.encode() + b"\r")

    def hold_tag(self, tag: str | None) -> None:
        """Hold a tag (hexadecimal) before the tag reader, until None is given."""
        self.hand.hold_tag(tag)

    def is_open(self, compartment: int) -> bool:
        """Whether that door stands open, whatever its sensor says."""
        return self.cabinet.compartment(compartment).door == "open"

    def pulses(self, compartment: int) -> int:
        """How many pulses that solenoid was sent, ever."""
        return self.cabinet.compartment(compartment).pulses

    async def until(self, holds: Callable[[], bool], *, seconds: float = 30.0) -> None:
        """Return as soon as `holds()` is true; looks after every change. Raises TimeoutError."""
        changed = asyncio.Event()
        forget = self.cabinet.watch(changed.set)
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await changed.wait()
                    changed.clear()
        finally:
            forget()

    def _add_bus(self, bus: BusConfig) -> None:
        line = Line(bus.name, bus.link, self.cabinet, baudrate=bus.baudrate)
        boards = Boards(self.cabinet, bus, supply_sank=line.go_away)
        dialect = _dialect(bus, boards)

        def heard(data: bytes) -> None:
            for answer in dialect.hear(data):
                line.say(answer)

        line.heard = heard
        self._lines[bus.name] = line


@asynccontextmanager
async def emulated_wall(wall: WallConfig, data: Path | None = None) -> AsyncIterator[EmulatedWall]:
    """Serve the wall's lines in the running loop. Raises WallUnusable, LineInTheWay."""
    emulated = EmulatedWall(wall, data)
    try:
        emulated.plug_in()
        yield emulated
    finally:
        emulated.pull_out()


def _dialect(bus: BusConfig, boards: Boards) -> Dialect:
    match bus.dialect:
        case "kerong-cu48":
            return KerongCu48(boards)
        case "kerong-cu16":
            return KerongCu16(boards)
        case "board-8a":
            return Board8a(boards, bus)
