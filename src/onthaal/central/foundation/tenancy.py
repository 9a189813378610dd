"""The municipality scope: who may see which rows, held by PostgreSQL's row-level security.

The scope is a setting of the transaction. A query without one raises, in Python (`scope()`) and in the database
(`unrecognized configuration parameter`). Scopes do not nest: a released savepoint would keep the inner one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, ForeignKey, Model

SETTING = "onthaal.municipality"

_current: ContextVar[int | None] = ContextVar("municipality", default=None)


class NoScope(Exception):
    """A bug: rows of a municipality were asked for while none was named."""


class NestedScope(Exception):
    """A bug: a scope was opened inside another."""


def scope() -> int:
    """The municipality of the transaction under way. Raises NoScope."""
    current = _current.get()
    if current is None:
        raise NoScope
    return current


@contextmanager
def acting_for(municipality: int) -> Iterator[None]:
    """One transaction on the rows of one municipality, and of no other."""
    if _current.get() is not None:
        raise NestedScope
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT set_config('{SETTING}', %s, true)", [str(municipality)])
        token = _current.set(municipality)
        try:
            yield
        finally:
            _current.reset(token)


class _Plain(BaseConstraint):
    """A constraint that is written by `makemigrations` and kept by PostgreSQL alone."""

    def _sql(self, model: type[Model], editor: BaseDatabaseSchemaEditor) -> str:
        raise NotImplementedError

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self._sql(model, schema_editor))
        return ""

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        # At the end of the migration: another table's key may be made further down in it.
        return self.constraint_sql(model, schema_editor)

    def validate(
        self, model: type[Model], instance: Model, exclude: Iterable[str] | None = None, using: str = "default"
    ) -> None:
        """Nothing to ask beforehand: the database refuses."""


class Fenced(_Plain):
    """Row-level security on a table: only rows of the scope's municipality are seen or written.

    Only ENABLE here; FORCE is set after all migrations ran (see `roles`), because adding a foreign key
    validates as the owner, under the policy.
    """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fenced) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]

    def _sql(self, model: type[Model], editor: BaseDatabaseSchemaEditor) -> str:
        table, policy = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        mine = f"municipality_id = current_setting('{SETTING}')::bigint"
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f"CREATE POLICY {policy} ON {table} USING ({mine}) WITH CHECK ({mine})"
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None
        assert schema_editor is not None
        table = schema_editor.quote_name(model._meta.db_table)
        return (
            f"DROP POLICY {schema_editor.quote_name(self.name)} ON {table};"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )


class Within(_Plain):
    """A foreign key that cannot point into another municipality: (municipality, field) → (municipality, id).

    The field itself is a `ForeignKey(db_constraint=False)`.
    """

    def __init__(self, field: str, *, name: str = "") -> None:
        self.field = field
        super().__init__(name=name or f"%(app_label)s_%(class)s_within_{field}")

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, object]]:
        path, _, kwargs = super().deconstruct()
        return path, (self.field,), kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Within) and (self.field, self.name) == (other.field, other.name)

    __hash__ = None  # type: ignore[assignment]

    def _sql(self, model: type[Model], editor: BaseDatabaseSchemaEditor) -> str:
        field = model._meta.get_field(self.field)
        assert isinstance(field, ForeignKey)
        quote = editor.quote_name
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (municipality_id, {quote(field.column)}) "
            f"REFERENCES {quote(field.related_model._meta.db_table)} (municipality_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"
