"""The two roles and the one database that the centre expects, made on a server of our own. Harmless when they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg import sql

OWNER: Final = "onthaal_owner"
APPLICATION: Final = "onthaal_app"
DATABASE: Final = "onthaal"
EXTENSIONS: Final = ("btree_gist", "pg_trgm", "unaccent")


def make_roles(superuser: psycopg.Connection[Any], passwords: Mapping[str, str]) -> None:
    """The owner may make databases; neither role is a superuser or passes row-level security."""
    for role, may in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
        known = superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        statement = "{verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {may} PASSWORD {password}"
        superuser.execute(
            sql.SQL(statement).format(
                verb=sql.SQL("ALTER" if known else "CREATE"),
                role=sql.Identifier(role),
                may=sql.SQL(may),
                password=sql.Literal(passwords[role]),
            )
        )


def make_database(superuser: psycopg.Connection[Any]) -> None:
    """The database belongs to the owner."""
    if superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        return
    names = {"name": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER)}
    superuser.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))


def add_extensions(owner: psycopg.Connection[Any]) -> None:
    """Trusted extensions: the owner of the database adds them itself, here as in production."""
    for name in EXTENSIONS:
        owner.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
