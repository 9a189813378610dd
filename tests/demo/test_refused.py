"""What a start of the demo refuses, and that nobody is hurt by it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from onthaal.cli import app
from onthaal.demo.layout import DemoFault, Places
from onthaal.demo.leash import leashed
from onthaal.demo.processes import alone_on
from onthaal.demo.running import Demo
from tests.free_ports import free_row
from tests.waiting import until

FIRST_PORT = 30_000
KEPT = "what somebody made"
NOBODY = 65534


@pytest.fixture(autouse=True)
def our_signals() -> Iterator[None]:
    """A demo takes them over."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Where an earlier demo kept something."""
    places = Places(tmp_path / "data")
    places.data.mkdir()
    places.marker.touch()
    places.accounts.write_text(KEPT)
    return places


@pytest.fixture
def child(places: Places) -> Iterator[subprocess.Popen[bytes]]:
    """A process of an earlier demo on the same data."""
    command = leashed(["/bin/sleep", "60"], by=signal.SIGKILL)
    with subprocess.Popen(command, env={**os.environ, "ONTHAAL_DEMO": str(places.data)}) as process:
        yield process
        process.kill()


@pytest.fixture
def taken() -> Iterator[int]:
    """The first port of a row: somebody has its last."""
    base = free_row(FIRST_PORT)
    with socket.create_server(("127.0.0.1", base + 7)):
        yield base


@pytest.fixture
def in_anothers_folder() -> Iterator[Places]:
    """Data of one's own, in a folder of somebody else; who is root is nobody meanwhile."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as above:
        places = Places(Path(above).resolve() / "data")
        places.data.mkdir()
        places.data.parent.chmod(0o555)
        if root:
            os.chown(places.data, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            places.marker.touch()
            places.accounts.write_text(KEPT)
            yield places
        finally:
            if root:
                os.seteuid(0)
            places.data.parent.chmod(0o755)


class Enough(Exception):
    """Seen what was to be seen."""


class Until(Console):
    """Ends with Enough what says `last`."""

    def __init__(self, last: str) -> None:
        super().__init__()
        self.last = last

    def print(self, *objects: Any, **options: Any) -> None:
        if self.last in str(objects):
            raise Enough


def start(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(app, ["demo", *map(str, arguments)], env={"COLUMNS": "400"})


def test_a_second_demo_on_the_same_data_is_refused_and_the_first_goes_on(
    places: Places, child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(KEPT)
    with alone_on(places.data):
        told = start("--data", places.data, "--ready-file", ready, "--reset")
    assert told.exit_code == 1
    assert f"a demo already runs on {places.data}; stop it first" in told.output
    assert "Stopped" not in told.output
    assert child.poll() is None
    assert (places.accounts.read_text(), ready.read_text()) == (KEPT, KEPT)


def test_data_is_free_again_once_its_demo_is_gone_whoever_it_left_behind(tmp_path: Path) -> None:
    with ExitStack() as left_behind:
        with alone_on(tmp_path / "data"):
            command = ["/bin/sh", "-c", "echo up; exec sleep 60"]
            child = left_behind.enter_context(subprocess.Popen(command, close_fds=False, stdout=subprocess.PIPE))
            assert child.stdout is not None
            assert child.stdout.readline() == b"up\n"
            left_behind.callback(child.kill)
            with pytest.raises(DemoFault, match="already runs"), alone_on(tmp_path / "data"):
                pass
        with alone_on(tmp_path / "data"):
            assert child.poll() is None


def test_data_of_ones_own_serves_where_nothing_can_be_written_beside_it_for_one_demo(in_anothers_folder) -> None:
    data = in_anothers_folder.data
    with alone_on(data):
        told = start("--data", data, "--reset")
        assert told.exit_code == 1
        assert f"a demo already runs on {data}; stop it first" in told.output
        assert in_anothers_folder.accounts.read_text() == KEPT
    with alone_on(data):
        pass


def test_a_reset_of_such_data_empties_its_folder(in_anothers_folder) -> None:
    in_anothers_folder.database.mkdir()
    (in_anothers_folder.database / "one").touch()
    (in_anothers_folder.data / "elsewhere").symlink_to("/tmp")
    base = free_row(FIRST_PORT + 1000)
    demo = Demo(
        console=Until("PostgreSQL"), ready_file=None, port_base=base, data=in_anothers_folder.data, reset=True
    )  # fmt: skip
    with pytest.raises(Enough):
        demo.run()
    made = {one.name for one in in_anothers_folder.data.iterdir()}
    assert made == {"demo", "kiosk", "logs", "secret.key", "wall"}


@pytest.mark.parametrize("spelled", ["link", "data/../data"])
def test_what_an_earlier_demo_left_is_ended_however_its_folder_is_spelled(
    places: Places, child: subprocess.Popen[bytes], taken: int, spelled: str
) -> None:
    places.data.with_name("link").symlink_to(places.data)
    until(lambda: b"sleep" in Path(f"/proc/{child.pid}/cmdline").read_bytes().split(b"\0")[0], what="the leftover")
    assert start("--data", places.data.parent / spelled, "--port-base", taken).exit_code == 1
    child.wait(30)


def test_a_taken_port_costs_no_data_and_is_said_with_what_to_do(places: Places, taken: int) -> None:
    told = start("--data", places.data, "--port-base", taken, "--reset")
    assert told.exit_code == 1
    assert f"port {taken + 7} is taken" in told.output
    assert "stop it, or run `.venv/bin/onthaal demo --port-base 9000`" in told.output
    assert "Stopped" not in told.output
    assert places.accounts.read_text() == KEPT


def test_a_reset_throws_away_no_folder_that_only_holds_a_demo(tmp_path: Path) -> None:
    above = Places(tmp_path)
    inside = Places(above.marker)
    inside.data.mkdir()
    inside.accounts.write_text(KEPT)
    above.secret.with_suffix(".unfinished").symlink_to("/dev/full")
    start("--data", above.data, "--port-base", free_row(FIRST_PORT + 1000), "--reset")
    assert inside.accounts.read_text() == KEPT


def test_a_ready_file_in_a_missing_folder_is_refused_before_anything_starts(tmp_path: Path) -> None:
    told = start("--data", tmp_path / "data", "--ready-file", tmp_path / "missing" / "ready.json")
    assert told.exit_code == 1
    assert f"there is no folder {tmp_path / 'missing'}" in told.output
    assert not (tmp_path / "data").exists()


def test_data_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = start("--data", tmp_path / "file" / "deep" / "data")
    assert told.exit_code == 1
    assert f"no data can be kept in {tmp_path / 'file' / 'deep' / 'data'}" in told.output


def test_a_full_disk_is_said_in_words(places: Places) -> None:
    places.secret.with_suffix(".unfinished").symlink_to("/dev/full")
    told = start("--data", places.data, "--port-base", free_row(FIRST_PORT + 1000))
    assert told.exit_code == 1
    assert "No space left on device" in told.output
