"""The two database roles: the owner makes the tables, the application works in them and owns nothing.

Wired to Django's migration signals: while migrations run the owner may see every row (adding a foreign key checks
rows as the owner); after them every fenced table is forced, for the owner too, and the rights are set again.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models import Model
from psycopg import sql

OWNER = "owner"
APPLICATION = "default"
RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


class OnlyTheOwnerMigrates:
    """Database router: everything is read and written as the application; only the owner changes tables."""

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        return db == OWNER


def application_role() -> str:
    return str(settings.DATABASES[APPLICATION]["USER"])


def _run(using: str, statement: str, **names: str) -> None:
    with connections[using].cursor() as cursor:
        parts = {name: sql.Identifier(value) for name, value in names.items()}
        cursor.execute(sql.SQL(statement).format(**parts).as_string(cursor.connection))


def fenced_tables(using: str) -> list[tuple[str, bool]]:
    """(table, forced) of every table with row-level security."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT relname, relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY relname"
        )
        return [(str(name), bool(forced)) for name, forced in cursor.fetchall()]


def before_migrations(*, using: str, **_: Any) -> None:
    """Let the owner see all rows while it migrates, and give the application its rights on what will be made."""
    if using != OWNER:
        return
    for table, _forced in fenced_tables(using):
        _run(using, "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", table=table)
    role = application_role()
    _run(using, f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {RIGHTS} ON TABLES TO {{role}}", role=role)
    _run(using, "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}", role=role)


def after_migrations(*, using: str, **_: Any) -> None:
    """Force every fence, and take from the application what it must never do to append-only tables."""
    if using != OWNER:
        return
    for table, _forced in fenced_tables(using):
        _run(using, "ALTER TABLE {table} FORCE ROW LEVEL SECURITY", table=table)
    role = application_role()
    for model in apps.get_models():
        for right in rights_withheld(model):
            _run(using, f"REVOKE {right} ON {{table}} FROM {{role}}", table=model._meta.db_table, role=role)
    _run(using, "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}", role=role)


def rights_withheld(model: type[Model]) -> tuple[str, ...]:
    """What the application may not do to a model's rows: its attribute `withheld`, by default nothing."""
    withheld: tuple[str, ...] = getattr(model, "withheld", ())
    return withheld
