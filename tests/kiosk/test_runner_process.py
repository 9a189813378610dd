"""The agent as a process of its own: started by its file, stopped by a signal."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from onthaal.clock import SystemClock
from onthaal.core import facts as f
from onthaal.kiosk.config import load
from onthaal.kiosk.store import Store
from onthaal.words import words
from tests.kiosk.stage import free_port, refusing
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
RUN = [sys.executable, "-c", "from onthaal.kiosk.agent import run; from pathlib import Path; import sys; "
       "raise SystemExit(run(Path(sys.argv[1])))"]  # fmt: skip


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


def answers(file: Path) -> bool:
    try:
        return httpx.get(f"http://{load(file).kiosk.screen}/", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_screen_is_there_without_centre_or_boards_and_a_signal_ends_it_cleanly(file, agent) -> None:
    began = time.monotonic()
    until(lambda: answers(file), within=20, what="the screen")
    assert time.monotonic() - began < 10  # two seconds on a kiosk computer; this machine has other work too
    page = httpx.get(f"http://{load(file).kiosk.screen}/").text
    assert 'data-screen="starting"' in page or 'data-screen="not-enrolled"' in page
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(10) == 0
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
        until(lambda: answers(file), within=20, what="the screen")
        screen = f"http://{load(file).kiosk.screen}/"
        until(lambda: 'data-screen="fault"' in httpx.get(screen).text, within=5, what="the screen of a fault")
        assert "+32 9 000 00 00" in httpx.get(screen).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        said = process.communicate()[1].decode()
    assert "Traceback" not in said


def test_a_second_agent_on_the_same_file_does_not_start(file, agent) -> None:
    until(lambda: answers(file), within=20, what="the screen")
    second = subprocess.run([*RUN, str(file)], capture_output=True, check=False, timeout=30)
    assert second.returncode == 1
    assert b"already" in second.stderr


def test_a_screen_address_that_is_taken_is_named_and_the_kiosk_does_not_start(file) -> None:
    with socket.create_server(load(file).kiosk.screen_address()):
        run = subprocess.run([*RUN, str(file)], capture_output=True, check=False, timeout=30)
    assert run.returncode == 1
    said = run.stderr.decode()
    assert words("fault.screen-taken", "en") in said
    assert load(file).kiosk.screen in said
    assert "Traceback" not in said
    store = Store.open(file.parent / "kiosk.db", clock=SystemClock())
    assert store.last_number == 0, "nothing was begun"
    store.close()


def test_a_bad_file_is_named_and_nothing_starts(file) -> None:
    file.write_text(file.read_text().replace("help_phone", "help_fone"))
    run = subprocess.run([*RUN, str(file)], capture_output=True, check=False, timeout=30)
    assert run.returncode == 2
    assert b"help_fone" in run.stderr
