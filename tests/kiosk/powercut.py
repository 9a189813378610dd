"""A disk that remembers: an SQLite file layer that records every write and sync, so that a test can cut the power
between any two of them and open what was left.

    with recording(tmp_path / "kiosk.db") as disk:
        store = Store.open(disk.path, clock=clock, vfs=disk.vfs)
        store.append(...)
        disk.mark(store.last_number)
    for prefix in disk.prefixes():
        prefix.pour(tmp_path / "after")      # the files as a power cut at that point leaves them
        prefix.marks                         # what was promised before it

A write that was not synced yet may be on the disk or not, and writes may reach it in any order: each point is given
as it stands (all of them), with none of them, and with several draws of some of them.
"""

from __future__ import annotations

import random
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import apsw
import msgspec

SYSTEM = "unix"
"""SQLite's own file layer, by name: this one may be made the default."""
SECTOR = 512
"""A write longer than this may reach the disk in part."""


class Write(msgspec.Struct, frozen=True):
    file: str
    offset: int
    data: bytes


class Truncate(msgspec.Struct, frozen=True):
    file: str
    size: int


class Delete(msgspec.Struct, frozen=True):
    file: str


class Sync(msgspec.Struct, frozen=True):
    file: str


class Mark(msgspec.Struct, frozen=True):
    """Something was promised to the outside at this point."""

    what: Any


Step = Write | Truncate | Delete | Sync | Mark
Kept = Literal["all", "none", "some"]


class Prefix(msgspec.Struct, frozen=True, kw_only=True):
    """The disk after a power cut."""

    store: str
    """The file name of the store."""
    at: int
    """How many steps had been done."""
    kept: Kept
    """What became of the writes that were not synced."""
    marks: tuple[Any, ...]
    files: dict[str, bytes]

    def pour(self, folder: Path) -> Path:
        """The files in a fresh folder; returns the path of the store."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder / self.store


class Disk:
    """What was done to the files of one store, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.vfs = f"recorded-{uuid.uuid4().hex}"
        self.steps: list[Step] = []

    def mark(self, what: Any) -> None:
        """Remember that `what` was promised now, say the number of a fact whose append returned."""
        self.steps.append(Mark(what))

    def surely(self, at: int) -> Prefix:
        """The disk after that many steps, without anything that was not synced."""
        done = self.steps[:at]
        files = _image(done, _unsynced(done), random.Random(at))
        marks = tuple(step.what for step in done if isinstance(step, Mark))
        return Prefix(store=self.path.name, at=at, kept="none", marks=marks, files=files)

    def prefixes(self, *, draws: int = 2, seed: int = 0) -> Iterator[Prefix]:
        """Every point of the recording, each at least once; those with unsynced writes in several ways."""
        for at in range(len(self.steps) + 1):
            done = self.steps[:at]
            marks = tuple(step.what for step in done if isinstance(step, Mark))
            unsynced = _unsynced(done)
            ways: list[tuple[Kept, set[int]]] = [("all", set())]
            if unsynced:
                ways.append(("none", unsynced))
                chance = random.Random(f"{seed}.{at}")
                ways += [("some", {one for one in unsynced if chance.random() < 0.5}) for _ in range(draws)]
            for kept, lost in ways:
                files = _image(done, lost, random.Random(f"{seed}.{at}"))
                yield Prefix(store=self.path.name, at=at, kept=kept, marks=marks, files=files)


def _unsynced(steps: list[Step]) -> set[int]:
    """The places of the writes and truncations that no sync of their file followed."""
    waiting: dict[str, set[int]] = {}
    for place, step in enumerate(steps):
        if isinstance(step, Write | Truncate):
            waiting.setdefault(step.file, set()).add(place)
        elif isinstance(step, Sync | Delete):
            waiting.pop(step.file, None)
    return set().union(*waiting.values())


def _image(steps: list[Step], lost: set[int], chance: random.Random) -> dict[str, bytes]:
    files: dict[str, bytearray] = {}
    for place, step in enumerate(steps):
        match step:
            case Write(file, offset, data):
                held = files.setdefault(file, bytearray())
                _put(held, offset, _torn(data, chance) if place in lost else data)
            case Truncate(file, size) if place not in lost:
                del files.setdefault(file, bytearray())[size:]
            case Delete(file):
                files.pop(file, None)
    return {name: bytes(content) for name, content in files.items()}


def _torn(data: bytes, chance: random.Random) -> bytes:
    """The sectors of a lost write that reached the disk before the power went: mostly none of them."""
    sectors = len(data) // SECTOR
    return data[: SECTOR * chance.randint(0, sectors)] if chance.random() < 0.3 else b""


def _put(held: bytearray, offset: int, data: bytes) -> None:
    if not data:
        return
    held.extend(b"\0" * (offset - len(held)))
    held[offset : offset + len(data)] = data


@contextmanager
def recording(path: Path) -> Iterator[Disk]:
    """A disk for the store at `path` (which must not be there yet). Open the store with `vfs=disk.vfs`."""
    assert not path.exists(), "a recording begins with an empty disk"
    disk = Disk(path)
    layer = _Layer(disk)
    try:
        yield disk
    finally:
        layer.unregister()


class _Layer(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(disk.vfs, base=SYSTEM)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 (SQLite's own name)
        return _File(name, flags, self._disk)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 (SQLite's own name)
        super().xDelete(filename, syncdir)
        self._disk.steps.append(Delete(Path(filename).name))


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], disk: Disk) -> None:
        super().__init__(SYSTEM, name, flags)
        given = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(given).name if given else None
        self._disk = disk

    def _note(self, step: Step) -> None:
        if self._name is not None:
            self._disk.steps.append(step)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 (SQLite's own name)
        super().xWrite(data, offset)
        self._note(Write(self._name or "", offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 (SQLite's own name)
        super().xTruncate(newsize)
        self._note(Truncate(self._name or "", newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 (SQLite's own name)
        super().xSync(flags)
        self._note(Sync(self._name or ""))
