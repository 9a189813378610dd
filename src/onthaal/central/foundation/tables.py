"""Many tables made in one step of a migration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Make these tables, in this order.

    With each table, Django makes anew the models of all that are tied to it, and as nearly all are tied to the
    municipality, that is each time all of them. Here it is once, when the last is known.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, tables: Sequence[CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # kept, it would be brought up to date after each
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {', '.join(table.name for table in self.tables)}"


def at_once(operations: Iterable[Operation]) -> list[Operation]:
    """The same operations, each row of new tables among them as one step."""
    found: list[Operation] = []
    for _, same in groupby(operations, key=lambda operation: isinstance(operation, CreateModel)):
        together = list(same)
        tables = [operation for operation in together if isinstance(operation, CreateModel)]
        found += [CreateModels(tables)] if tables else together
    return found
