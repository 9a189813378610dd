"""One agent per store: a lock that the system drops by itself when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from onthaal.core.refusals import Fault
from onthaal.kiosk.store import StoreFault


class AgentRunning(Fault):
    """Another program works on this store: the agent, or a doctor."""

    passing = True
    advice = "fault.agent-running"


class AgentLock:
    """Holds `<store>.lock` while entered; makes its folder where that is missing.

    Raises AgentRunning at once when another process (or lock) holds it, StoreFault when the disk has no place for it.
    """

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(store.name + ".lock")
        self._held: int | None = None

    @property
    def held(self) -> bool:
        return self._held is not None

    def __enter__(self) -> AgentLock:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as refused:
            raise StoreFault(f"{self.path}: {refused.strerror}") from refused
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            os.close(held)
            raise AgentRunning(str(self.path)) from taken
        except OSError as refused:
            os.close(held)
            raise StoreFault(f"{self.path}: {refused.strerror}") from refused
        self._held = held
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._held is not None:
            # The file stays: removing it would let two holders lock two different files of that name.
            os.close(self._held)
            self._held = None
