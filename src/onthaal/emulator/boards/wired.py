"""A board on its line: the channels, as the cabinet wires them."""

from collections.abc import Callable
from typing import Protocol

from onthaal.emulator.cabinet import Cabinet
from onthaal.emulator.wall import BusConfig


class Dialect(Protocol):
    """What a board makes of a stream: it acts, and gives the answers in order."""

    def hear(self, data: bytes) -> list[bytes]:
        """Take in bytes cut anywhere; act on the frames they complete; give the answers."""


class Board:
    """One board of a line. Channels are 1-based; a channel without a lock reads 0."""

    def __init__(self, line: "Boards", address: int, *, phantom: bool = False) -> None:
        """`phantom`: a second board at the same address with nothing on its channels."""
        self.address = address
        self._cabinet, self._bus = line.cabinet, line.bus
        self._supply_sank, self._phantom = line.supply_sank, phantom

    def pulse(self, channel: int) -> None:
        """Send one lock its pulse; with a failing supply nothing moves and the boards go away."""
        number = self._wired(channel)
        if number is None:
            return
        if self._cabinet.has("brown_out", line=self._bus.name):
            self._supply_sank()
            return
        if self._cabinet.has("crossed", compartment=number):
            number = self._wired(channel % self._bus.width + 1) or number
        self._cabinet.pulse(number)

    def contacts(self) -> list[int]:
        """Raw door contacts of every channel."""
        return [self.contact(channel) for channel in range(1, self._bus.width + 1)]

    def contact(self, channel: int) -> int:
        """Raw door contact of one channel."""
        number = self._wired(channel)
        return 0 if number is None else self._cabinet.contact(number)

    def presences(self) -> list[int]:
        """Raw infrared bits of every channel."""
        wired = [self._wired(channel) for channel in range(1, self._bus.width + 1)]
        return [0 if number is None else self._cabinet.presence(number) for number in wired]

    def _wired(self, channel: int) -> int | None:
        return None if self._phantom else self._cabinet.wired(self._bus.name, self.address, channel)


class Boards:
    """All boards of one line, found by the address a frame carries."""

    def __init__(self, cabinet: Cabinet, bus: BusConfig, *, supply_sank: Callable[[], None]) -> None:
        """The boards that the wall file puts on this line; `supply_sank` takes them all away."""
        self.cabinet, self.bus, self.supply_sank = cabinet, bus, supply_sank
        found = {door.board for door in cabinet.wall.compartment if door.bus == bus.name}
        self._boards = [Board(self, address) for address in sorted(found)]

    @property
    def width(self) -> int:
        """Channels of each board."""
        return self.bus.width

    def all(self) -> list[Board]:
        """Every board, in the order of the addresses."""
        return list(self._boards)

    def at(self, address: int) -> list[Board]:
        """The boards that feel addressed: one, none, or two with the same address."""
        if not self._boards:
            return []
        first = self._boards[0].address
        if not self.cabinet.has("duplicate_address", line=self.bus.name):
            return [board for board in self._boards if board.address == address]
        if address != first:
            return []
        phantom = Board(self, first, phantom=True)
        return self._boards if len(self._boards) > 1 else [*self._boards, phantom]
