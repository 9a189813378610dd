"""The wall to emulate: which compartment hangs on which wire, read from `wall.toml`."""

from pathlib import Path
from typing import Literal

import msgspec

Size = Literal["S", "M", "L", "XL"]
CODE_LINE = "codes"
TAG_LINE = "tags"

_CHANNELS = {"kerong-cu48": 48, "kerong-cu16": 16, "board-8a": 24}
_LARGE_8A = 50
# The highest address each board's own frame can carry without being a broadcast.
_LAST_BOARD = {"kerong-cu48": 0x09, "kerong-cu16": 0x0E, "board-8a": 0xFF}


class WallUnusable(Exception):
    """The wall file cannot be used; the text names the place and says what is wrong."""


class BusConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One serial line with lock boards on it. `link` is the path where the line appears."""

    name: str
    dialect: Literal["kerong-cu48", "kerong-cu16", "board-8a"]
    link: Path
    baudrate: int = 19200
    status_order: Literal["low-first", "high-first"] = "low-first"
    channels: int | None = None

    @property
    def width(self) -> int:
        """Number of channels of each board on this line."""
        return self.channels or _CHANNELS[self.dialect]


class CompartmentConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One door: its wiring (raw values) and its place in the wall (mm above the floor)."""

    number: int
    bus: str
    board: int
    channel: int
    closed_bit: Literal[0, 1] = 1
    presence_bit: Literal[0, 1] | None = None
    size: Size = "M"
    bottom_mm: int = 700
    top_mm: int = 1000
    column: int = 1


class ReaderConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reader's own serial line."""

    link: Path
    baudrate: int = 9600


class ThingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A thing that lies outside the wall on the first start; `tag` is hexadecimal."""

    id: str
    text: str
    tag: str | None = None


class CodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A QR text that the page offers to hold before the reader, such as a badge."""

    name: str
    text: str


class WallConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole wall. With `wire_time` every frame takes as long as its baud rate says."""

    bus: tuple[BusConfig, ...]
    compartment: tuple[CompartmentConfig, ...]
    code_reader: ReaderConfig | None = None
    tag_reader: ReaderConfig | None = None
    thing: tuple[ThingConfig, ...] = ()
    code: tuple[CodeConfig, ...] = ()
    name: str = "Onthaal"
    wire_time: bool = False


def read_wall(path: Path) -> WallConfig:
    """Read and check a wall file. Raises WallUnusable naming the table and key."""
    try:
        wall = msgspec.toml.decode(path.read_bytes(), type=WallConfig, dec_hook=_path)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise WallUnusable(message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{path}: {error}"
        raise WallUnusable(message) from error
    return checked(wall)


def _path(kind: type, value: object) -> Path:
    """The one kind of value that TOML does not know by itself."""
    if kind is not Path or not isinstance(value, str):
        raise NotImplementedError(kind)
    return Path(value)


def checked(wall: WallConfig) -> WallConfig:
    """Return the same wall when it hangs together. Raises WallUnusable otherwise."""
    names = [bus.name for bus in wall.bus]
    _once("bus name", [*names, CODE_LINE, TAG_LINE])
    _once("compartment number", [door.number for door in wall.compartment])
    _once("place on a board", [(d.bus, d.board, d.channel) for d in wall.compartment])
    _once("thing id", [thing.id for thing in wall.thing])
    _once("link", [str(link) for link in links(wall).values()])
    buses = {bus.name: bus for bus in wall.bus}
    for bus in wall.bus:
        _check_bus(bus)
    for door in wall.compartment:
        if door.bus not in buses:
            _refuse(f"compartment {door.number}: there is no bus {door.bus!r}")
        _check_door(door, buses[door.bus])
    for thing in wall.thing:
        if thing.tag is not None:
            tag_bytes(thing.tag)
    return wall


def links(wall: WallConfig) -> dict[str, Path]:
    """Where each line appears: bus names, and `codes` and `tags` for the readers."""
    found = {bus.name: bus.link for bus in wall.bus}
    if wall.code_reader is not None:
        found[CODE_LINE] = wall.code_reader.link
    if wall.tag_reader is not None:
        found[TAG_LINE] = wall.tag_reader.link
    return found


def tag_bytes(tag: str) -> bytes:
    """The EPC of a tag written in hexadecimal: whole 16-bit words, 2 to 62 bytes."""
    try:
        epc = bytes.fromhex(tag)
    except ValueError as error:
        message = f"tag {tag!r} is not hexadecimal"
        raise WallUnusable(message) from error
    if not 2 <= len(epc) <= 62 or len(epc) % 2:
        _refuse(f"tag {tag!r} must be 1 to 31 words of 16 bits")
    return epc


def _check_bus(bus: BusConfig) -> None:
    allowed = (*range(1, 25), _LARGE_8A) if bus.dialect == "board-8a" else (_CHANNELS[bus.dialect],)
    if bus.width not in allowed:
        _refuse(f"bus {bus.name!r}: a {bus.dialect} has no {bus.width} channels")
    if bus.baudrate <= 0:
        _refuse(f"bus {bus.name!r}: baudrate must be above zero")


def _check_door(door: CompartmentConfig, bus: BusConfig) -> None:
    if not 1 <= door.channel <= bus.width:
        _refuse(f"compartment {door.number}: channel must be 1 to {bus.width}")
    if not 0 <= door.board <= _LAST_BOARD[bus.dialect]:
        _refuse(f"compartment {door.number}: board must be 0 to {_LAST_BOARD[bus.dialect]}")
    if door.top_mm <= door.bottom_mm:
        _refuse(f"compartment {door.number}: top_mm must be above bottom_mm")
    if door.presence_bit is not None and bus.dialect != "kerong-cu16":
        _refuse(f"compartment {door.number}: a {bus.dialect} has no presence bits")


def _once(what: str, values: list[object] | list[str] | list[int] | list[tuple[str, int, int]]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            _refuse(f"the {what} {value!r} stands there twice")
        seen.add(value)


def _refuse(message: str) -> None:
    raise WallUnusable(message)
