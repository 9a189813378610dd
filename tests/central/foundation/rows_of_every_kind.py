"""A row for every table of a municipality, made up from its columns. Its foreign keys point nowhere: they are checked
when a transaction commits, and these never do."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from onthaal.central.foundation.rows import Row

TENANT_MODELS = sorted((model for model in apps.get_models() if issubclass(model, Row)), key=lambda m: m._meta.label)
MADE_UP: dict[type, Any] = {
    models.DateTimeField: datetime(2026, 11, 22, tzinfo=UTC),
    models.DateField: date(2026, 11, 22),
    models.UUIDField: uuid.UUID(int=7),
    models.JSONField: {},
    models.BinaryField: b"x",
    models.BooleanField: True,
    models.IntegerField: 7,
    ArrayField: [],
}
KEPT_TO_RULES: dict[str, dict[str, Any]] = {
    "lockers.Product": {"kind": "voucher"},
    "lockers.Handover": {"loaded_by": "an", "prepared_by": "bo", "taken_out_by": "an", "received_by": "bo"},
    "lockers.Attachment": {"sealed": b"x"},
}
"""What a rule of the database asks of more than one column at once."""


def made_up(model: type[Row]) -> Row:
    """An unsaved row with something in every column that may not be empty."""
    values = {
        field.attname: value(field)
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.null and field.name != "municipality" and not field.has_default()
    }
    return model(**(values | KEPT_TO_RULES.get(model._meta.label, {})))


def value(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.ForeignKey):
        return 7
    if field.choices:
        return next(iter(field.choices))[0]
    for kind in type(field).__mro__:
        if kind in MADE_UP:
            return MADE_UP[kind]
    return "x" * min(field.max_length or 8, 8)
