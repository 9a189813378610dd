"""What the demo refuses, and a start that is broken off. Whole starts and stops: `journeys/test_town_itself.py`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.started import Demo
from tests.free_ports import free_row
from tests.waiting import until

FIRST_PORT = 23_000

pytestmark = [pytest.mark.journey, pytest.mark.timeout(420)]


@pytest.fixture
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


def test_a_port_that_somebody_has_is_named(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", demo.port_base + 4)):
        done = subprocess.run(demo.command(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert str(demo.port_base + 4) in done.stdout.decode()
    assert demo.processes() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the database as another user")
def test_data_that_the_database_cannot_reach_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    closed = Demo(tmp_path / "closed", free_row(FIRST_PORT))
    closed.data.parent.mkdir(mode=0o700)
    done = subprocess.run(closed.command(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "cannot" in done.stdout.decode()
    assert closed.processes() == []


def test_a_ctrl_c_in_the_middle_of_a_first_start_stops_it_quietly(demo: Demo) -> None:
    demo.begin()
    being_made = demo.data / "database" / "cluster.unfinished" / "global" / "pg_control"
    until(being_made.exists, within=60, what="the making of the database")
    demo.ctrl_c()
    assert demo.output.read_text().splitlines()[-1] == "· Starting PostgreSQL"
    assert not demo.ready_file.exists()
    assert demo.processes() == []
