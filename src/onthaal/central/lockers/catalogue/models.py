"""The catalogue: what can be asked for, the physical things, who is promised one, and who holds each now."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within
from onthaal.central.lockers.places.models import Size


class Product(Row):
    """What can be asked for: configured as data."""

    class Kind(models.TextChoices):
        DOCUMENT = "document"
        VOUCHER = "voucher"
        KEY = "key"
        MATERIAL = "material"

    class Mode(models.TextChoices):
        PICK_UP = "pick_up"
        DROP_OFF = "drop_off"
        LEND = "lend"
        VEND = "vend"

    slug = models.SlugField()
    name_nl = models.CharField(max_length=100)
    name_fr = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    about_nl = models.TextField(blank=True)
    about_fr = models.TextField(blank=True)
    about_en = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    mode = models.CharField(max_length=10, choices=Mode.choices)
    size = models.CharField(max_length=2, choices=Size.choices, default=Size.M)
    tagged = models.BooleanField(default=False)
    personal = models.BooleanField(default=False)
    two_staff = models.BooleanField(default=False)
    locker_allowed = models.BooleanField(default=False)
    offered = models.BooleanField(default=True)
    for_residents = models.BooleanField(default=True)
    for_businesses = models.BooleanField(default=True)
    for_associations = models.BooleanField(default=True)
    collection_days = models.PositiveSmallIntegerField(default=5)
    reminder_day = models.PositiveSmallIntegerField(default=3)
    max_loan_days = models.PositiveSmallIntegerField(default=7)
    lead_days = models.PositiveSmallIntegerField(default=1)
    """A loan begins so many days from today at the earliest: 0 is today."""
    book_ahead_days = models.PositiveSmallIntegerField(default=90)
    overdue_reminder_days = models.PositiveSmallIntegerField(default=2)
    """A reminder every so many days once overdue."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "slug"], name="one_product_per_slug"),
            models.CheckConstraint(condition=Q(reminder_day__lt=F("collection_days")), name="reminder_before_recall"),
        ]

    def __str__(self) -> str:
        return self.name_nl


class Item(Row):
    """One physical thing. A tagged one is lent again and again; an untagged one is made for one request."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_constraint=False, related_name="items")
    label = models.CharField(max_length=8)
    """The body of its printed `GZL:` label."""
    tag = models.CharField(max_length=64, null=True, blank=True)
    """RFID, upper-case hex."""
    name = models.CharField(max_length=100, blank=True)
    single_use = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("product"),
            models.UniqueConstraint(fields=["municipality", "label"], name="one_item_per_label"),
            models.UniqueConstraint(fields=["municipality", "tag"], name="one_item_per_tag"),
        ]

    def __str__(self) -> str:
        return self.name or self.label


class Promise(Row):
    """An item promised for a span of days (both included). Two live promises of one item never overlap."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_constraint=False, related_name="promises")
    starts_on = models.DateField()
    ends_on = models.DateField()
    live = models.BooleanField(default=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("item"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="promise_not_empty"),
            ExclusionConstraint(
                name="promises_never_overlap",
                expressions=[
                    (F("item"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            models.Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(live=True),
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]


class Custody(Row):
    """Who held an item, and who holds it now: the row without an end. Exactly one such row an item."""

    class Holder(models.TextChoices):
        DESK = "desk"
        STAFF = "staff"
        COMPARTMENT = "compartment"
        CITIZEN = "citizen"
        LOST = "lost"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_constraint=False, related_name="custodies")
    holder = models.CharField(max_length=12, choices=Holder.choices)
    account = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    compartment = models.ForeignKey(
        "lockers.Compartment", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    handover = models.ForeignKey(
        "lockers.Handover", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    """Through which handover it came here; for a citizen it says which one."""
    grade = models.CharField(max_length=1, blank=True)
    """The evidence grade (A-D) of the move that began it; empty at the first."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        verbose_name_plural = "custodies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("item"),
            Within("account"),
            Within("compartment"),
            Within("handover"),
            models.UniqueConstraint(fields=["item"], condition=Q(until=None), name="one_holder_per_item"),
            models.CheckConstraint(
                name="holder_is_named",
                condition=Q(holder="staff", account__isnull=False)
                | Q(holder="compartment", compartment__isnull=False)
                | Q(holder="citizen", handover__isnull=False)
                | Q(holder__in=["desk", "lost"]),
            ),
        ]
