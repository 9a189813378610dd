"""The simulated provider as its own process, the way anybody starts it."""

from __future__ import annotations

import collections
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

import httpx

from tests.provider.line import NO_ROOTS


@dataclass
class Running:
    """A started simulator: its issuer, and where its phone is."""

    process: subprocess.Popen[str]
    issuer: str
    url: str

    def posts(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        """Status and decoded answer of a message to the control interface."""
        answer = httpx.post(self.url + path, json=body, headers=headers, timeout=30, trust_env=False, verify=NO_ROOTS)
        return answer.status_code, answer.json()

    def state(self) -> Any:
        """Who waits, who there is."""
        return httpx.get(self.url + "state", timeout=30, trust_env=False, verify=NO_ROOTS).json()

    def listened_away(self) -> threading.Thread:
        """Hear everything it says and keep nothing: of one that lives so long that it would wait for a listener."""
        assert self.process.stdout is not None
        thread = threading.Thread(target=collections.deque, args=(self.process.stdout, 0), daemon=True)
        thread.start()
        return thread

    def stopped(self) -> str:
        """Stop it; what it said since it was ready comes back."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=30)
        return said


def start(*options: str, **environment: str) -> Running:
    """Start on a free port and wait until it said where it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "onthaal.simulator", "itsme", "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )  # fmt: skip
    assert process.stdout is not None
    said: dict[str, str] = {}
    while words := process.stdout.readline().split():
        said[words[0]] = words[1]
        if words[0] == "ready":
            return Running(process, said["issuer"], said["phone"].removesuffix("phone"))
    process.stdout.close()
    process.wait(timeout=30)
    raise AssertionError("the simulator did not start")
