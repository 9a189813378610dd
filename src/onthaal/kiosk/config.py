"""The kiosk's file: which lines, boards, doors and readers this wall has. Unknown keys stop the start."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec

from onthaal.core.facts import Fitted
from onthaal.core.refusals import Fault

Dialect = Literal["kerong-cu16", "kerong-cu48", "board-8a"]
StatusOrder = Literal["low-first", "high-first"]
Size = Literal["S", "M", "L", "XL"]
Language = Literal["nl", "fr", "en"]
Bit = Literal[0, 1]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Baudrate = Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)]
Millimetres = Annotated[int, msgspec.Meta(ge=0, le=3000)]


class ConfigFault(Fault):
    """The file cannot be used: which table, which key, what to do. Trying again does not help."""

    passing = False
    advice = "fault.config"

    def __init__(self, table: str, key: str | None, what: str) -> None:
        place = f"{table}, key `{key}`" if key else table
        super().__init__(f"{place}: {what}")
        self.table, self.key, self.what = table, key, what


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class KioskTable(_Table, frozen=True, kw_only=True):
    centre: Text
    store: Text
    key: Text
    screen: Text
    languages: Annotated[tuple[Language, ...], msgspec.Meta(min_length=1)]
    help_phone: Text

    def screen_address(self) -> tuple[str, int]:
        """Host and port the screen is served on."""
        host, _, port = self.screen.rpartition(":")
        return host.strip("[]"), int(port)


class BusTable(_Table, frozen=True, kw_only=True):
    name: Text
    dialect: Dialect
    url: Text
    baudrate: Baudrate
    status_order: StatusOrder = "low-first"
    """Which status byte of a board-8a holds channels 1-8; other dialects have one order and do not look at it."""


class CompartmentTable(_Table, frozen=True, kw_only=True):
    number: Positive
    bus: Text
    board: Annotated[int, msgspec.Meta(ge=0)]
    channel: Positive
    closed_bit: Bit
    presence_bit: Bit | None = None
    """None: no sensor."""
    size: Size
    bottom_mm: Millimetres
    top_mm: Millimetres


class CodeReaderTable(_Table, frozen=True, kw_only=True):
    kind: Literal["serial"]
    url: Text
    baudrate: Baudrate


class TagReaderTable(_Table, frozen=True, kw_only=True):
    kind: Literal["uhf-m100"]
    url: Text
    baudrate: Baudrate


class BrowserTable(_Table, frozen=True, kw_only=True):
    command: Text
    """A Chromium, or one that takes its arguments."""
    args: tuple[Text, ...] = ()
    hosts: tuple[Text, ...] = ()
    """What a sign-in may show besides the centre: host names, `*.` before one for those under it."""


class KioskConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file, checked. Paths in it are as written; relative ones were taken from the file's folder."""

    kiosk: KioskTable
    buses: tuple[BusTable, ...]
    compartments: tuple[CompartmentTable, ...]
    code_reader: CodeReaderTable | None = None
    tag_reader: TagReaderTable | None = None
    browser: BrowserTable | None = None

    def compartment(self, number: int) -> CompartmentTable | None:
        return next((one for one in self.compartments if one.number == number), None)

    def fitted(self) -> tuple[Fitted, ...]:
        """The compartments as the fact *Configured* tells them, by number."""
        return tuple(
            Fitted(
                number=one.number,
                size=one.size,
                bottom_mm=one.bottom_mm,
                top_mm=one.top_mm,
                presence=one.presence_bit is not None,
            )
            for one in sorted(self.compartments, key=lambda one: one.number)
        )


class Reach(msgspec.Struct, frozen=True):
    """What a dialect can address. Everything outside is another machine's, or every door at once."""

    boards: range
    channels: range
    presence: bool


REACH: Mapping[Dialect, Reach] = {
    "kerong-cu16": Reach(range(15), range(1, 17), presence=True),
    "kerong-cu48": Reach(range(10), range(1, 49), presence=False),
    "board-8a": Reach(range(1, 33), range(1, 51), presence=False),
}

_TABLES = ("kiosk", "bus", "compartment", "code_reader", "tag_reader", "browser")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*|\*(\.[a-z0-9-]+){2,}")
"""A host, or all those under a name of two parts or more: `*.be` would be a whole country."""
_T = TypeVar("_T", bound=_Table)


def load(path: Path) -> KioskConfig:
    """Read and check the file at `path`; ConfigFault names the table and key that cannot be used."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigFault(str(path), None, f"cannot be read ({problem.strerror}); give the path of a file") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigFault(str(path), None, f"is not TOML ({problem}); correct that line") from problem
    return from_tables(tables, folder=path.resolve().parent)


def from_tables(tables: Mapping[str, Any], *, folder: Path) -> KioskConfig:
    """Check what a TOML file held; relative paths are taken from `folder`."""
    for name in tables:
        if name not in _TABLES:
            raise ConfigFault(f"[{name}]", None, f"is not known; tables are {', '.join(_TABLES)}")
    config = KioskConfig(
        kiosk=_kiosk(tables, folder),
        buses=tuple(_on_line(bus, f'[[bus]] "{bus.name}"', folder) for bus in _several(tables, "bus", BusTable)),
        compartments=tuple(_several(tables, "compartment", CompartmentTable)),
        code_reader=_reader(tables, "code_reader", CodeReaderTable, folder),
        tag_reader=_reader(tables, "tag_reader", TagReaderTable, folder),
        browser=_browser(tables["browser"]) if "browser" in tables else None,
    )
    _check_buses(config)
    _check_compartments(config)
    return config


def _kiosk(tables: Mapping[str, Any], folder: Path) -> KioskTable:
    kiosk = _one(tables.get("kiosk"), "[kiosk]", KioskTable)
    if not re.fullmatch(r"https?://[^\s/]+\S*", kiosk.centre):
        raise ConfigFault("[kiosk]", "centre", "is no web address; write https:// and the centre's host name")
    host, _, port = kiosk.screen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:  # noqa: PLR2004 (the highest port there is)
        raise ConfigFault("[kiosk]", "screen", "is no address; write host:port, as 127.0.0.1:8100")
    if len(set(kiosk.languages)) != len(kiosk.languages):
        raise ConfigFault("[kiosk]", "languages", "names a language twice; name each once, the first one first")
    return msgspec.structs.replace(kiosk, store=str(folder / kiosk.store), key=str(folder / kiosk.key))


def _several(tables: Mapping[str, Any], name: str, kind: type[_T]) -> list[_T]:
    held = tables.get(name)
    if not isinstance(held, list) or not held:
        raise ConfigFault(f"[[{name}]]", None, f"is missing; write at least one [[{name}]] table")
    return [_one(one, _named(name, place, one), kind) for place, one in enumerate(held, start=1)]


def _named(name: str, place: int, held: object) -> str:
    own = held.get("number", held.get("name")) if isinstance(held, dict) else None
    return f"[[{name}]] {own}" if isinstance(own, int) else f'[[{name}]] "{own}"' if own else f"[[{name}]] no. {place}"


def _reader(tables: Mapping[str, Any], name: str, kind: type[_T], folder: Path) -> _T | None:
    return _on_line(_one(tables[name], f"[{name}]", kind), f"[{name}]", folder) if name in tables else None


def _browser(held: object) -> BrowserTable:
    browser = _one(held, "[browser]", BrowserTable)
    if not browser.hosts:
        what = 'names no host, so that no sign-in can be shown; write those of the provider, as ["*.itsme.be"]'
        raise ConfigFault("[browser]", "hosts", what)
    for host in browser.hosts:
        if not _HOST.fullmatch(host):
            raise ConfigFault("[browser]", "hosts", f'"{host}" is no host name; write www.itsme.be, or *.itsme.be')
    return browser


def _one(held: object, table: str, kind: type[_T]) -> _T:
    if not isinstance(held, dict):
        raise ConfigFault(table, None, "is missing or no table; write it as in the installer's page")
    known = kind.__struct_fields__
    for key in held:
        if key not in known:
            raise ConfigFault(table, key, f"is not known; take it out (known are {', '.join(known)})")
    for field in _fields(kind):
        if field.required and field.name not in held:
            raise ConfigFault(table, field.name, "is missing; add it")
    try:
        return msgspec.convert(held, kind)
    except msgspec.ValidationError as problem:
        what, _, where = str(problem).partition(" - at ")
        key = re.match(r"`\$\.(\w+)", where)
        raise ConfigFault(table, key[1] if key else None, f"cannot be used: {what}{_choices(kind, key)}") from problem


@cache
def _fields(kind: type[Any]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _choices(kind: type[_Table], key: re.Match[str] | None) -> str:
    hint = next((field.type for field in _fields(kind) if key and field.name == key[1]), None)
    words = [str(word) for word in get_args(hint) if isinstance(word, str | int)]
    return f"; choose one of {', '.join(words)}" if words else "; correct the value"


def _on_line(table: _T, name: str, folder: Path) -> _T:
    url: str = table.url  # type: ignore[attr-defined]  # every table with a line has one
    if "://" in url:
        if not re.fullmatch(r"socket://[^\s:/]+:\d{1,5}", url):
            raise ConfigFault(name, "url", "is no line; write a device as /dev/ttyUSB0, or socket://host:port")
        return table
    return msgspec.structs.replace(table, url=str(folder / url))


def _check_buses(config: KioskConfig) -> None:
    _each_once((bus.name for bus in config.buses), lambda name: (f'[[bus]] "{name}"', "name"))
    lines = [(f'[[bus]] "{bus.name}"', bus.url) for bus in config.buses]
    lines += [("[code_reader]", config.code_reader.url)] if config.code_reader else []
    lines += [("[tag_reader]", config.tag_reader.url)] if config.tag_reader else []
    table_of = {url: table for table, url in lines}
    _each_once((url for _, url in lines), lambda url: (table_of[url], "url"))


def _check_compartments(config: KioskConfig) -> None:
    _each_once((one.number for one in config.compartments), lambda number: (f"[[compartment]] {number}", "number"))
    dialects = {bus.name: bus.dialect for bus in config.buses}
    taken: dict[tuple[str, int, int], int] = {}
    for one in config.compartments:
        table = f"[[compartment]] {one.number}"
        if one.bus not in dialects:
            raise ConfigFault(table, "bus", f"names no [[bus]]; there is {', '.join(dialects)}")
        _check_reach(one, dialects[one.bus], table)
        if one.bottom_mm >= one.top_mm:
            raise ConfigFault(table, "top_mm", "is not above bottom_mm; measure both from the floor")
        before = taken.setdefault((one.bus, one.board, one.channel), one.number)
        if before != one.number:
            raise ConfigFault(table, "channel", f"is compartment {before}'s already; give each door its own channel")


def _check_reach(one: CompartmentTable, dialect: Dialect, table: str) -> None:
    reach = REACH[dialect]
    for key, value, allowed in (("board", one.board, reach.boards), ("channel", one.channel, reach.channels)):
        if value not in allowed:
            raise ConfigFault(table, key, f"is not on a {dialect}; choose {allowed[0]} to {allowed[-1]}")
    if one.presence_bit is not None and not reach.presence:
        raise ConfigFault(table, "presence_bit", f"has no sensor on a {dialect}; take it out")


_Seen = TypeVar("_Seen", bound=Hashable)


def _each_once(values: Iterable[_Seen], place: Callable[[_Seen], tuple[str, str]]) -> None:
    seen: set[_Seen] = set()
    for value in values:
        if value in seen:
            table, key = place(value)
            raise ConfigFault(table, key, "stands there twice; give each its own")
        seen.add(value)
