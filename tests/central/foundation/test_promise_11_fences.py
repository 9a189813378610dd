"""Promise 11: nothing of one municipality reads or writes another's rows. Here: every table, as the application role,
through the ORM and past it. (That every route keeps it is tried in tests/central/web.)"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction

from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import NestedScope, NoScope, acting_for
from tests.central.foundation.rows_of_every_kind import TENANT_MODELS, made_up

NOT_FENCED = {
    # asked before a municipality is known, or the same for all; ids and keys only
    "foundation.Municipality", "foundation.Following", "foundation.ReturnAddress", "foundation.SignInTry",
    "lockers.Device", "sessions.Session", "contenttypes.ContentType", "auth.Permission", "auth.Group",
    "admin.LogEntry",
}  # fmt: skip

every_table = pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)


@pytest.fixture
def undone(db: None) -> Iterator[None]:
    """Undo all of it before any foreign key is looked at."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def a_row_of_deinze(undone: None, deinze: Municipality, model: type[Row]) -> int:
    with acting_for(deinze.pk):
        row = made_up(model)
        row.save(force_insert=True)
        assert model.objects.count() == 1
    return int(row.pk)


def affected(statement: str, *values: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


@every_table
def test_promise_11_another_municipalitys_row_is_not_there(
    model: type[Row], a_row_of_deinze: int, aalter: Municipality
) -> None:
    table = model._meta.db_table
    withheld = getattr(model, "withheld", ())
    with acting_for(aalter.pk):
        assert not model.objects.filter(pk=a_row_of_deinze).exists()
        assert not model._base_manager.filter(pk=a_row_of_deinze).exists()
        assert affected(f"SELECT 1 FROM {table}") == 0
        if "UPDATE" not in withheld:
            assert affected(f"UPDATE {table} SET municipality_id = %s", aalter.pk) == 0
        if "DELETE" not in withheld:
            assert affected(f"DELETE FROM {table}") == 0


@every_table
def test_promise_11_a_row_cannot_be_written_into_another_municipality(
    model: type[Row], undone: None, aalter: Municipality, deinze: Municipality
) -> None:
    with acting_for(aalter.pk):
        row = made_up(model)
        row.municipality_id = deinze.pk
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)


@every_table
def test_promise_11_without_a_scope_nothing_is_answered(model: type[Row], db: None) -> None:
    with pytest.raises(NoScope):
        list(model.objects.all())
    with pytest.raises(DatabaseError, match=r"unrecognized configuration parameter|invalid input syntax"):
        affected(f"SELECT 1 FROM {model._meta.db_table}")


def test_promise_11_every_fenced_table_is_tried_here(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        fenced = {name for (name,) in cursor.fetchall()}
    assert fenced == {model._meta.db_table for model in TENANT_MODELS}


def test_promise_11_every_table_is_fenced_and_forced_or_named_here(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        fenced = {name for (name,) in cursor.fetchall()}
    free = {
        model._meta.label for model in apps.get_models()
        if model._meta.db_table not in fenced and model._meta.app_label != "procrastinate"
    }  # fmt: skip
    assert free == NOT_FENCED


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE foundation_person DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE foundation_person NO FORCE ROW LEVEL SECURITY",
        "TRUNCATE foundation_entry",
        "DROP TABLE foundation_entry",
        "SET ROLE onthaal_owner",
        "CREATE POLICY open ON foundation_person USING (true)",
    ],
)
def test_promise_11_the_application_role_cannot_lift_a_fence(db: None, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        affected(statement)


def test_the_application_role_owns_nothing(db: None) -> None:
    assert affected("SELECT 1 FROM pg_tables WHERE tableowner = current_user") == 0


def test_scopes_do_not_nest(aalter: Municipality, deinze: Municipality) -> None:
    with acting_for(aalter.pk), pytest.raises(NestedScope), acting_for(deinze.pk):
        pass


def test_rows_made_in_bulk_belong_to_the_scope(in_aalter: Municipality) -> None:
    from onthaal import clock

    (row,) = Person.objects.bulk_create([Person(created_at=clock.now())])
    assert row.municipality_id == in_aalter.pk
