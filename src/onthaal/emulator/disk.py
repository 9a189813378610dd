"""Keeping the truth so that neither a killed process nor a power cut tears it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another emulator holds this data directory."""


def keep(path: Path, content: bytes) -> None:
    """Replace the file as a whole: the old content or the new, never a mixture."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def alone_in(data: Path) -> Iterator[None]:
    """Hold the directory for this process; the kernel lets go when the process dies."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another emulator runs on {data}"
            raise AlreadyRunning(message) from error
        yield
