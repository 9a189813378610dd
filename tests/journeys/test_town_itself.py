"""The town itself, after every story in it: what its demo says of it, what it keeps, and that nothing is left of it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.demo.started import Demo
from tests.journeys.asking import answers, ask_bytes
from tests.journeys.town import Town
from tests.journeys.wall import Wall
from tests.waiting import until

SECOND_START_WITHIN, SECOND_START_COSTS = 60.0, 30.0
"""Seconds that people wait, and seconds of a processor: nothing is made anew."""
PAGES = ("portal", "desk", "kiosk", "wall", "mail", "telephone", "simulator")
PARTS = {*PAGES, "kiosk_config", "accounts"}

pytestmark = pytest.mark.skipif("JOURNEY_TOWN" in os.environ, reason="that town is to stay")


@pytest.mark.timeout(420)
def test_a_town_tells_where_it_is_keeps_what_it_has_and_leaves_nothing_behind(town: Town) -> None:
    demo, ready = town.demo, town.ready
    assert set(ready) == PARTS
    assert {account["role"] for account in ready["accounts"]} == {"clerk", "technician", "administrator", "auditor"}
    assert all({"name", "role", "password", "badge"} <= set(account) for account in ready["accounts"])
    loaders = [one["name"] for one in ready["accounts"] if one["role"] == "clerk" and one["badge"] and one["pin"]]
    assert loaders == ["an", "bea"], "who prepared a personal document does not load it"
    told = "".join(demo.output.read_text().split())
    for page in PAGES:
        assert ready[page] in told, page
        assert ask_bytes(ready[page])
    for word in ("licence", "Emma", "bea"):
        assert word in told
    assert Path(ready["kiosk_config"]).is_file()
    made = town.wall.make("Een vergeten paraplu")

    assert "port" in refused(demo)

    demo.ctrl_c()
    assert not demo.ready_file.exists()
    assert demo.processes() == []

    begun = time.monotonic()
    again = demo.start()
    assert time.monotonic() - begun < SECOND_START_WITHIN
    assert seconds_of_a_processor(demo) < SECOND_START_COSTS
    assert again == ready
    assert made in things_in_hands(again)

    (server,) = [one for one in demo.processes() if one.name() == "postgres" and one.ppid() == demo.pid()]
    server.kill()
    until(lambda: server not in demo.processes(), what="the end of the database server that was killed")
    until(lambda: answers(again["portal"]), within=60, what="a portal with a database again")

    assert demo.process is not None
    demo.process.kill()
    demo.process.wait()
    until(lambda: demo.processes() == [], within=60, what="the end of everything after the demo was killed")
    assert demo.ready_file.exists()

    demo.env = {}  # what is begun anew begins today, as everybody's demo
    anew = demo.start("--reset")
    assert [account["password"] for account in anew["accounts"]] != [one["password"] for one in ready["accounts"]]
    assert made not in things_in_hands(anew)
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


def things_in_hands(ready: dict[str, Any]) -> list[str]:
    """The ids of what somebody holds before the wall."""
    return [thing["id"] for thing in Wall(ready["wall"]).state()["hands"]]


def seconds_of_a_processor(demo: Demo) -> float:
    """What those that run now have taken until now, with those that they waited for."""
    return sum(_taken(one) for one in demo.processes())


def _taken(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
