"""What can be plugged into a wall. A new driver is one folder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from onthaal.kiosk.config import BusTable, CodeReaderTable, TagReaderTable
from onthaal.kiosk.drivers.board_8a.codec import Board8A
from onthaal.kiosk.drivers.frames import Dialect
from onthaal.kiosk.drivers.kerong_cu16.codec import KerongCu16
from onthaal.kiosk.drivers.kerong_cu48.codec import KerongCu48
from onthaal.kiosk.drivers.serial_code.reader import SerialCodeReader
from onthaal.kiosk.drivers.uhf_m100.reader import UhfM100Reader
from onthaal.kiosk.ports import CodeReader, Observation, TagReader

Tell = Callable[[Observation], None]

LOCK_BOARDS: Mapping[str, Callable[[BusTable], Dialect]] = {
    "kerong-cu16": lambda _: KerongCu16(),
    "kerong-cu48": lambda _: KerongCu48(),
    "board-8a": lambda bus: Board8A(bus.status_order),
}
CODE_READERS: Mapping[str, Callable[[CodeReaderTable, Tell], CodeReader]] = {"serial": SerialCodeReader}
TAG_READERS: Mapping[str, Callable[[TagReaderTable, Tell], TagReader]] = {"uhf-m100": UhfM100Reader}
