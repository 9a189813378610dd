"""The installer's tool on an emulated wall: what it prints, what it pulses, what it writes down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from onthaal.clock import SystemClock
from onthaal.core import facts
from onthaal.emulator.running import EmulatedWall, emulated_wall
from onthaal.kiosk.doctor import FaultName, doctor
from onthaal.kiosk.running import AgentLock
from onthaal.kiosk.store import Store
from onthaal.words import LANGS, Lang, words

FILE = """
[kiosk]
centre = "https://onthaal.example.be"
store = "kiosk.db"
key = "kiosk.key"
screen = "127.0.0.1:8100"
languages = ["nl", "fr", "en"]
help_phone = "+32 9 000 00 00"

[[bus]]
name = "main"
dialect = "kerong-cu16"
url = "main"
baudrate = 19200

[code_reader]
kind = "serial"
url = "codes"
baudrate = 9600

[tag_reader]
kind = "uhf-m100"
url = "tags"
baudrate = 115200
"""
DOOR = """
[[compartment]]
number = {number}
bus = "main"
board = 0
channel = {number}
closed_bit = 1
presence_bit = 1
size = "M"
bottom_mm = 700
top_mm = 1000
"""
TAG = "E2801160600002084A4C1F2D"


@pytest.fixture
def kiosk_file(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(FILE + "".join(DOOR.format(number=number) for number in (1, 2, 3)))
    return path


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[EmulatedWall]:
    from tests.kiosk.drivers.conftest import wall_of

    async with emulated_wall(wall_of(folder, "kerong-cu16", [(0, 1), (0, 2), (0, 3)])) as wall:
        yield wall


Examine = Callable[..., Any]


@pytest.fixture
def examine(kiosk_file: Path, capsys: pytest.CaptureFixture[str]) -> Examine:
    """Run the doctor beside the emulator; gives exit code, the last line as an object, and all that was printed."""

    async def run(open_: int | None = None, *, seconds: float = 0.6, json_: bool = True) -> tuple[int, Any, str]:
        code = await asyncio.to_thread(doctor, kiosk_file, open_, seconds, json_)
        printed = capsys.readouterr().out
        return code, json.loads(printed.splitlines()[-1]), printed

    return run


def told(folder: Path) -> list[facts.Body]:
    store = Store.open(folder / "kiosk.db", clock=SystemClock())
    bodies = [fact.body for fact in store.facts_after(0)]
    store.close()
    return bodies


async def test_a_healthy_wall_is_read_and_nothing_is_opened(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        code, report, printed = await examine()
        assert [wall.pulses(number) for number in (1, 2, 3)] == [0, 0, 0]
    assert code == 0
    assert report == {
        "doors": {"1": "closed", "2": "closed", "3": "closed"},
        "buses": {"main": "up"},
        "opened": None,
        "codes": [],
        "tags": [],
        "fault": None,
    }
    assert len(printed.splitlines()) == 1


async def test_without_json_a_person_reads_a_table_and_the_last_line_is_the_report(tmp_path, examine) -> None:
    async with standing(tmp_path):
        code, report, printed = await examine(2, json_=False)
    assert code == 0
    assert report["opened"] == 2
    assert "2: ging open door deze puls" in printed


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("fault", get_args(FaultName))
def test_every_fault_says_what_to_do(fault: str, lang: Lang) -> None:
    assert words(f"doctor.fault.{fault}", lang).strip()


async def test_the_asked_door_is_pulsed_once_and_intent_and_fact_are_in_the_store(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        code, report, _ = await examine(2)
        assert [wall.pulses(number) for number in (1, 2, 3)] == [0, 1, 0]
    assert (code, report["opened"], report["fault"]) == (0, 2, None)
    assert report["doors"] == {"1": "closed", "2": "open", "3": "closed"}
    intended, opened = told(tmp_path)
    assert isinstance(intended, facts.OpenIntended)
    assert (intended.compartment, intended.purpose) == (2, "doctor")
    assert opened == facts.DoorOpened(compartment=2, intent=intended.intent)


async def test_a_door_that_is_shut_while_the_doctor_looks_on_is_told_so_too(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        looking = asyncio.create_task(examine(2, seconds=4.0))
        await wall.until(lambda: wall.is_open(2))
        await asyncio.to_thread(lambda: _until_told(tmp_path, facts.DoorOpened))
        wall.hand.shut(2)
        code, report, _ = await looking
    assert (code, report["opened"]) == (0, 2)
    assert report["doors"]["2"] == "closed"
    assert told(tmp_path)[-1] == facts.DoorShut(compartment=2, intent=told(tmp_path)[0].intent, present=False)  # type: ignore[union-attr]


def _until_told(folder: Path, kind: type) -> None:
    from tests.waiting import until

    until(lambda: any(isinstance(body, kind) for body in told(folder)), what="the fact")


async def test_a_door_that_stays_shut_is_pulsed_once_and_said_so(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        wall.fault("stuck_closed", compartment=3)
        code, report, _ = await examine(3, seconds=1.5)
        assert wall.pulses(3) == 1
    assert (code, report["opened"], report["fault"]) == (1, None, "door-did-not-open")
    assert [type(body) for body in told(tmp_path)] == [facts.OpenIntended, facts.OpenNotDetected]


async def test_an_unknown_compartment_is_refused_and_nothing_is_pulsed(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        code, report, _ = await examine(9)
        assert sum(wall.pulses(number) for number in (1, 2, 3)) == 0
    assert (code, report["fault"], report["opened"]) == (1, "compartment-unknown", None)
    assert report["doors"]["1"] == "closed"


async def test_a_loaded_compartment_is_not_pulsed(tmp_path, examine) -> None:
    store = Store.open(tmp_path / "kiosk.db", clock=SystemClock())
    store.append(facts.Loaded(handover=7, compartment=1, staff="s", session="s", grade="B"))
    store.close()
    async with standing(tmp_path) as wall:
        code, report, _ = await examine(1)
        assert wall.pulses(1) == 0
    assert (code, report["fault"]) == (1, "compartment-loaded")
    assert len(told(tmp_path)) == 1


@pytest.mark.parametrize("open_", [None, 1])
async def test_a_silent_bus_is_said_and_its_doors_are_unknown(tmp_path, examine, open_) -> None:
    async with standing(tmp_path) as wall:
        wall.fault("silent", line="main")
        code, report, _ = await examine(open_)
        assert wall.pulses(1) == 0
    assert (code, report["fault"]) == (1, "bus-silent")
    assert report["buses"] == {"main": "silent"}
    assert set(report["doors"].values()) == {"unknown"}


@pytest.mark.parametrize("open_", [None, 1])
async def test_a_line_that_is_not_there_is_said(examine, open_) -> None:
    code, report, _ = await examine(open_, seconds=0.2)
    assert (code, report["fault"], report["opened"]) == (1, "line-unavailable", None)
    assert report["buses"] == {"main": "silent"}


async def test_while_the_agent_runs_no_line_is_opened(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        with AgentLock(tmp_path / "kiosk.db"):
            code, report, _ = await examine(1)
        assert wall.pulses(1) == 0
    assert (code, report["fault"]) == (1, "agent-running")
    assert report["doors"] == {"1": "unknown", "2": "unknown", "3": "unknown"}
    assert not (tmp_path / "kiosk.db").exists()


async def test_what_the_readers_see_is_listed(tmp_path, examine) -> None:
    async with standing(tmp_path) as wall:
        wall.hold_tag(TAG)
        looking = asyncio.create_task(examine(seconds=4.0))
        await asyncio.to_thread(lambda: None)
        asyncio.get_running_loop().call_later(1.0, wall.hold_code, "GZ1:AAAA-BBBB")
        code, report, _ = await looking
    assert code == 0
    assert report["codes"] == ["GZ1:AAAA-BBBB"]
    assert report["tags"] == [TAG]


async def test_a_missing_reader_does_not_stop_the_doctor(tmp_path, examine, kiosk_file) -> None:
    kiosk_file.write_text(kiosk_file.read_text().replace('url = "codes"', 'url = "nowhere"'))
    async with standing(tmp_path):
        code, report, _ = await examine()
    assert (code, report["fault"]) == (0, None)


def test_a_bad_file_is_named_with_table_and_key(kiosk_file, capsys) -> None:
    kiosk_file.write_text(kiosk_file.read_text().replace("help_phone", "help_fone"))
    assert doctor(kiosk_file, None, 1.0, True) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "[kiosk], key `help_fone`" in printed.err


def test_a_file_that_is_not_there_is_named_once(tmp_path, capsys) -> None:
    assert doctor(tmp_path / "nowhere.toml", None, 1.0, True) == 2
    assert capsys.readouterr().err.count("nowhere.toml") == 1


async def test_without_a_key_file_and_without_a_store_the_doctor_works(tmp_path, examine) -> None:
    async with standing(tmp_path):
        code, _, _ = await examine(1)
    assert code == 0
    assert (tmp_path / "kiosk.db").exists()
    assert not (tmp_path / "kiosk.key").exists()
