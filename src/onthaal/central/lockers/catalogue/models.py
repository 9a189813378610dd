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
        IDENTITY_CARD = "identity-card"
        """At the desk only: it is activated with its holder's PIN and the old card is taken in."""
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
    kind = models.CharField(max_length=14, choices=Kind.choices)
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
    needs_photo = models.BooleanField(default=False)
    needs_certificate = models.BooleanField(default=False)
    fee_cents = models.PositiveIntegerField(default=0)
    """What it costs, in cents of a euro; paid before it goes into a wall."""
    asks_old_document = models.BooleanField(default=False)
    """Whoever has an older one hands it in before the new one goes into a wall."""
    needs_activation = models.BooleanField(default=False)
    """Staff activates it elsewhere once it was handed over."""
    clearance = models.ForeignKey(
        "lockers.Clearance", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    """The checklist that lets a personal document into a wall."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("clearance"),
            models.UniqueConstraint(fields=["municipality", "slug"], name="one_product_per_slug"),
            models.CheckConstraint(condition=Q(reminder_day__lt=F("collection_days")), name="reminder_before_recall"),
            models.CheckConstraint(
                condition=~Q(kind="identity-card") | Q(locker_allowed=False), name="identity_card_desk_only"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["document", "identity-card"]) | Q(personal=True, two_staff=True),
                name="documents_are_personal",
            ),
            models.CheckConstraint(
                condition=Q(personal=False) | Q(locker_allowed=False) | Q(clearance__isnull=False),
                name="personal_needs_clearance",
            ),
        ]

    def __str__(self) -> str:
        return self.name_nl


class Clearance(Row):
    """A municipality's own checklist for a personal product, filled in and dated by a named person. Never changed."""

    POINTS: ClassVar[tuple[str, ...]] = ("law", "procedure", "signature", "payment", "old_document", "activation")
    withheld: ClassVar[tuple[str, ...]] = ("UPDATE", "DELETE")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_constraint=False, related_name="clearances")
    law = models.CharField(max_length=500)
    """Which law or rule was consulted, and what it says."""
    procedure = models.CharField(max_length=500)
    signature = models.CharField(max_length=500)
    """What stands for the signature on receipt."""
    payment = models.CharField(max_length=500)
    old_document = models.CharField(max_length=500)
    activation = models.CharField(max_length=500)
    by = models.ForeignKey("foundation.Account", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    at = models.DateTimeField()

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("product"),
            Within("by"),
            models.CheckConstraint(
                name="clearance_is_complete",
                condition=~Q(law="") & ~Q(procedure="") & ~Q(signature="") & ~Q(payment="")
                & ~Q(old_document="") & ~Q(activation=""),
            ),
        ]  # fmt: skip


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
