"""The register of clients: read as it is written, or refused saying where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onthaal.cli import app
from onthaal.simulator.clients import Client, ClientsUnusable, Register, Service, read_register, register_file

WALL = Service(
    code="WALL", type="confirmation", redirect_uris=("https://aalter.example/terug?x=1", "http://127.0.0.1/b")
)
AALTER = Client(
    client_id="aalter", name='Aalter "aan de zee"', jwks_uri="http://127.0.0.1:8000/keys", service=(WALL,),
    national_number=True,
)  # fmt: skip


def test_a_register_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    register = Register(client=(AALTER, Client(client_id="b", name="B", jwks_uri="https://b.example/k", service=())))
    file.write_text(register_file(register), "utf-8")
    assert read_register(file) == register


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('name = "Aalter"', "client_id"),
        ('client_id = "a"\nname = "A"\njwks_uri = "http://elsewhere.example/k"\nservice = []', "https only"),
        ('client_id = "a"\nname = "A"\njwks_uri = "https://a.example/k#x"\nservice = []', "fragment"),
        ('client_id = "a"\nname = "A"\njwks_uri = "https://a.example/k"\nservice = []\nsecret = "x"', "secret"),
        ('client_id = "a', "clients.toml"),
        (
            'client_id = "a"\nname = "A"\njwks_uri = "https://a.example/k"\n'
            '[[client.service]]\ncode = "X"\ntype = "other"\nredirect_uris = []',
            "type",
        ),
    ],
)
def test_a_register_that_is_wrong_is_refused_saying_where(tmp_path: Path, change: str, says: str) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(f"[[client]]\n{change}\n", "utf-8")
    with pytest.raises(ClientsUnusable, match=says):
        read_register(file)


def test_a_name_said_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(register_file(Register(client=(AALTER, AALTER))), "utf-8")
    with pytest.raises(ClientsUnusable, match="twice: aalter"):
        read_register(file)


def test_the_command_stops_with_two_when_there_is_no_register(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "onthaal.simulator", "itsme", "--port", "0", "--clients", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "none" in done.stderr


def test_a_register_that_is_no_text_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ClientsUnusable, match=r"clients\.toml"):
        read_register(file)


def test_a_port_that_cannot_be_is_refused_in_words() -> None:
    said = CliRunner().invoke(app, ["simulator", "itsme", "--port", "99999"])
    assert said.exit_code == 2
    assert "--port" in said.stderr
