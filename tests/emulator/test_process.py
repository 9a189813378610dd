"""The emulator started, killed and started again: the wall is as it was left."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from onthaal.cli import app
from onthaal.emulator.nine import nine_doors
from onthaal.emulator.papers import wall_file
from onthaal.emulator.wall import ThingConfig, read_wall
from tests.emulator.process import COMMAND, Running, start


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wall")


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[Running]:
    emulator = start(data)
    yield emulator
    emulator.stopped()


def test_a_killed_emulator_finds_its_doors_things_faults_and_lines_again(tmp_path: Path) -> None:
    first = start(tmp_path)
    first.posts("hand/lever", {"compartment": 3})
    thing = first.posts("hand/make", {"text": "Vlaggenset 1", "tag": "new"})[1]["thing"]
    first.posts("hand/put", {"compartment": 3, "thing": thing["id"]})
    first.posts("hand/shut", {"compartment": 3})
    first.posts("hand/lever", {"compartment": 5})
    first.posts("fault", {"kind": "sensor_cut", "compartment": 7})
    before, names = first.state(), first.lines
    first.killed()

    again = start(tmp_path)
    try:
        assert again.state() == before
        assert again.compartment(3)["things"] == [thing]
        assert again.compartment(3)["door"] == "closed"
        assert again.compartment(5)["door"] == "open"
        assert again.compartment(7)["faults"] == ["sensor_cut"]
        assert again.lines == names
        assert names["main"].resolve().is_char_device()
    finally:
        again.stopped()


def test_a_stopped_emulator_takes_its_lines_away_and_ends_well(tmp_path: Path) -> None:
    emulator = start(tmp_path)
    assert emulator.stopped() == 0
    assert not any(link.is_symlink() for link in emulator.lines.values())


def test_two_emulators_never_share_one_wall(running: Running, data: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", "--data", str(data), "--port", "0"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "another emulator" in second.stderr


def test_without_a_wall_file_a_kiosks_file_that_fits_lies_beside(running: Running, data: Path) -> None:
    import tomllib

    paper = tomllib.loads((data / "kiosk.toml").read_text())
    assert paper["bus"][0]["url"] == str(running.lines["main"])
    assert [door["number"] for door in paper["compartment"]] == list(range(1, 10))
    assert paper["tag_reader"] == {"kind": "uhf-m100", "url": str(running.lines["tags"]), "baudrate": 115200}


def test_a_wall_written_to_its_file_reads_the_same(tmp_path: Path) -> None:
    things = (ThingConfig(id="flag-1", text='Vlag "groot" \\ rood', tag="E280116060000000000000A1"),)
    wall = msgspec.structs.replace(nine_doors(tmp_path, things=things), wire_time=True, name="Aalter")
    file = tmp_path / "wall.toml"
    file.write_text(wall_file(wall), "utf-8")
    assert read_wall(file) == wall


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ('channel = 1\n[[bus]]\nname = "main"', "dialect"),
        ("colour = 3", "colour"),
        ("channel = 17", "channel"),
        ('channel = 1\nbus = "other"', "other"),
    ],
)
def test_a_wrong_wall_file_stops_the_start_and_names_the_place(tmp_path: Path, wrong: str, named: str) -> None:
    wall = tmp_path / "wall.toml"
    bus = "" if "bus =" in wrong else 'bus = "main"\n'
    wall.write_text(
        f'[[bus]]\nname = "main"\ndialect = "kerong-cu16"\nlink = "{tmp_path}/main"\n'
        f"[[compartment]]\nnumber = 1\nboard = 0\n{bus}{'' if 'channel' in wrong else 'channel = 1'}\n{wrong}\n"
    )
    tried = CliRunner().invoke(app, ["emulator", "run", "--wall", str(wall), "--data", str(tmp_path / "data")])
    assert tried.exit_code == 2
    assert named in tried.stderr


def test_a_wall_file_brings_its_things_on_the_first_start_only(tmp_path: Path) -> None:
    wall = tmp_path / "wall.toml"
    wall.write_text(
        f'[[bus]]\nname = "main"\ndialect = "board-8a"\nbaudrate = 9600\nlink = "{tmp_path}/main"\n'
        '[[compartment]]\nnumber = 4\nbus = "main"\nboard = 1\nchannel = 2\n'
        '[[thing]]\nid = "flag-1"\ntag = "e280116060000000000000a1"\ntext = "Vlaggenset 1"\n'
        '[[code]]\nname = "An"\ntext = "GZS:AN"\n'
    )
    first = start(tmp_path / "data", "--wall", str(wall))
    assert first.state()["outside"] == [{"id": "flag-1", "text": "Vlaggenset 1", "tag": "E280116060000000000000A1"}]
    assert first.state()["codes"] == [{"name": "An", "text": "GZS:AN"}]
    first.posts("hand/lever", {"compartment": 4})
    first.posts("hand/put", {"compartment": 4, "thing": "flag-1"})
    first.stopped()
    again = start(tmp_path / "data", "--wall", str(wall))
    try:
        assert again.state()["outside"] == []
        assert again.compartment(4)["things"][0]["id"] == "flag-1"
    finally:
        again.stopped()


@pytest.mark.parametrize("content", [None, b"\xff\xfe no text"])
def test_a_wall_file_that_cannot_be_used_is_refused_before_a_place_is_made_for_it(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "mistyped.toml"
    if content is not None:
        file.write_bytes(content)
    said = CliRunner().invoke(app, ["emulator", "run", "--wall", str(file), "--port", "0"])
    assert said.exit_code == 2
    assert str(file) in said.stderr
    assert not file.with_suffix(".data").exists()


def test_a_port_that_cannot_be_is_refused_in_words() -> None:
    said = CliRunner().invoke(app, ["emulator", "run", "--port", "99999"])
    assert said.exit_code == 2
    assert "--port" in said.stderr
