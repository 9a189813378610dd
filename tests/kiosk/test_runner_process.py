"""The agent as a process of its own: started by its file, stopped by a signal."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from onthaal.clock import CLOCK_FILE, SystemClock
from onthaal.core import facts as f
from onthaal.kiosk.config import load
from onthaal.kiosk.running import AgentLock, AgentRunning
from onthaal.kiosk.store import Store
from onthaal.words import words
from tests.free_ports import free_port
from tests.kiosk.stage import refusing
from tests.waiting import until

FILE = """
[kiosk]
centre = "http://127.0.0.1:9"
store = "kiosk.db"
key = "kiosk.key"
screen = "127.0.0.1:{port}"
languages = ["nl", "fr", "en"]
help_phone = "+32 9 000 00 00"

[[bus]]
name = "main"
dialect = "kerong-cu16"
url = "nowhere"
baudrate = 19200

[[compartment]]
number = 1
bus = "main"
board = 0
channel = 1
closed_bit = 1
size = "M"
bottom_mm = 700
top_mm = 1000
"""
RUN = [sys.executable, "-m", "onthaal", "kiosk", "run", "--config"]
AT_ONCE = 10.0
"""Seconds; on a kiosk computer they are two. What the program takes to load on this machine comes to them."""


class Ended(NamedTuple):
    run: subprocess.CompletedProcess[bytes]
    after: float
    """Seconds."""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A start with a file that cannot be used."""
    file = tmp_path_factory.mktemp("refused") / "kiosk.toml"
    file.write_text(FILE.format(port=free_port()).replace("help_phone", "help_fone"))
    began = time.monotonic()
    run = subprocess.run([*RUN, str(file)], capture_output=True, check=False, timeout=60)
    return Ended(run, time.monotonic() - began)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "kiosk.toml"
    file.write_text(FILE.format(port=free_port()))
    return file


@pytest.fixture
def agent(file) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*RUN, str(file)], stderr=subprocess.PIPE)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def shown(file: Path) -> str | None:
    """What its screen shows; None while there is none."""
    try:
        return httpx.get(f"http://{load(file).kiosk.screen}/", timeout=30).text
    except httpx.TransportError:
        return None


def shows(file: Path, screen: str) -> bool:
    return f'data-screen="{screen}"' in (shown(file) or "")


def serves(file: Path) -> bool:
    """The agent's own screen, which comes after the one of a fault at the same address."""
    page = shown(file)
    return page is not None and 'data-screen="fault"' not in page


def test_the_screen_is_there_without_centre_or_boards_and_a_signal_ends_it_cleanly(refused, file, agent) -> None:
    began = time.monotonic()
    until(lambda: shown(file), within=60, what="the screen")
    assert time.monotonic() - began < AT_ONCE + refused.after
    assert shows(file, "starting") or shows(file, "not-enrolled")
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(30) == 0
    store = Store.open(file.parent / "kiosk.db", clock=SystemClock())
    assert [type(one.body) for one in store.facts_after(0)][:2] == [f.Started, f.Configured]
    store.close()


def takes_no_fact(path: Path) -> None:
    store = Store.open(path, clock=SystemClock())
    refusing(store)
    store.close()


@pytest.mark.parametrize("spoil", [takes_no_fact, Path.mkdir], ids=["takes no fact", "cannot be opened"])
def test_a_disk_that_refuses_from_the_start_leaves_the_screen_and_the_help_telephone(file, spoil) -> None:
    spoil(file.parent / "kiosk.db")
    process = subprocess.Popen([*RUN, str(file)], stderr=subprocess.PIPE)
    try:
        until(lambda: shows(file, "fault"), what="the screen of a fault")
        assert "+32 9 000 00 00" in str(shown(file))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        said = process.communicate()[1].decode()
    assert "Traceback" not in said


def no_lock(disk: Path) -> Callable[[], None]:
    disk.mkdir()
    (disk / "kiosk.db.lock").symlink_to("away/lock")
    return (disk / "away").mkdir


def no_folder(disk: Path) -> Callable[[], None]:
    disk.touch()
    return disk.unlink


@pytest.mark.parametrize("spoil", [no_lock, no_folder])
def test_a_disk_on_which_nothing_can_be_locked_leaves_the_screen_which_goes_on_once_it_can(file, spoil) -> None:
    file.write_text(file.read_text().replace('"kiosk.db"', '"disk/kiosk.db"'))
    mend, clock = spoil(file.parent / "disk"), file.parent / "clock"
    lock = AgentLock(file.parent / "disk" / "kiosk.db")
    process = subprocess.Popen([*RUN, str(file)], stderr=subprocess.PIPE, env={**os.environ, CLOCK_FILE: str(clock)})
    try:
        until(lambda: shown(file) or process.poll() is not None, what="the screen")
        page = str(shown(file))
        assert 'data-screen="fault"' in page
        assert "+32 9 000 00 00" in page
        mend()
        clock.write_text("11")
        until(lambda: serves(file), what="the agent")
        with pytest.raises(AgentRunning), lock:
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        said = process.communicate()[1].decode()
    assert words("fault.store", "en") in said
    assert "Traceback" not in said
    with lock:
        pass


def test_who_holds_the_store_once_it_can_be_locked_is_waited_for(file) -> None:
    file.write_text(file.read_text().replace('"kiosk.db"', '"disk/kiosk.db"'))
    mend, clock, said = no_lock(file.parent / "disk"), file.parent / "clock", file.parent / "said"
    with said.open("wb") as log:
        process = subprocess.Popen([*RUN, str(file)], stdout=log, stderr=log,
                                   env={**os.environ, CLOCK_FILE: str(clock)})  # fmt: skip
    try:
        until(lambda: shown(file) or process.poll() is not None, what="the screen")
        mend()
        with AgentLock(file.parent / "disk" / "kiosk.db"):
            clock.write_text("11")
            until(lambda: b"store.unusable" in said.read_bytes(), what="a try that was refused")
            assert shows(file, "fault")
        clock.write_text("22")
        until(lambda: serves(file), what="the agent")
    finally:
        process.kill()
        process.wait()


def test_a_second_agent_on_the_same_file_does_not_start(file, agent) -> None:
    until(lambda: shown(file), what="the screen")
    second = subprocess.run([*RUN, str(file)], capture_output=True, check=False, timeout=60)
    assert second.returncode == 1
    assert b"already" in second.stderr


def test_a_screen_address_that_is_taken_is_named_and_the_kiosk_does_not_start(file) -> None:
    with socket.create_server(load(file).kiosk.screen_address()):
        run = subprocess.run([*RUN, str(file)], capture_output=True, check=False, timeout=60)
    assert run.returncode == 1
    said = run.stderr.decode()
    assert words("fault.screen-taken", "en") in said
    assert load(file).kiosk.screen in said
    assert "Traceback" not in said
    store = Store.open(file.parent / "kiosk.db", clock=SystemClock())
    assert store.last_number == 0, "nothing was begun"
    store.close()


def test_a_bad_file_is_named_and_nothing_starts(refused) -> None:
    assert refused.run.returncode == 2
    assert b"help_fone" in refused.run.stderr


def test_the_doctor_is_a_program_of_its_own(file) -> None:
    asked = [sys.executable, "-m", "onthaal", "kiosk", "doctor", "--config", str(file), "--seconds", "0.1"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    assert (done.returncode, json.loads(done.stdout.splitlines()[-1])["fault"]) == (1, "line-unavailable")
