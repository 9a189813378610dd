"""`onthaal central …` on the real database; what hangs on the environment or goes on, in processes of their own."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connections
from psycopg.errors import UndefinedTable
from typer.testing import CliRunner, Result

from onthaal import clock
from onthaal.central import commands
from onthaal.central.foundation.identity.models import ClientKey
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import digests
from onthaal.central.foundation.journal.models import Digest, Entry, Following
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.foundation.people.models import Account, Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.web import checks
from onthaal.core import facts
from tests.central.conftest import municipality
from tests.central.devices.cast import Teller, a_wall
from tests.central.foundation.post_office import PostOffice
from tests.central.meanwhile import meanwhile
from tests.free_ports import free_port
from tests.waiting import until

REPORT = (
    "To: bounce+{token}@aalter.example\n"
    "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; x@y\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
)


@pytest.fixture
def here(committed: None) -> Municipality:
    return municipality("aalter", "*")


@pytest.fixture
def environment(here: Municipality) -> dict[str, str]:
    name = str(connections["default"].settings_dict["NAME"])
    urls = {
        variable: os.environ[variable].replace("/onthaal?", f"/{name}?")
        for variable in ("ONTHAAL_DATABASE_URL", "ONTHAAL_OWNER_DATABASE_URL")
    }
    return {**os.environ, **urls}


def central(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "onthaal", "central", *words]
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)


def asked(*words: str, given: bytes = b"") -> Result:
    """The command in this process, which has the settings already."""
    return CliRunner().invoke(commands.app, words, input=given, catch_exceptions=False)


@contextmanager
def running(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "onthaal", "central", *words]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
        sys.stderr.write(said.decode())
    assert process.returncode == 0


def test_a_migrated_database_has_nothing_left_to_migrate(environment: dict[str, str]) -> None:
    without_owner = {name: value for name, value in environment.items() if name != "ONTHAAL_OWNER_DATABASE_URL"}
    assert central(without_owner, "migrate", "--check").returncode == 0
    refused = central(without_owner, "migrate")
    assert refused.returncode == 2
    assert b"ONTHAAL_OWNER_DATABASE_URL is not set" in refused.stderr


def test_check_asks_everything_and_says_what_to_do(here: Municipality, settings: Any) -> None:
    with PostOffice() as office:
        settings.ONTHAAL_MAIL = office.mail
        good = asked("check")
    assert good.exit_code == 0, good.output
    bad = asked("check")
    assert bad.exit_code == 1
    assert "start the mail server" in bad.stdout


def test_what_was_given_up_is_named_by_check_and_put_back_to_work_by_retry(here: Municipality) -> None:
    now = clock.now()
    Following.objects.create(municipality=here, entry=1, follower="announce_ready", due_at=now, gave_up_at=now)
    assert "onthaal central retry" in asked("check").stdout
    assert asked("retry").stdout == "put back to work: 1\n"
    assert Following.objects.get().gave_up_at is None
    assert "onthaal central retry" not in asked("check").stdout


def test_production_refuses_a_clock_that_can_be_turned(environment: dict[str, str], tmp_path: Path) -> None:
    strict = {
        **environment, "ONTHAAL_PRODUCTION": "1", "ONTHAAL_PUBLIC_URL": "https://onthaal.example",
        "ONTHAAL_CLOCK_FILE": str(tmp_path / "clock"),
    }  # fmt: skip
    refused = central(strict, "worker")
    assert refused.returncode == 2
    assert b"onthaal.E001" in refused.stderr


def as_the_page_on_settings_says() -> list[str]:
    """Its command that begins a municipality: the words after `onthaal central`."""
    page = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()
    (said,) = re.findall(r"onthaal central (found .*?)```", page, re.DOTALL)
    return shlex.split(said.replace("\\\n", " "))


def test_a_first_municipality_and_its_administrator_are_made_as_the_page_on_settings_says(committed: None) -> None:
    said = asked(*as_the_page_on_settings_says())
    assert said.exit_code == 0, said.output
    begun = Municipality.objects.get()
    assert (begun.slug, begun.host, begun.languages) == ("aalter", "onthaal.aalter.example", ["nl", "fr", "en"])
    with acting_for(begun.pk):
        account = Account.objects.get()
        assert [entry.kind for entry in Entry.objects.all()] == ["account.created"]
    assert account.roles == ["administrator"]
    assert account.check_password(said.stdout.split()[-1])


@pytest.mark.parametrize(
    ("option", "given", "about"),
    [
        ("--host", "https://onthaal.aalter.example/", "host: Give the name alone"),
        ("--host", "Aalter", "host: Only a municipality that is alone answers any host"),
        ("--duty-address", "wacht", "duty_address: "),
        ("--languages", "nl,de", "languages: "),
        ("--administrator", "Ingrid Dubois", "administrator: Give a user name"),
    ],
)
def test_a_municipality_that_cannot_be_so_is_not_made_and_is_told_why(
    committed: None, option: str, given: str, about: str
) -> None:
    if given == "Aalter":
        municipality("beernem", "*")
    before = Municipality.objects.count()
    said = asked(*as_the_page_on_settings_says(), option, given)
    assert said.exit_code == 2
    assert about in said.stderr
    assert Municipality.objects.count() == before


def test_a_municipality_that_is_there_is_not_made_again(here: Municipality) -> None:
    Municipality.objects.update(host="onthaal.aalter.example")
    said = asked(*as_the_page_on_settings_says())
    assert said.exit_code == 2
    assert "slug: Municipality with this Slug already exists." in said.stderr
    assert "host: Municipality with this Host already exists." in said.stderr


def test_a_missing_secret_is_said_with_the_way_to_make_one(environment: dict[str, str], tmp_path: Path) -> None:
    refused = central({**environment, "ONTHAAL_SECRET_KEY_FILE": str(tmp_path / "none")}, "check")
    assert refused.returncode == 2
    assert b"openssl rand -hex 32" in refused.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [("check", 1), ("verify", 1), ("keys", 1), ("retry", 1), ("restored", 1), ("migrate", 1), ("bounce", 75)],
)
def test_a_database_that_is_away_is_said_in_words(
    here: Municipality, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("connection failed: Connection refused")

    given = REPORT.format(token="0" * 30).encode()
    connections.close_all()
    for name in ("default", "owner"):  # not of the class: what Django forbade a test once stays on the connection
        monkeypatch.setattr(connections[name], "connect", away)
    said = asked(command, given=given)
    assert said.exit_code == code, "a mail server tries again after 75 (EX_TEMPFAIL)"
    assert said.stderr == "The database does not answer: connection failed: Connection refused\n"


@pytest.mark.parametrize("command", ["verify", "keys", "retry", "restored", "bounce"])
def test_a_database_without_tables_is_said_with_what_to_do(
    here: Municipality, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def bare(*_: object) -> None:
        raise ProgrammingError('relation "foundation_municipality" does not exist') from UndefinedTable("none")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", bare)
    said = asked(command, given=REPORT.format(token="0" * 30).encode())
    assert said.exit_code in {1, 75}
    assert "onthaal central migrate" in said.stderr


def test_check_of_a_database_without_tables_ends_with_what_to_do(
    here: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "unapplied", lambda: ["foundation 0001_initial"])
    with connections["default"].execute_wrapper(no_municipality):
        said = asked("check")
    assert said.exit_code == 1
    assert "run `onthaal central migrate`" in said.stdout


def no_municipality(execute: Any, statement: str, *rest: Any) -> Any:
    assert 'FROM "foundation_municipality"' not in statement, "there is no such table yet"
    return execute(statement, *rest)


@pytest.mark.parametrize("file", ["nowhere/digests.jsonl", ""])
def test_digests_that_cannot_be_written_are_said_in_words(here: Municipality, tmp_path: Path, file: str) -> None:
    said = asked("verify", "--export", str(tmp_path / file))
    assert said.exit_code == 1
    assert str(tmp_path) in said.stderr


@pytest.mark.parametrize(
    "wrong", [("--port", "99999"), ("--port", "0"), ("--stream-port", "99999"), ("--workers", "-1"), ("--threads", "0")]
)
def test_serve_refuses_numbers_that_cannot_be(wrong: tuple[str, str]) -> None:
    said = asked("serve", *wrong)
    assert said.exit_code == 2
    assert wrong[0] in said.stderr


def test_serve_names_an_address_that_somebody_has_before_it_begins() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as one of our own does
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        said = asked("serve", "--port", str(taken), "--stream-port", str(free_port()))
    assert said.exit_code == 1
    assert f"127.0.0.1:{taken}" in said.stderr
    same = free_port()
    said = asked("serve", "--port", str(same), "--stream-port", str(same))
    assert said.exit_code == 2
    assert "a port of its own" in said.stderr


def test_verify_passes_and_finds_the_first_break(here: Municipality, owner: psycopg.Connection, tmp_path: Path) -> None:
    with acting_for(here.pk):
        for kind in ("handover.planned", "handover.loaded", "handover.waiting"):
            journal.note(stream="handover:12", kind=kind)
        digests.sign_day(clock.now())
    whole = asked("verify", "--export", str(tmp_path / "digests"))
    assert whole.exit_code == 0, whole.output
    (digest,) = [json.loads(line) for line in (tmp_path / "digests").read_text().splitlines()]
    assert digest["heads"]["handover:12"][0] == 3
    with owner.transaction():
        owner.execute("ALTER TABLE foundation_entry NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE foundation_entry SET by = 'somebody-else' WHERE number = 2")
        owner.execute("ALTER TABLE foundation_entry FORCE ROW LEVEL SECURITY")
    broken = asked("verify")
    assert broken.exit_code == 1
    assert "aalter: handover:12 breaks at entry 2" in broken.stderr


def test_verify_finds_no_break_in_what_walls_tell_meanwhile(committed: None) -> None:
    wall = a_wall(municipality("aalter", "*"))
    one, other = Teller(log="log-a"), Teller(log="log-b")
    for teller in (one, other):
        teller.says(facts.HelpAsked(session="s"))
        hear(wall.device, teller.post())
    other.says(facts.HelpAsked(session="more"))
    with meanwhile(lambda: hear(wall.device, other.post()), before="lockers_heardfact"):
        checked = asked("verify")
    assert (checked.exit_code, checked.stderr) == (0, "")


def test_keys_are_replaced_for_one_municipality_or_all(here: Municipality) -> None:
    for words in (("keys",), ("keys", "--municipality", "aalter")):
        made = asked(*words)
        assert made.exit_code == 0, made.output
        assert made.stdout.startswith("aalter: sig-")
    with acting_for(here.pk):
        assert ClientKey.objects.count() == 4
    unknown = asked("keys", "--municipality", "nergens")
    assert unknown.exit_code == 2
    assert "there is no municipality nergens" in unknown.stderr


def test_restored_begins_a_new_epoch(here: Municipality) -> None:
    assert asked("restored").stdout == "aalter: epoch 2\n"
    with acting_for(here.pk):
        assert Entry.objects.get(kind="municipality.restored").data == {"epoch": 2}


def test_after_restored_nobody_gets_a_number_that_a_wall_keeps_of_somebody_else(here: Municipality) -> None:
    tables = ("lockers_handover", "lockers_grant", "lockers_item", "lockers_identification")

    def given_out() -> list[int]:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(name, 'id')) FROM unnest(%s::text[]) AS name", [list(tables)]
            )
            return [int(number) for (number,) in cursor.fetchall()]

    before = given_out()
    assert asked("restored").exit_code == 0
    assert all(new > old + 1_000_000 for old, new in zip(before, given_out(), strict=True))


def test_restored_without_the_owner_says_so_and_begins_nothing(
    here: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(settings.DATABASES, "owner")
    refused = asked("restored")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "ONTHAAL_OWNER_DATABASE_URL is not set" in refused.stderr
    here.refresh_from_db()
    assert here.epoch == 1


def test_bounce_reads_a_report_from_standard_input(here: Municipality) -> None:
    with acting_for(here.pk):
        notices.send(kind="alert", address="wacht@aalter.example", about="kiosk:1", slots={"alert": "x"})
    report = REPORT.format(token=ReturnAddress.objects.get().token)
    assert "marked as bounced" in asked("bounce", given=report.encode()).stdout
    refused = asked("bounce", given=b"hello")
    assert refused.exit_code == 2
    assert "no delivery report" in refused.stderr


def test_the_worker_sends_what_is_due_and_stops_when_asked(environment: dict[str, str], here: Municipality) -> None:
    with PostOffice() as office:
        environment["ONTHAAL_SMTP_URL"] = f"smtp://127.0.0.1:{office.mail.port}"
        with running(environment, "worker"):
            with acting_for(here.pk):
                notices.send(kind="alert", address="wacht@aalter.example", about="kiosk:1", slots={"alert": "x"})
            until(lambda: office.received, within=60, what="the mail")
            with acting_for(here.pk):
                until(lambda: Notice.objects.filter(status="sent").exists(), what="marking it sent")
                until(Digest.objects.exists, within=60, what="the digest of the day")


def test_serve_answers_replaces_a_killed_worker_and_leaves_no_process(
    environment: dict[str, str], here: Municipality
) -> None:
    port, stream_port = free_port(), free_port()
    words = ("serve", "--port", str(port), "--stream-port", str(stream_port), "--workers", "1")
    with running(environment, *words) as serving:
        address = f"http://127.0.0.1:{port}/alive/"

        def answered() -> bool:
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    return bool(answer.read() == b"ok\n")
            except OSError:
                return False

        until(answered, within=60, what="an answer")
        until(lambda: listens(stream_port), within=60, what="the streams' port")
        (killed,) = (worker for server in psutil.Process(serving.pid).children() for worker in server.children())
        killed.kill()
        until(lambda: not killed.is_running(), what="the end of the worker that was killed")
        until(answered, within=60, what="an answer from another")
    until(lambda: not listens(port) and not listens(stream_port), what="the end of both servers")


def listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
