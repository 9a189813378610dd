"""Places: sites, kiosks with their compartments, and the centre's blocks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within


class Size(models.TextChoices):
    S = "S"
    M = "M"
    L = "L"
    XL = "XL"


class Site(Row):
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Kiosk(Row):
    """One wall with a screen."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_constraint=False)
    name = models.CharField(max_length=100)
    """As residents know it: `Automaat gemeentehuis`."""
    help_phone = models.CharField(max_length=40, blank=True)
    opening_hours = models.JSONField(default=dict)
    """Of the human counter: {"nl": …, "fr": …, "en": …, "week": seven lists of ["09:00", "12:00"], Monday first}."""
    wish_version = models.PositiveBigIntegerField(default=1)
    """Raised in the transaction of whichever verb changes what this kiosk should know."""
    pepper_sealed = models.BinaryField(null=True, editable=False)
    qr_only_releases = models.PositiveIntegerField(default=0)
    qr_only_year = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [*Row.Meta.constraints, Within("site")]

    def __str__(self) -> str:
        return self.name


class Compartment(Row):
    """One door. Its measures come from the kiosk's file, by the fact *Configured*; here they are read-only."""

    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, db_constraint=False, related_name="compartments")
    number = models.PositiveIntegerField()
    size = models.CharField(max_length=2, choices=Size.choices)
    bottom_mm = models.PositiveIntegerField()
    top_mm = models.PositiveIntegerField()
    presence = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            models.UniqueConstraint(fields=["kiosk", "number"], name="one_compartment_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.kiosk} {self.number}"


class Block(Row):
    """A compartment that the centre keeps out of use, until the centre lifts it."""

    compartment = models.ForeignKey(Compartment, on_delete=models.PROTECT, db_constraint=False, related_name="blocks")
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("compartment"),
            Within("set_by"),
            Within("lifted_by"),
            models.UniqueConstraint(
                fields=["compartment"], condition=models.Q(lifted_at=None), name="one_open_block_per_compartment"
            ),
        ]
