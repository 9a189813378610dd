"""The emulator as its own process, the way anybody starts it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

COMMAND = "from onthaal.emulator.command import app; app()"


@dataclass
class Reached:
    """An emulator by its page: what a program says to it, and what it answers."""

    url: str

    def posts(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        return sends(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})

    def state(self) -> Any:
        return sends(self.url + "state", None, {})[1]

    def compartment(self, number: int) -> Any:
        return next(each for each in self.state()["compartments"] if each["number"] == number)


@dataclass
class Running(Reached):
    """A started emulator: where its page is, and what it said at the start."""

    process: subprocess.Popen[str]
    lines: dict[str, Path]

    def killed(self) -> None:
        self.process.kill()
        self._over()

    def stopped(self) -> int:
        self.process.terminate()
        return self._over()

    def _over(self) -> int:
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(timeout=30)


def sends(url: str, content: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
    """Status and decoded body of one request, refusals included."""
    method = "GET" if content is None else "POST"
    answer = httpx.request(method, url, content=content, headers=headers, timeout=30, trust_env=False)
    return answer.status_code, answer.json()


def start(data: Path, *options: str) -> Running:
    """Start on a free port and wait until it said where everything is."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "run", "--data", str(data), "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    url, lines = "", {}
    while said := process.stdout.readline().split():
        if said[0] == "wall":
            url = said[1]
        if said[0] == "line":
            lines[said[1]] = Path(said[2])
        if said[0] == "ready":
            return Running(url, process, lines)
    process.stdout.close()
    process.wait(timeout=30)
    raise AssertionError("the emulator did not start")
