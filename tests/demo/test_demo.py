"""The whole demo: what it tells, what it keeps, and that nothing is left of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from onthaal.demo.leash import leashed
from tests.free_ports import free_row
from tests.journeys.asking import ask, ask_bytes
from tests.waiting import until

FIRST_PORT = 23_000
SECOND_START_WITHIN = 60.0
PARTS = {"portal", "desk", "kiosk", "wall", "mail", "telephone", "simulator", "kiosk_config", "accounts"}

pytestmark = [pytest.mark.journey, pytest.mark.timeout(420)]


class Demo:
    """`onthaal demo` as a person runs it: one folder, one row of ports."""

    def __init__(self, folder: Path, port_base: int) -> None:
        self.data, self.ready_file = folder / "data", folder / "ready.json"
        self.port_base = port_base
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *more: str) -> list[str]:
        where = ["--data", str(self.data), "--port-base", str(self.port_base), "--ready-file", str(self.ready_file)]
        return [sys.executable, "-m", "onthaal", "demo", *where, *more]

    def start(self, *more: str, within: float = 180.0) -> dict[str, Any]:
        """What the ready-file says, once it is there."""
        before = self._told()
        process = self.begin(*more)
        until(lambda: self._told() > before or process.poll() is not None, within=within, what="the demo's start")
        assert process.poll() is None, self.output.read_text()
        ready: dict[str, Any] = json.loads(self.ready_file.read_text())
        return ready

    def begin(self, *more: str) -> subprocess.Popen[bytes]:
        """Only that: whether it gets anywhere is not waited for."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                leashed(self.command(*more), by=signal.SIGTERM),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
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


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    folder = Path(tempfile.mkdtemp(prefix="onthaal-demo-", dir="/var/tmp"))
    folder.chmod(0o711)  # started by root, the database is another user's, who must pass through
    started = Demo(folder, free_row(FIRST_PORT))
    yield started
    for process in started.processes():
        process.kill()
    if started.process is not None:
        started.process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def portal_answers(ready: dict[str, Any]) -> bool:
    """Its first page asks the database."""
    try:
        return bool(ask_bytes(ready["portal"]))
    except OSError:
        return False


def wall(ready: dict[str, Any], path: str, body: object | None = None) -> Any:
    return ask(ready["wall"] + path, body)


def test_a_demo_tells_where_it_is_keeps_what_it_has_and_leaves_nothing_behind(demo: Demo) -> None:
    ready = demo.start()
    assert set(ready) == PARTS
    assert {account["role"] for account in ready["accounts"]} == {"clerk", "technician", "administrator", "auditor"}
    assert all({"name", "role", "password", "badge"} <= set(account) for account in ready["accounts"])
    loaders = [one["name"] for one in ready["accounts"] if one["role"] == "clerk" and one["badge"] and one["pin"]]
    assert loaders == ["an", "bea"], "who prepared a personal document does not load it"
    told = "".join(demo.output.read_text().split())
    for page in ("portal", "desk", "kiosk", "wall", "mail", "telephone", "simulator"):
        assert ready[page] in told, page
    for word in ("licence", "Emma", "bea"):
        assert word in told
    assert Path(ready["kiosk_config"]).is_file()
    for page in ("portal", "desk", "kiosk", "wall", "mail", "telephone", "simulator"):
        assert ask_bytes(ready[page])
    made = wall(ready, "hand/make", {"text": "Een vergeten paraplu"})["thing"]["id"]

    assert "port" in refused(demo)

    demo.ctrl_c()
    assert not demo.ready_file.exists()
    assert demo.processes() == []

    begun = time.monotonic()
    again = demo.start()
    assert time.monotonic() - begun < SECOND_START_WITHIN
    assert again == ready
    assert made in [thing["id"] for thing in wall(again, "state")["hands"]]

    (server,) = [one for one in demo.processes() if one.name() == "postgres" and one.ppid() == demo.pid()]
    server.kill()
    until(lambda: server not in demo.processes(), within=15, what="the end of the database server that was killed")
    until(lambda: portal_answers(again), within=30, what="a portal with a database again")

    assert demo.process is not None
    demo.process.kill()
    demo.process.wait()
    until(lambda: demo.processes() == [], within=15, what="the end of everything after the demo was killed")
    assert demo.ready_file.exists()

    anew = demo.start("--reset")
    assert [account["password"] for account in anew["accounts"]] != [one["password"] for one in ready["accounts"]]
    assert made not in [thing["id"] for thing in wall(anew, "state")["hands"]]
    demo.ctrl_c()
    assert demo.processes() == []


def refused(running: Demo) -> str:
    """What a second demo on the same ports says before it goes."""
    other = Demo(running.data.parent / "other", running.port_base)
    other.data.parent.mkdir()
    other.data.parent.chmod(0o711)
    done = subprocess.run(other.command(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    return done.stdout.decode()


def test_a_port_that_somebody_has_is_named(demo: Demo) -> None:
    other = Demo(demo.data.parent / "ports", free_row(FIRST_PORT + 3000))
    other.data.parent.mkdir()
    other.data.parent.chmod(0o711)
    with socket.create_server(("127.0.0.1", other.port_base + 4)):
        done = subprocess.run(other.command(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert str(other.port_base + 4) in done.stdout.decode()
    assert other.processes() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the database as another user")
def test_data_that_the_database_cannot_reach_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    closed = Demo(tmp_path / "closed", free_row(FIRST_PORT + 5000))
    closed.data.parent.mkdir(mode=0o700)
    done = subprocess.run(closed.command(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "cannot" in done.stdout.decode()
    assert closed.processes() == []


def test_a_ctrl_c_in_the_middle_of_a_first_start_stops_it_quietly(demo: Demo) -> None:
    first = Demo(demo.data.parent / "first", free_row(FIRST_PORT + 3000))
    first.data.parent.mkdir()
    first.data.parent.chmod(0o711)
    first.begin()
    being_made = first.data / "database" / "cluster.unfinished" / "global" / "pg_control"
    until(being_made.exists, within=60, what="the making of the database")
    first.ctrl_c()
    assert first.output.read_text().splitlines()[-1] == "· Starting PostgreSQL"
    assert not first.ready_file.exists()
    assert first.processes() == []
