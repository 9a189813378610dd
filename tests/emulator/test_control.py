"""The control interface: what a program can do to the wall, and what nobody can."""

import base64
import json
import os
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno

from tests.emulator.process import Running, sends, start


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("control"))
    yield running
    running.stopped()


@pytest.fixture
def wall(emulator: Running) -> Running:
    """The same process for every test, its doors shut and its faults mended."""
    emulator.posts("fault/clear", {})
    for compartment in emulator.state()["compartments"]:
        if compartment["door"] == "open":
            emulator.posts("hand/shut", {"compartment": compartment["number"]})
    return emulator


def test_a_door_is_levered_filled_emptied_and_shut(wall: Running) -> None:
    assert wall.posts("hand/lever", {"compartment": 2})[0] == 200
    thing = wall.posts("hand/make", {"text": "Sleutel"})[1]["thing"]
    assert wall.posts("hand/put", {"compartment": 2, "thing": thing["id"]})[0] == 200
    assert thing in wall.compartment(2)["things"]
    assert wall.posts("hand/take", {"compartment": 2, "thing": thing["id"]})[1]["thing"] == thing
    assert wall.posts("hand/drop", {"thing": thing["id"]})[0] == 200
    assert thing in wall.state()["outside"]
    assert wall.posts("hand/shut", {"compartment": 2})[0] == 200
    assert wall.compartment(2)["door"] == "closed"


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("hand/open", {"compartment": 1}, "bolted"),
        ("hand/shut", {"compartment": 1}, "already_shut"),
        ("hand/take", {"compartment": 1}, "door_closed"),
        ("hand/put", {"compartment": 1, "thing": "x"}, "door_closed"),
        ("hand/open", {"compartment": 77}, "no_compartment"),
        ("hand/drop", {"thing": "nowhere"}, "no_thing"),
        ("hand/make", {"text": ""}, "text_length"),
        ("hand/make", {"text": "x", "tag": "xyz"}, "not_a_tag"),
        ("reader/code", {"text": "two\nlines"}, "not_a_code"),
        ("reader/tag", {"thing": "nowhere"}, "no_thing"),
        ("fault", {"kind": "magic"}, "no_fault"),
        ("power", {"cut": True}, "no_power"),
    ],
)
def test_what_the_world_does_not_allow_is_refused_in_words(wall: Running, path: str, body: object, why: str) -> None:
    before = wall.state()
    status, told = wall.posts(path, body)
    assert (status, told["why"]) == (409, why)
    assert told["error"].strip()
    assert wall.state() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("hand/open", {}),
        ("hand/open", {"compartment": "three"}),
        ("hand/open", {"compartment": 1, "force": True}),
        ("hand/wave", {"compartment": 1}),
        ("hand/open", [1]),
        ("reader/code", {}),
        ("reader/tag", {}),
        ("reader/picture", {"width": 5, "height": 5, "pixels": "AAAA"}),
        ("fault", {"compartment": 1}),
        ("power", {"cut": False}),
    ],
)
def test_a_message_that_is_wrong_is_answered_and_changes_nothing(wall: Running, path: str, body: object) -> None:
    before = wall.state()
    status, told = wall.posts(path, body)
    assert (status, told["why"]) == (400, "malformed")
    assert wall.state() == before


def test_bytes_that_are_no_json_are_refused(wall: Running) -> None:
    status, _ = sends(wall.url + "hand/open", b"\xff{", {"Content-Type": "application/json"})
    assert status == 400


def test_refusals_come_in_the_language_of_the_reader(wall: Running) -> None:
    errors = {wall.posts(f"hand/open?lang={lang}", {"compartment": 1})[1]["error"] for lang in ("nl", "fr", "en")}
    assert len(errors) == 3


def test_a_form_of_another_page_is_refused(wall: Running) -> None:
    form = b'{"compartment": 1}'
    assert sends(wall.url + "hand/lever", form, {"Content-Type": "text/plain"})[0] == 415
    assert sends(wall.url + "hand/lever", form, {"Content-Type": "application/x-www-form-urlencoded"})[0] == 415
    assert wall.posts("hand/lever", {"compartment": 1}, Origin="https://evil.example")[0] == 403
    assert wall.compartment(1)["door"] == "closed"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.7:8120", ""])
def test_a_foreign_name_for_this_machine_is_refused(wall: Running, host: str) -> None:
    assert wall.posts("hand/lever", {"compartment": 1}, Host=host)[0] == 403
    assert sends(wall.url + "state", None, {"Host": host})[0] == 403
    assert wall.compartment(1)["door"] == "closed"


@pytest.mark.parametrize("host", ["localhost:8120", "127.0.0.1", "[::1]:8120"])
def test_this_machines_own_names_are_let_in(wall: Running, host: str) -> None:
    assert sends(wall.url + "state", None, {"Host": host})[0] == 200


def test_the_page_lets_no_foreign_script_in(wall: Running) -> None:
    policy = httpx.get(wall.url, trust_env=False).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_every_change_is_told_on_the_stream(wall: Running) -> None:
    with httpx.stream("GET", wall.url + "events", timeout=30, trust_env=False) as stream:
        told = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
        assert next(told)["compartments"][3]["door"] == "closed"
        wall.posts("hand/lever", {"compartment": 4})
        assert next(told)["compartments"][3]["door"] == "open"


def test_a_picture_of_a_qr_code_is_read_and_goes_over_the_line(wall: Running) -> None:
    rows = [list(row) for row in segno.make("GZ1:PICTURE", error="m").matrix_iter(scale=4, border=4)]
    pixels = bytes(0 if dark else 255 for row in rows for dark in row)
    body = {"width": len(rows[0]), "height": len(rows), "pixels": base64.b64encode(pixels).decode()}
    line = os.open(wall.lines["codes"], os.O_RDWR | os.O_NOCTTY)
    try:
        assert wall.posts("reader/picture", body) == (200, {"text": "GZ1:PICTURE"})
        assert os.read(line, 64) == b"GZ1:PICTURE\r"
    finally:
        os.close(line)


def test_a_picture_without_a_code_is_refused(wall: Running) -> None:
    body = {"width": 40, "height": 40, "pixels": base64.b64encode(b"\xff" * 1600).decode()}
    assert wall.posts("reader/picture", body)[1]["why"] == "no_code_in_image"


def test_a_tag_stays_in_the_field_until_it_is_taken_away(wall: Running) -> None:
    thing = wall.posts("hand/make", {"text": "Vlag", "tag": "E280116060000000000000A7"})[1]["thing"]
    wall.posts("reader/tag", {"thing": thing["id"]})
    assert wall.state()["reader"] == {"tag": thing["tag"], "thing": thing["id"]}
    wall.posts("reader/tag/clear", {})
    assert wall.state()["reader"] == {"tag": None, "thing": None}


def test_putting_a_thing_in_takes_it_from_the_reader(wall: Running) -> None:
    thing = wall.posts("hand/make", {"text": "Vlag", "tag": "new"})[1]["thing"]
    wall.posts("reader/tag", {"thing": thing["id"]})
    wall.posts("hand/lever", {"compartment": 8})
    wall.posts("hand/put", {"compartment": 8, "thing": thing["id"]})
    assert wall.state()["reader"]["tag"] is None


def test_cutting_the_power_tells_whoever_runs_the_agent(tmp_path: Path) -> None:
    told: list[bytes] = []

    class Breaker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any, **__: Any) -> None:
            """Say nothing."""

    with socketserver.TCPServer(("127.0.0.1", 0), Breaker) as breaker:
        threading.Thread(target=breaker.serve_forever, daemon=True).start()
        running = start(tmp_path, "--power-url", f"http://127.0.0.1:{breaker.server_address[1]}/cut")
        try:
            assert running.posts("power", {"cut": True})[0] == 200
        finally:
            running.stopped()
            breaker.shutdown()
    assert [json.loads(body) for body in told] == [{"cut": True}]
