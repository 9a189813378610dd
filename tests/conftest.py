"""What every test may ask for: a real PostgreSQL, and Django on it as the application role."""

from __future__ import annotations

import functools
import gc
import importlib.util
import os
import secrets
import shutil
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import psycopg
import pytest
from httpx._config import create_ssl_context
from httpx._transports import default
from psycopg import sql

from onthaal.demo.postgres import Postgres, Urls
from tests import compiled, quick_pins
from tests.provider.fixture import provider  # noqa: F401 (a fixture that any test may ask for)
from tests.together import Together, scheduler

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker
    from xdist.remote import Producer

SETTINGS = "onthaal.central.web.settings"
NOBODY_ASKS_FOR = {
    "_dj_autoclear_mailbox", "_django_clear_site_cache", "_django_isolate_apps", "_django_setup_unittest",
    "_live_server_helper", "_template_string_if_invalid_marker",
}  # fmt: skip
"""What pytest-django sets up for every test, for what no test of ours has: a third of what a short one costs."""
SERVER = pytest.StashKey[Postgres]()
SUPERUSER = "TESTS_SUPERUSER_URL"
"""Names where workers find the server's superuser in the environment they inherit."""
LEFT_BEHIND_AFTER = 6 * 3600  # seconds; a killed run cannot clear up after itself
TESTS = Path(__file__).parent
LONGEST = (
    "journeys", "central/faces/staff/test_in_the_browser.py", "architecture/test_types.py",
    "proof/test_promise_08_killed_anywhere.py", "emulator/test_page.py", "kiosk/screen/test_in_the_browser.py",
    "central/web/test_commands.py", "central/faces/citizen/test_in_the_browser.py",
    "central/web/test_promise_11_routes.py", "central/identity/test_the_twenty", "proof/test_promise_09_any_line.py",
    "simulator/test_page.py", "proof/test_promise_02_04_walks.py", "demo/test_postgres.py",
    "central/web/test_admin.py", "kiosk/test_runner_doors.py", "kiosk/drivers/test_lock_bus.py",
    "kiosk/test_runner_adverse.py", "kiosk/drivers/test_one_question_at_a_time.py",
)  # fmt: skip
"""Files and folders that take 15 seconds or more: begun last, one of them would keep one core busy alone."""
KEPT_BETWEEN_TESTS = {"django_migrations", "django_content_type", "auth_permission"}
GARBAGE = (20_000, 20, 20)
"""How often it is collected, once the tests were: seldom. A run is short, and its memory goes with its processes."""

IN_MEMORY, ROOM_IN_MEMORY = Path("/dev/shm"), 2 * 2**30
"""Where `tmp_path` stands when there is room: a store's sync is asked for as ever, and no disk is waited for."""
CHAIN = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")
"""What `load_middleware` of Django's handlers sets."""

hypothesis.settings.register_profile("onthaal", deadline=None, print_blob=True)
hypothesis.settings.load_profile("onthaal")


def _remove_left_behind(home: Path) -> None:
    for folder in home.glob("onthaal-tests-*"):
        if time.time() - folder.stat().st_mtime > LEFT_BEHIND_AFTER:
            shutil.rmtree(folder, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """Say where the database will be before Django reads its settings.

    One server a run. Workers find it in the environment they inherit, so with workers it is up before they are;
    without, it starts when the first test asks for it.
    """
    quick_pins.pay(quick_pins.CHEAP)
    for name in ("sniffio", "trio"):  # httpcore looks for them at every question
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = None  # type: ignore[assignment]
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_IN_MEMORY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
    workers = getattr(config.option, "numprocesses", None)
    if not workers:  # itself runs tests
        gc.disable()
    if hasattr(config, "workerinput"):
        return
    home = Path("/var/tmp")
    for place in (home, IN_MEMORY):
        _remove_left_behind(place)
    folder = Path(tempfile.mkdtemp(prefix="onthaal-tests-", dir=home))
    folder.chmod(0o711)  # started by root the server is `nobody`, who must pass through
    server = config.stash[SERVER] = Postgres(folder / "postgres", durable=False)
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_hex(32))
    os.environ.update(server.claim().environment(), ONTHAAL_SECRET_KEY_FILE=str(secret))
    os.environ[SUPERUSER] = server._url("postgres")
    if workers:
        compiled.once(config)
        server.start()
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    django.setup()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Who runs what: see `together.py`."""
    return scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first, after the rest was shuffled. A folder stays together: what its stories share ends then."""
    items.sort(key=lambda item: _turn(item.path))
    for item in items:
        if isinstance(item, pytest.Function):
            item.fixturenames = [name for name in item.fixturenames if name not in NOBODY_ASKS_FOR]


def pytest_collection_finish() -> None:
    """What was read until now stays until the end: no collection of garbage looks through it again."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


@functools.cache
def _turn(path: Path) -> int:
    where = path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else ""
    return next((turn for turn, long in enumerate(LONGEST) if where.startswith(long)), len(LONGEST))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no server and no folder."""
    server = config.stash.get(SERVER, None)
    if server is not None:
        server.stop()
        shutil.rmtree(server.data.parent)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Urls:
    """The run's PostgreSQL: where to connect as the application and as the owner. Up when you get it."""
    server = pytestconfig.stash.get(SERVER, None)
    if server is not None and server.pid is None:
        server.start()
    return Urls(app=os.environ["ONTHAAL_DATABASE_URL"], owner=os.environ["ONTHAAL_OWNER_DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_setup(
    postgres: Urls,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The owner makes and migrates the test database; the tests use it as the application role."""
    from django.db import connections
    from django.test import override_settings

    from tests import quick_database  # Django is not set up yet when this file is read

    with django_db_blocker.unblock():
        owner, application = connections["owner"], connections["default"]
        plain = owner.settings_dict["NAME"]
        name = quick_database.made()
        application.close()
        application.settings_dict["NAME"] = name
        quick_database.keep_statements()
    with override_settings(PASSWORD_HASHERS=["tests.quick_hasher.QuickHasher"]):
        yield
    with django_db_blocker.unblock():
        connections.close_all()
        owner.creation.destroy_test_db(plain, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _one_chain_of_middleware() -> Iterator[None]:
    """Every test client of a run shares the chain that the first built, until a test turns a setting: building it reads
    every static file's place and times, once a client."""
    from django.core.signals import setting_changed
    from django.test.client import ClientHandler

    built: dict[str, object] = {}
    load = ClientHandler.load_middleware

    def shared(self: ClientHandler, is_async: bool = False) -> None:
        if not built:
            load(self, is_async)
            built.update({name: getattr(self, name) for name in CHAIN})
        vars(self).update(built)

    def forgotten(**_: object) -> None:
        built.clear()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ClientHandler, "load_middleware", shared)
        setting_changed.connect(forgotten)
        yield
        setting_changed.disconnect(forgotten)


@pytest.fixture(scope="session", autouse=True)
def _roots_are_read_once() -> Iterator[None]:
    """Every HTTP client that takes the public roots has its own TLS context: made once a run, they are dear to read."""
    made = functools.cache(create_ssl_context)

    def shared(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        usual = verify is True and cert is None
        return made(trust_env=trust_env) if usual else create_ssl_context(verify, cert, trust_env)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(default, "create_ssl_context", shared)
        yield


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[psycopg.Connection]:
    """A connection of the owner to the test database, committing at once. It does not see the rows of a test that
    runs in a transaction."""
    from django.db import connections

    parameters = connections["owner"].get_connection_params()
    for ours in ("cursor_factory", "context", "prepare_threshold", "server_side_binding"):
        parameters.pop(ours, None)
    with psycopg.connect(**parameters, autocommit=True) as connection:
        yield connection


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let this test commit for real; every row is gone again after it.

    For races and for tests with other processes. (`transaction=True` would flush nothing: the application role may
    not truncate.) Threads of the test close their own connections.
    """
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
        _empty(str(connections["default"].settings_dict["NAME"]))


def _empty(database: str) -> None:
    """Delete every row past fences, triggers and references, as the superuser may. Truncating would make every file of
    every table and index anew. Who still writes is waited for."""
    with psycopg.connect(os.environ[SUPERUSER], dbname=database) as superuser:
        rows = superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = [sql.Identifier(name) for name in sorted({name for (name,) in rows} - KEPT_BETWEEN_TESTS)]
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.SQL(", ").join(tables)))
        superuser.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in tables))
