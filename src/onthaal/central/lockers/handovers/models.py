"""Handovers: one thing, one addressee, one direction, through one compartment; and what lies in each compartment."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within
from onthaal.core.lifecycles import CLOSED, Direction, Stage

DIRECTIONS = [(direction.value, direction.value) for direction in Direction]
STAGES = [(stage.value, stage.value) for stage in Stage]
LIVE = ~Q(stage__in=sorted(stage.value for stage in CLOSED))


class Handover(Row):
    direction = models.CharField(max_length=4, choices=DIRECTIONS)
    stage = models.CharField(max_length=12, choices=STAGES, default=Stage.PLANNED)
    product = models.ForeignKey("lockers.Product", on_delete=models.PROTECT, db_constraint=False)
    item = models.ForeignKey("lockers.Item", on_delete=models.PROTECT, db_constraint=False, related_name="handovers")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, db_constraint=False)
    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False)
    out = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="back"
    )
    """Of a handover back: the handover out whose thing it brings back."""
    compartment = models.ForeignKey(
        "lockers.Compartment", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    """The days of a loan."""
    planned_at = models.DateTimeField()
    loaded_at = models.DateTimeField(null=True)
    loaded_by = models.CharField(max_length=60, blank=True)
    """The pseudonym of the staff account."""
    prepared_by = models.CharField(max_length=60, blank=True, db_default="")
    """The pseudonym of who prepared it, where two people are needed to load it."""
    prepared_at = models.DateTimeField(null=True)
    taken_out_by = models.CharField(max_length=60, blank=True, db_default="")
    """Who took a recalled personal document out of the wall; another one receives it at the desk."""
    received_by = models.CharField(max_length=60, blank=True, db_default="")
    received_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    """When the notice had gone: the collection period begins."""
    collect_by = models.DateTimeField(null=True)
    reminder_at = models.DateTimeField(null=True)
    """The next reminder; None when none is to come."""
    stuck_since = models.DateTimeField(null=True)
    """Since when nobody can open it, or bring it back, for a failure of ours: no deadline runs meanwhile."""
    recalled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    dispute = models.CharField(max_length=60, blank=True)
    """Why it is in doubt: the `why` of the fact Disputed."""
    resolution = models.CharField(max_length=200, blank=True)
    """What staff found when they ended the doubt, in their words; emptied when its person is erased."""
    grade = models.CharField(max_length=1, blank=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("product"),
            Within("item"),
            Within("person"),
            Within("kiosk"),
            Within("out"),
            Within("compartment"),
            models.CheckConstraint(
                condition=Q(prepared_by="") | ~Q(prepared_by=models.F("loaded_by")), name="two_people_load"
            ),
            models.CheckConstraint(
                condition=Q(received_by="") | ~Q(received_by=models.F("taken_out_by")), name="two_people_take_back"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "kiosk", "stage"], name="handover_live", condition=LIVE),
            models.Index(fields=["municipality", "stage", "collect_by"], name="handover_deadline", condition=LIVE),
            models.Index(fields=["municipality", "person"], name="handover_person"),
        ]


class Stay(Row):
    """One content in one compartment, from shut door to taken. Never two at once, of either."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, db_constraint=False, related_name="stays")
    compartment = models.ForeignKey(
        "lockers.Compartment", on_delete=models.PROTECT, db_constraint=False, related_name="stays"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("handover"),
            Within("compartment"),
            models.UniqueConstraint(
                fields=["compartment"], condition=Q(until=None), name="one_content_per_compartment"
            ),
            models.UniqueConstraint(fields=["handover"], condition=Q(until=None), name="one_compartment_per_thing"),
        ]


class StockCount(Row):
    """One count of the personal documents in one wall: what the ledger says against what was seen."""

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    day = models.DateField()
    """In Europe/Brussels."""
    at = models.DateTimeField()
    by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    """None: counted from doors and sensors, by itself."""
    expected = models.PositiveSmallIntegerField()
    seen = models.PositiveSmallIntegerField()

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [*Row.Meta.constraints, Within("kiosk"), Within("by")]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["kiosk", "day"], name="stock_count_day")]


class Incident(Row):
    """Something personal that is not where it should be. It has a deadline and ends with words of a named person."""

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    compartment = models.ForeignKey(
        "lockers.Compartment", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    handover = models.ForeignKey(Handover, null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    count = models.ForeignKey(StockCount, null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=20)
    """`missing`, `unexpected`, `not-received`, `lost`, `taken-after`."""
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    finding = models.CharField(max_length=500, blank=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            Within("compartment"),
            Within("handover"),
            Within("count"),
            Within("closed_by"),
            models.UniqueConstraint(
                fields=["compartment", "kind"], condition=Q(closed_at=None), name="one_open_incident_per_compartment"
            ),
        ]


class Finding(Row):
    """What one person says became of a personal document that is nowhere for certain; another one confirms it."""

    class To(models.TextChoices):
        COLLECTED = "collected"
        PLANNED = "planned"
        """It is at the desk."""
        LOST = "lost"

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, db_constraint=False, related_name="findings")
    to = models.CharField(max_length=12, choices=To.choices)
    reason = models.CharField(max_length=200, blank=True)
    """In words of who found it; emptied when its person is erased."""
    found_by = models.ForeignKey("foundation.Account", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    found_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("handover"),
            Within("found_by"),
            Within("confirmed_by"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("found_by")), name="finding_needs_two_people"
            ),
            models.UniqueConstraint(
                fields=["handover"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="one_finding_per_handover",
            ),
        ]
