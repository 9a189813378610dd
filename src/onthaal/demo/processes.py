"""The processes of a demo: started on a leash, watched, started again when they fall, stopped together."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import structlog

from onthaal.demo.layout import DemoFault
from onthaal.demo.leash import leashed

log = structlog.get_logger()

_STOPS_WITHIN: Final = 10.0  # seconds from the polite signal to the last one
_FALLS_ALLOWED: Final = 5
_FALLS_WITHIN: Final = 60.0  # more falls than this in so many seconds: it will not stand
_NOTHING_BESIDE: Final = (errno.EACCES, errno.EPERM, errno.EROFS)


class Falls:
    """How often one of them fell, and whether it stands at all."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._when: list[float] = []

    def another(self, last_words: Callable[[], str]) -> None:
        """It fell just now. DemoFault, with its log's end, when it keeps falling."""
        log.warning("process fell", process=self._name)
        now = time.monotonic()
        self._when = [fall for fall in self._when if now - fall < _FALLS_WITHIN] + [now]
        if len(self._when) > _FALLS_ALLOWED:
            raise DemoFault(f"{self._name} does not stay up:\n{last_words()}")


class Child:
    """One program, with its own log file. Dies with us."""

    def __init__(self, name: str, command: Sequence[str], *, env: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self._command = command
        self._env = {**os.environ, **env}
        self._log = logs / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._falls = Falls(name)

    def start(self) -> None:
        with self._log.open("ab") as log_file:
            self._process = subprocess.Popen(
                leashed(self._command, by=signal.SIGTERM),
                stdin=subprocess.DEVNULL, stdout=log_file, stderr=log_file, env=self._env,
                # Ctrl-C goes to the whole foreground group; the supervisor decides who stops when.
                start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def fell(self) -> bool:
        """Whether it ran and ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start_again(self) -> None:
        """Start after a fall; DemoFault with the log's end when it keeps falling."""
        self._falls.another(self.last_words)
        self.start()

    def last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])

    def kill(self) -> None:
        """Pull its plug: SIGKILL, no goodbye. It counts as neither a fall nor a stop."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask, wait, insist; and leave none of its own children behind."""
        if self._process is None:
            return
        family = _family(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for process in family:
            if process.is_running():
                process.kill()
        self._process = None


class Household:
    """All children of a demo, watched by the main thread."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._guard = threading.RLock()

    def start(self, child: Child) -> Child:
        """Start and watch it. From the main thread only: a leash holds to the thread that started it."""
        with self._guard:
            child.start()
            self._children.append(child)
        return child

    def look_after(self) -> None:
        """Start again whatever fell since the last look."""
        with self._guard:
            for child in self._children:
                if child.fell():
                    child.start_again()

    def stop(self) -> None:
        """In the reverse order of starting."""
        with self._guard:
            while self._children:
                self._children.pop().stop()


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@contextmanager
def alone_on(data: Path) -> Iterator[None]:
    """Nobody else has a demo on `data` meanwhile; DemoFault when somebody has, before anything of theirs is touched.

    No child inherits what says so: it is free as soon as this process is gone, however it went.
    """
    try:
        lock = _opened_for_lock(data)
    except OSError as error:
        raise DemoFault(
            f"no data can be kept in {data} ({error.filename}: {error.strerror}); choose another --data"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoFault(f"a demo already runs on {data}; stop it first") from None
        yield
    finally:
        os.close(lock)


def _opened_for_lock(data: Path) -> int:
    """The file beside the folder, as the folder may yet have to be made; the folder itself, which no reset takes away,
    where nothing can be written beside it."""
    beside = data.parent / f"{data.name}.lock"
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        return os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as refused:
        if refused.errno not in _NOTHING_BESIDE or not data.is_dir():
            raise
        return os.open(beside if beside.exists() else data, os.O_RDONLY | os.O_CLOEXEC)


def end_leftovers(note: Path, marker: str) -> None:
    """End what an earlier demo on the same data left behind: processes whose environment carries `marker`.

    `note` holds nothing but says that a demo was here; without it there is nothing to look for.
    """
    if not note.exists():
        return
    leftovers = [process for process in psutil.process_iter() if _carries(process, marker)]
    for process in leftovers:
        process.kill()
    psutil.wait_procs(leftovers, timeout=_STOPS_WITHIN)


def _carries(process: psutil.Process, marker: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get("ONTHAAL_DEMO") == marker
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False
