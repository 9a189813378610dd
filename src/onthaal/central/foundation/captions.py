"""What the configuration pages call a table, a column and a choice, in the reader's language: from the catalogue.

Beside the models, not in them: a word that is mended there would be a migration each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Model
from django.utils.functional import lazystr
from django.utils.translation import get_language

from onthaal.words import catalogue, language, words

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_CHOICES: Final = {
    "kind": "configuration.choice.kind",
    "mode": "configuration.choice.mode",
    "roles": "web.role",
}
"""Where the words stand of what may be chosen in a column."""


class _Said:
    """A text that is looked up when it is shown."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __str__(self) -> str:
        return now(self.key)


def now(key: str) -> str:
    """The text in the language of whoever reads. KeyError for an unknown key: a bug."""
    return words(key, language(get_language()))


def said(key: str) -> StrPromise:
    """The same for what is set once and shown later, to many."""
    return lazystr(_Said(key))


def name_table(model: type[Model]) -> None:
    """Call a table and its columns as the catalogue does. A column without words there is not configured."""
    table, called = str(model._meta.model_name), model._meta
    called.verbose_name = said(f"configuration.one.{table}")
    called.verbose_name_plural = said(f"configuration.many.{table}")
    for column in called.fields:
        key = f"configuration.{table}.{column.name}"
        if key in catalogue():
            column.verbose_name = said(key)


def caption(table: str, fields: dict[str, Any]) -> None:
    """Label the fields of a form about a table, say what is worth knowing of them, and name their choices."""
    for name, field in fields.items():
        key = f"configuration.{table}.{name}"
        field.label = now(key)
        field.help_text = now(f"{key}-help") if f"{key}-help" in catalogue() else ""
        if name in _CHOICES:
            field.choices = [(value, _choice(name, value) if value else shown) for value, shown in field.choices]


def chosen(names: Iterable[Any]) -> list[Any]:
    """Columns as a page shows them: of one with choices, what its choice is called."""
    return [_column(name) if name in ("kind", "mode") else name for name in names]


def _column(name: str) -> Any:
    def shown(row: Model) -> str:
        return _choice(name, str(getattr(row, name)))

    vars(shown).update(short_description=said(f"configuration.product.{name}"), admin_order_field=name)
    return shown


def _choice(name: str, value: str) -> str:
    return now(f"{_CHOICES[name]}.{value}")
