"""Collections heard per second over HTTP, and beside it the same statements and hashing by psycopg alone.

One POST holds the facts of one collection. Real granian, real PostgreSQL, durability on; every run on a fresh copy of
the same database. The recorded statements are those that hearing really made, with their values.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psutil
import psycopg
from psycopg import sql
from rich.table import Table

from bench import machine
from onthaal.demo.leash import leashed
from onthaal.demo.postgres import Postgres, Urls

CLIENTS, PROCESSES, WALLS = 4, 2, 40
AT_LEAST = 0.5
"""Of the rate of psycopg alone."""
STATEMENTS = 6
HOUSEKEEPING = re.compile(r"set_config|^(BEGIN|COMMIT|SAVEPOINT|RELEASE)|^SELECT 1$")


class Run(msgspec.Struct, frozen=True):
    """One measured run."""

    seconds: float
    milliseconds: list[float]
    """Of each POST."""
    processor: float = 0.0
    """Seconds of processor time, of the centre and of PostgreSQL; the clients' not."""

    @property
    def rate(self) -> float:
        return len(self.milliseconds) / self.seconds


def run() -> tuple[Table, bool]:
    """The table, and whether both goals are met."""
    with tempfile.TemporaryDirectory(prefix="onthaal-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        secret = Path(folder) / "secret"
        secret.write_text("00" * 32)
        secret.chmod(0o600)
        with Postgres(Path(folder) / "postgres", durable=True) as server:
            os.environ |= {
                **server.urls.environment(),
                "ONTHAAL_SECRET_KEY_FILE": str(secret),
                "DJANGO_SETTINGS_MODULE": "onthaal.central.web.settings",
            }
            version, walls = _town(server.urls)
            recorded, statements = _recorded(server.urls, walls)
            heard = _over_http(_copy(server.urls, "onthaal_http"), walls, server.pid)
            floor = _alone(_copy(server.urls, "onthaal_alone"), recorded)
    return _table(heard, floor, statements, version)


def _table(heard: Run, floor: Run, statements: int, version: str) -> tuple[Table, bool]:
    ratio = heard.rate / floor.rate
    met = ratio >= AT_LEAST and statements <= STATEMENTS
    columns = ["Collections heard", "a second", "p50 ms", "p99 ms", "CPU ms each", "statements each"]
    table = machine.table(
        f"(b) {CLIENTS} clients, {PROCESSES} server processes, PostgreSQL {version}, durability on", columns
    )
    for name, run in (("over HTTP", heard), ("psycopg alone, same statements and hashing", floor)):
        table.add_row(
            name,
            f"{run.rate:.0f}",
            f"{machine.percentile(run.milliseconds, 50):.1f}",
            f"{machine.percentile(run.milliseconds, 99):.1f}",
            f"{1000 * run.processor / len(run.milliseconds):.2f}" if run.processor else "",
            str(statements),
        )
    table.caption = (
        f"goal: at least {AT_LEAST:.0%} of psycopg's rate ({ratio:.0%}), at most {STATEMENTS} statements "
        f"({statements}): {'met' if met else 'MISSED'}"
    )
    return table, met


# the town, and copies of it


def _town(urls: Urls) -> tuple[str, list[Any]]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from bench import town

    call_command("migrate", database="owner", verbosity=0, skip_checks=True)
    _, walls = town.build(WALLS)
    connections.close_all()
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        (version,) = connection.execute("SHOW server_version").fetchone() or ("?",)
    return version, walls


def _copy(urls: Urls, name: str) -> Urls:
    """A copy of the town's database: what runs on it finds it as it was built."""
    plain = urlsplit(urls.owner).path.strip("/")
    with psycopg.connect(_named(urls.owner, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(plain))
        )
    return Urls(app=_named(urls.app, name), owner=_named(urls.owner, name))


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


# what hearing says to the database


def _recorded(urls: Urls, walls: list[Any]) -> tuple[list[list[Any]], int]:
    """Hear every POST once on a copy, and keep its statements: per client, per POST. And how many each has."""
    from django.db import connections

    from onthaal.central.lockers.devices import queries
    from onthaal.central.lockers.devices.hearing import hear

    copy = _copy(urls, "onthaal_recorded")
    connection = connections["default"]
    plain = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = urlsplit(copy.app).path.strip("/")
    asked: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], query: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 (Django calls it so)
        asked.append((query, values))
        return execute(query, values, many, context)

    recorded: list[list[Any]] = [[] for _ in range(CLIENTS)]
    with connection.execute_wrapper(keep):
        for number, wall in enumerate(walls):
            for telling in wall.tellings:
                asked.clear()
                device = queries.device_of(telling.device)
                assert device is not None
                hear(device, telling.body)
                recorded[number % CLIENTS].append((telling.body, list(asked)))
    counts = {sum(not HOUSEKEEPING.search(query) for query, _ in asked) for each in recorded for _, asked in each}
    connections.close_all()
    connection.settings_dict["NAME"] = plain
    return recorded, max(counts)


# over HTTP


def _over_http(urls: Urls, walls: list[Any], postgres: int | None) -> Run:
    port = machine.free_port()
    with _serving(urls, port) as server:
        watched = [*_family(server), *_family(postgres)]
        before = _processor(watched)
        plain = [(wall.key, [(telling.device, telling.body) for telling in wall.tellings]) for wall in walls]
        shares = [plain[client::CLIENTS] for client in range(CLIENTS)]
        seconds, milliseconds = _at_once(_client, [(port, share) for share in shares])
        watched = [*_family(server), *_family(postgres)]
        return Run(seconds, milliseconds, _processor(watched) - before)


@contextmanager
def _serving(urls: Urls, port: int) -> Iterator[int]:
    environment = {**os.environ, **urls.environment()}
    command = [
        sys.executable, "-m", "onthaal", "central", "serve", "--port", str(port), "--stream-port",
        str(machine.free_port()), "--workers", str(PROCESSES), "--threads", "2",
    ]  # fmt: skip
    server = subprocess.Popen(leashed(command, by=signal.SIGTERM), env=environment)
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError("the centre did not start")
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/alive/")
        return line.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        line.close()


def _family(pid: int | None) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def _processor(processes: list[psutil.Process]) -> float:
    used = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        used += times.user + times.system
    return used


def _client(start: Any, given: tuple[int, list[Any]]) -> list[float]:
    """POST the share, one after the other, over one connection; milliseconds of each."""
    from onthaal.clock import now
    from onthaal.proofs.devices import DeviceKey

    port, share = given
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.connect()
    folder = Path(tempfile.mkdtemp())
    took = []
    keys = []
    for number, (pem, _) in enumerate(share):
        (folder / str(number)).write_bytes(pem)
        keys.append(DeviceKey.load(folder / str(number)))
    start.wait()
    for key, (_, tellings) in zip(keys, share, strict=True):
        for device, body in tellings:
            signed = key.header(device=device, method="POST", path="/device/v1/facts", body=body, at=now())
            began = time.perf_counter()
            line.request("POST", "/device/v1/facts", body, {"Authorization": signed})
            answer = line.getresponse()
            said = answer.read()
            took.append(1000 * (time.perf_counter() - began))
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"{answer.status}: {said[:200]!r}")
    return took


# psycopg alone


def _alone(urls: Urls, recorded: list[list[Any]]) -> Run:
    given = [(urls.app, pickle.dumps(share)) for share in recorded]
    seconds, milliseconds = _at_once(_replay, given)
    return Run(seconds, milliseconds)


def _replay(start: Any, given: tuple[str, bytes]) -> list[float]:
    """Make a share's statements, and hash what hearing hashes; milliseconds of each POST."""
    from onthaal.core import chain, facts
    from onthaal.core.protocol import Told

    url, pickled = given
    share = pickle.loads(pickled)  # noqa: S301 (made by ourselves a moment ago)
    told = [msgspec.json.decode(body, type=Told).facts for body, _ in share]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.prepare_threshold = 3
        took = []
        start.wait()
        for (_, asked), heard in zip(share, told, strict=True):
            began = time.perf_counter()
            head = b"\0" * 32
            for fact in heard:
                facts.follows(fact, head)
                head = bytes.fromhex(fact.hash)
            # The first looks up the device, before there is a scope.
            connection.execute(*asked[0])
            with connection.transaction():
                for query, values in asked[1:]:
                    connection.execute(query, values)
                    if "entries" in (values or {}):
                        for entry in msgspec.json.decode(values["entries"]):
                            head = chain.link(head, chain.canonical(entry))
            took.append(1000 * (time.perf_counter() - began))
    return took


def _at_once(work: Callable[..., list[float]], given: list[Any]) -> tuple[float, list[float]]:
    """Run `work` in one process each, all starting together. Seconds in all, and every POST's milliseconds."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(len(given) + 1)
    answers = context.Queue()
    processes = [context.Process(target=_working, args=(work, start, each, answers), daemon=True) for each in given]
    for process in processes:
        process.start()
    start.wait(120)
    began = time.perf_counter()
    took = [answers.get(timeout=600) for _ in processes]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    failed = [error for error in took if isinstance(error, str)]
    if failed:
        raise RuntimeError(failed[0])
    return seconds, [one for each in took for one in each]


def _working(work: Callable[..., list[float]], start: Any, given: Any, answers: Any) -> None:
    try:
        answers.put(work(start, given))
    except Exception as error:  # noqa: BLE001 (told to the process that waits)
        start.abort()
        answers.put(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    from rich import print as show

    made, met = run()
    show(made)
    sys.exit(not met)
