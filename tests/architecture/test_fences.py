"""Promise 11, the part the database keeps: every row of a municipality's own is fenced, and the tables that are not
are few, and named here with the reason."""

from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command

UNFENCED = {
    "foundation_municipality": "host name → municipality, before a scope is known",
    "foundation_signintry": "sign-in state: counted before anybody is known; pseudonyms only",
    "foundation_following": "a worker claims it before it knows the municipality; ids only",
    "foundation_returnaddress": "a delivery report names nothing else; ids only",
    "lockers_device": "device key → kiosk, before a scope is known",
    "django_admin_log": "Django's own, unused: the journal notes what was configured",
    "django_session": "a session is read before the account is known",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "auth_group": "Django's own, unused",
    "auth_group_permissions": "Django's own, unused",
    "auth_permission": "names of permissions",
}
UNFENCED_BEGINNINGS = ("procrastinate_",)  # job tables: arguments are ids only

FENCED = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity
"""
TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
POLICIES = """
    SELECT tablename, permissive, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'
"""
FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, confrelid::regclass::text, conname,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def names(owner: psycopg.Connection, question: str) -> set[str]:
    return {str(name) for (name,) in owner.execute(question)}


def test_every_table_is_fenced_or_named_with_its_reason(owner: psycopg.Connection) -> None:
    open_tables = names(owner, TABLES) - names(owner, FENCED)
    unexplained = {name for name in open_tables if not name.startswith(UNFENCED_BEGINNINGS)} - set(UNFENCED)
    assert not unexplained


def test_no_reason_outlives_its_table(owner: psycopg.Connection) -> None:
    assert set(UNFENCED) - names(owner, TABLES) == set()
    assert set(UNFENCED) & names(owner, FENCED) == set()


def test_every_fence_lets_through_the_scopes_municipality_and_nothing_else(owner: psycopg.Connection) -> None:
    policies = {table: rest for table, *rest in owner.execute(POLICIES)}
    assert set(policies) == names(owner, FENCED)
    for table, (permissive, roles, verb, seen, written) in policies.items():
        # Strict: no default, so that a query without a scope is an error and not an empty answer.
        assert (permissive, roles, verb) == ("PERMISSIVE", "{public}", "ALL"), table
        assert seen == written == "(municipality_id = (current_setting('onthaal.municipality'::text))::bigint)", table


def test_every_fenced_table_has_one_policy(owner: psycopg.Connection) -> None:
    counts = owner.execute("SELECT tablename, count(*) FROM pg_policies GROUP BY tablename HAVING count(*) > 1")
    assert counts.fetchall() == []


def test_no_foreign_key_points_into_another_municipality(owner: psycopg.Connection) -> None:
    fenced = names(owner, FENCED)
    loose = [
        f"{name}: {table} → {other}"
        for table, other, name, columns in owner.execute(FOREIGN_KEYS)
        if table in fenced and other in fenced and "municipality_id" not in columns
    ]
    assert not loose, "compose it with the municipality:\n" + "\n".join(loose)


def test_every_relation_between_fenced_rows_is_a_foreign_key(owner: psycopg.Connection) -> None:
    fenced = names(owner, FENCED)
    kept = {(table, column) for table, _, _, columns in owner.execute(FOREIGN_KEYS) for column in columns}
    forgotten = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.is_relation
        and field.related_model
        and model._meta.db_table in fenced
        and field.related_model._meta.db_table in fenced
        and (model._meta.db_table, field.column) not in kept
    ]
    assert not forgotten, "db_constraint=False without its composite foreign key:\n" + "\n".join(forgotten)


def test_the_application_owns_nothing_and_cannot_pass_the_fences(owner: psycopg.Connection) -> None:
    owned = owner.execute(
        "SELECT relname FROM pg_class WHERE relowner = 'onthaal_app'::regrole"
        " UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'onthaal_app'::regrole"
    ).fetchall()
    roles = owner.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname IN ('onthaal_app', 'onthaal_owner')"
    ).fetchall()
    memberships = owner.execute("SELECT count(*) FROM pg_auth_members WHERE member = 'onthaal_app'::regrole").fetchone()
    assert owned == []
    assert roles == [(False,), (False,)]
    assert memberships == (0,)


def test_no_function_runs_with_more_rights_than_its_caller(owner: psycopg.Connection) -> None:
    raised = owner.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    ).fetchall()
    assert raised == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_migrations_say_all_that_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
