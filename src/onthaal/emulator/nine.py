"""The wall that comes along: nine doors on one CU16, infrared eyes, both readers."""

from pathlib import Path

from onthaal.emulator.wall import BusConfig, CodeConfig, CompartmentConfig, ReaderConfig, Size, ThingConfig, WallConfig

# Column, size, bottom and top in mm above the floor. Doors 3 and 4 are within reach of a person
# who sits; door 9 takes flags and poles.
_PLACES: tuple[tuple[int, Size, int, int], ...] = (
    (1, "S", 1540, 1780),
    (1, "M", 1220, 1520),
    (1, "M", 900, 1200),
    (1, "M", 580, 880),
    (1, "L", 120, 560),
    (2, "S", 1540, 1780),
    (2, "L", 900, 1520),
    (2, "XL", 120, 880),
    (3, "XL", 120, 1780),
)


def nine_doors(folder: Path, *, things: tuple[ThingConfig, ...] = (), codes: tuple[CodeConfig, ...] = ()) -> WallConfig:
    """Nine doors whose lines appear in `folder` as `main`, `codes` and `tags`."""
    doors = tuple(
        CompartmentConfig(
            number=number,
            bus="main",
            board=0,
            channel=number,
            presence_bit=1,
            size=size,
            bottom_mm=bottom,
            top_mm=top,
            column=column,
        )
        for number, (column, size, bottom, top) in enumerate(_PLACES, start=1)
    )
    return WallConfig(
        bus=(BusConfig(name="main", dialect="kerong-cu16", link=folder / "main"),),
        compartment=doors,
        code_reader=ReaderConfig(link=folder / "codes"),
        tag_reader=ReaderConfig(link=folder / "tags", baudrate=115200),
        thing=things,
        code=codes,
    )
