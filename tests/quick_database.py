"""A test database for little: migrated once a run, and a statement planned once a connection.

As a row is fenced and a constraint kept, so they are here: it is the same role, in the same tables.
"""

from __future__ import annotations

import psycopg
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.backends.signals import connection_created
from psycopg import sql
from psycopg._preparing import PrepareManager

MIGRATED = "test_migrated"
_ONE_MAKES_IT = 1  # the number of a lock
_COPY = "CREATE DATABASE {} TEMPLATE {}"
_PLAN_ONCE = "ALTER DATABASE {} SET plan_cache_mode = force_generic_plan"


class Kept(PrepareManager):
    """Statements that stay prepared after a rollback: as nothing drops a table while tests run, they stay good."""

    prepare_threshold = 1  # the second time
    prepared_max = 3000  # more than all tests of the centre ask

    def clear(self) -> bool:
        return False


def keep_statements() -> None:
    """From now on, of every new connection as the application."""
    connection_created.connect(_keep)


def _keep(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.alias == "default":
        assert connection.connection is not None
        connection.connection._prepared = Kept()


def made() -> str:
    """The name of a new test database, to which the owner's connection now goes.

    Workers of one run copy what the first of them migrated.
    """
    owner = connections["owner"]
    with psycopg.connect(**owner.get_connection_params(), autocommit=True) as beside:
        beside.execute("SELECT pg_advisory_lock(%s)", [_ONE_MAKES_IT])
        if beside.execute("SELECT FROM pg_database WHERE datname = %s", [MIGRATED]).fetchone() is None:
            _migrate(owner)
        name = str(owner.settings_dict["TEST"]["NAME"] or f"{TEST_DATABASE_PREFIX}{owner.settings_dict['NAME']}")
        for statement in (_COPY, _PLAN_ONCE):
            beside.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(MIGRATED)))
    settings.DATABASES["owner"]["NAME"] = owner.settings_dict["NAME"] = name
    return name


def _migrate(owner: BaseDatabaseWrapper) -> None:
    plain, own = owner.settings_dict["NAME"], owner.settings_dict["TEST"]["NAME"]
    owner.settings_dict["TEST"]["NAME"] = MIGRATED
    owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    owner.close()
    owner.settings_dict["TEST"]["NAME"], owner.settings_dict["NAME"] = own, plain
