"""A thing that can lie in the wall, and the word for what cannot be done with one."""

from typing import Literal

import msgspec

Place = int | Literal["hands", "outside"]


class Impossible(Exception):
    """It cannot be done in this world, like pulling a bolted door. `why` is a word key's last part."""

    def __init__(self, why: str, **facts: str | int) -> None:
        """Say which rule of the world stands in the way, with the facts its sentence needs."""
        super().__init__(why)
        self.why = why
        self.facts = facts


class Thing(msgspec.Struct):
    """One thing: its RFID tag if it has one (hexadecimal), what is written on it, where it is."""

    id: str
    text: str
    tag: str | None = None
    place: Place = "outside"
