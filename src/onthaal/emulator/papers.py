"""The files of an emulated wall: its own, and the kiosk's that fits it."""

from pathlib import Path

import msgspec

from onthaal.emulator.wall import WallConfig

CENTRE = "http://127.0.0.1:8000"
SCREEN = "127.0.0.1:8100"


def kiosk_file(wall: WallConfig, folder: Path, *, centre: str = CENTRE, screen: str = SCREEN) -> str:
    """The text of a `kiosk.toml` for this wall, with the kiosk's own files in `folder`."""
    tables = [
        _table(
            "[kiosk]",
            centre=centre,
            store=folder / "kiosk.db",
            key=folder / "kiosk.key",
            screen=screen,
            languages=["nl", "fr", "en"],
            help_phone="+32 9 000 00 00",
        )
    ]
    for bus in wall.bus:
        order = {"status_order": bus.status_order} if bus.dialect == "board-8a" else {}
        tables.append(
            _table("[[bus]]", name=bus.name, dialect=bus.dialect, url=bus.link, baudrate=bus.baudrate, **order)
        )
    for door in wall.compartment:
        presence = {} if door.presence_bit is None else {"presence_bit": door.presence_bit}
        tables.append(
            _table(
                "[[compartment]]",
                number=door.number,
                bus=door.bus,
                board=door.board,
                channel=door.channel,
                closed_bit=door.closed_bit,
                **presence,
                size=door.size,
                bottom_mm=door.bottom_mm,
                top_mm=door.top_mm,
            )
        )
    readers = (("code_reader", "serial", wall.code_reader), ("tag_reader", "uhf-m100", wall.tag_reader))
    for name, kind, reader in readers:
        if reader is not None:
            tables.append(_table(f"[{name}]", kind=kind, url=reader.link, baudrate=reader.baudrate))
    return "\n".join(tables)


def wall_file(wall: WallConfig) -> str:
    """The text of the `wall.toml` that reads as this wall."""
    tables = [f"name = {_value(wall.name)}\nwire_time = {_value(wall.wire_time)}\n"]
    lists = {"bus": wall.bus, "compartment": wall.compartment, "thing": wall.thing, "code": wall.code}
    for name, rows in lists.items():
        tables += [_table(f"[[{name}]]", **_given(row)) for row in rows]
    for name, reader in (("code_reader", wall.code_reader), ("tag_reader", wall.tag_reader)):
        if reader is not None:
            tables.append(_table(f"[{name}]", **_given(reader)))
    return "\n".join(tables)


def _given(row: msgspec.Struct) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(row).items() if value is not None}


def _table(head: str, **values: object) -> str:
    return "\n".join([head, *(f"{key} = {_value(value)}" for key, value in values.items()), ""])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
