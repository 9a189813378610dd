"""The wall as the page and other programs see it: one JSON object, whole."""

from onthaal.emulator.faults import BUS_FAULTS, COMPARTMENT_FAULTS, LINE_FAULTS, READER_FAULTS
from onthaal.emulator.running import EmulatedWall
from onthaal.emulator.things import Thing
from onthaal.emulator.wall import TAG_LINE


def seen(emulated: EmulatedWall, *, power: bool) -> dict[str, object]:
    """Everything a bystander sees, and what is broken. `power`: whether it can be cut here."""
    cabinet = emulated.cabinet
    return {
        "name": emulated.wall.name,
        "compartments": [_compartment(emulated, door.number) for door in emulated.wall.compartment],
        "hands": [_thing(thing) for thing in cabinet.things("hands")],
        "outside": [_thing(thing) for thing in cabinet.things("outside")],
        "reader": _reader(emulated),
        "codes": [{"name": code.name, "text": code.text} for code in emulated.wall.code],
        "lines": [_line(emulated, name) for name in emulated.links],
        "faults": [
            {"kind": fault.kind, "compartment": fault.compartment, "bus": fault.line}
            for fault in sorted(cabinet.truth.faults, key=str)
        ],
        "compartment_faults": sorted(COMPARTMENT_FAULTS),
        "power": power,
    }


def _compartment(emulated: EmulatedWall, number: int) -> dict[str, object]:
    cabinet, config = emulated.cabinet, emulated.cabinet.config(number)
    now = cabinet.compartment(number)
    return {
        "number": number,
        "door": now.door,
        "bolt": now.bolt,
        "pulses": now.pulses,
        "things": [_thing(thing) for thing in cabinet.things(number)],
        "faults": sorted(fault.kind for fault in cabinet.truth.faults if fault.compartment == number),
        "size": config.size,
        "bottom_mm": config.bottom_mm,
        "top_mm": config.top_mm,
        "column": config.column,
        "bus": config.bus,
    }


def _thing(thing: Thing) -> dict[str, object]:
    return {"id": thing.id, "text": thing.text, "tag": thing.tag}


def _reader(emulated: EmulatedWall) -> dict[str, object]:
    tag = emulated.cabinet.truth.field
    owner = next((thing for thing in emulated.cabinet.things("hands") if tag and thing.tag == tag), None)
    return {"tag": tag, "thing": None if owner is None else owner.id}


def _line(emulated: EmulatedWall, name: str) -> dict[str, object]:
    kinds = set(LINE_FAULTS)
    if name in {bus.name for bus in emulated.wall.bus}:
        kinds |= BUS_FAULTS
    if name == TAG_LINE:
        kinds |= READER_FAULTS
    return {"name": name, "link": str(emulated.links[name]), "kinds": sorted(kinds)}
