"""Requests: somebody asks for a product. It counts once the link in the mail was confirmed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within


class Request(Row):
    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed"
        RECEIVED = "received"
        ACCEPTED = "accepted"
        """A handover is planned; from here on its stage tells."""
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        DONE = "done"
        LAPSED = "lapsed"
        """Never confirmed, or recalled and closed."""

    class For(models.TextChoices):
        RESIDENT = "resident"
        BUSINESS = "business"
        ASSOCIATION = "association"

    LIVE = ("unconfirmed", "received", "accepted")

    product = models.ForeignKey("lockers.Product", on_delete=models.PROTECT, db_constraint=False)
    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False)
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, db_constraint=False)
    asked_for = models.CharField(max_length=12, choices=For.choices, default=For.RESIDENT)
    address_key = models.CharField(max_length=64)
    """HMAC of the lower-cased mail address: one live request per address and product, without the address. Emptied
    when its person is erased, a day after asking at the earliest (the rate limit counts it)."""
    origin_key = models.CharField(max_length=64, blank=True)
    """HMAC of the network address, for the rate limit; emptied after a day."""
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.UNCONFIRMED)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    remark = models.CharField(max_length=500, blank=True)
    link_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the mail link's token; of nothing that exists once its person is erased."""
    link_expires_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    refusal = models.CharField(max_length=500, blank=True)
    promise = models.OneToOneField("lockers.Promise", null=True, on_delete=models.PROTECT, db_constraint=False)
    handover = models.OneToOneField(
        "lockers.Handover", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="request"
    )
    """The handover out."""
    prepared_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """Refused, withdrawn, lapsed or done: from here the days run until its person is erased."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("product"),
            Within("kiosk"),
            Within("person"),
            Within("decided_by"),
            Within("promise"),
            Within("handover"),
            models.UniqueConstraint(
                fields=["municipality", "address_key", "product"],
                condition=Q(status__in=["unconfirmed", "received", "accepted"]),
                name="one_live_request_per_address",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "status", "asked_at"], name="request_worklist"),
            models.Index(fields=["municipality", "origin_key", "asked_at"], name="request_rate"),
            models.Index(fields=["municipality", "ended_at"], name="request_ended"),
        ]
