"""`onthaal demo` as a person runs it: one folder, one row of ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from onthaal.demo.leash import leashed
from tests.waiting import until

STARTS_WITHIN = 180.0


class Demo:
    """One demo, whichever start of it. `env`: what its processes find beside our own environment."""

    def __init__(self, folder: Path, port_base: int, env: Mapping[str, str] | None = None) -> None:
        self.data, self.ready_file = folder / "data", folder / "ready.json"
        self.port_base = port_base
        self.env = env or {}
        self.output = folder / "demo.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *more: str) -> list[str]:
        where = ["--data", str(self.data), "--port-base", str(self.port_base), "--ready-file", str(self.ready_file)]
        return [sys.executable, "-m", "onthaal", "demo", *where, *more]

    def start(self, *more: str) -> dict[str, Any]:
        """What the ready-file says, once it is there."""
        before = self._told()
        process = self.begin(*more)
        until(
            lambda: self._told() > before or process.poll() is not None,
            within=STARTS_WITHIN,
            every=0.1,
            what="the demo's start",
        )
        assert process.poll() is None, self.output.read_text()
        ready: dict[str, Any] = json.loads(self.ready_file.read_text())
        return ready

    def begin(self, *more: str) -> subprocess.Popen[bytes]:
        """Only that: whether it gets anywhere is not waited for."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                leashed(self.command(*more), by=signal.SIGTERM),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env={**os.environ, **self.env},
            )  # fmt: skip
        return self.process

    def _told(self) -> int:
        """When the ready-file was written; one that a killed demo left behind tells nothing, and goes at any moment."""
        try:
            return self.ready_file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def ctrl_c(self) -> None:
        """As a terminal does: the signal goes to the whole group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(60) == 0

    def stop(self) -> None:
        """Ask it to stop, if it runs, and wait until it did."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def processes(self) -> list[psutil.Process]:
        """Whatever runs because of this demo, its database server included."""
        return [one for one in psutil.process_iter() if self._is_ours(one)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return any(str(self.data) in word for word in process.cmdline()) or (
                process.environ().get("ONTHAAL_DEMO") == str(self.data)
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False
