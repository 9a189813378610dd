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


class Dossier(Row):
    """What a personal request adds: who asks, on which conditions, and what is still open."""

    class Place(models.TextChoices):
        WALL = "wall"
        DESK = "desk"

    class Old(models.TextChoices):
        """The old document."""

        NONE = "none"
        OPEN = "open"
        """Still to be handed in at the desk."""
        HANDED_IN = "handed-in"

    request = models.OneToOneField(Request, on_delete=models.PROTECT, db_constraint=False, related_name="dossier")
    identity = models.ForeignKey(
        "foundation.Identity", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    """Who asked, as the provider said. None: entered at the desk, so collected at the desk."""
    number = models.CharField(max_length=8)
    """The dossier's own label, scanned when the document is put into its envelope."""
    place = models.CharField(max_length=4, choices=Place.choices)
    desk_reason = models.CharField(max_length=40, blank=True)
    """Why it can only be the desk: a value of `core.refusals.Why`."""
    of_age = models.BooleanField(default=True)
    urgent = models.BooleanField(default=False)
    proxy = models.BooleanField(default=False)
    fee_cents = models.PositiveIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    """Who registered the payment."""
    payment_reference = models.CharField(max_length=40, blank=True)
    old_document = models.CharField(max_length=10, choices=Old.choices, default=Old.NONE)
    old_document_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    old_document_at = models.DateTimeField(null=True)
    asked_more = models.CharField(max_length=500, blank=True)
    """What staff asked for more, in their words; emptied when its person is erased."""
    asked_more_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("request"),
            Within("identity"),
            Within("paid_by"),
            Within("old_document_by"),
            Within("activated_by"),
            models.UniqueConstraint(fields=["municipality", "number"], name="one_dossier_per_number"),
        ]


class Attachment(Row):
    """A photo or a certificate, sealed. Dropped ones keep their row, not their content."""

    class Kind(models.TextChoices):
        PHOTO = "photo"
        CERTIFICATE = "certificate"

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, db_constraint=False, related_name="attachments")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    media_type = models.CharField(max_length=40)
    """As its content says, never as its name says."""
    size = models.PositiveIntegerField()
    """Bytes."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the clear content; emptied with it."""
    sealed = models.BinaryField(null=True)
    added_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("dossier"),
            models.CheckConstraint(
                condition=Q(dropped_at=None, sealed__isnull=False) | Q(dropped_at__isnull=False, sealed=None),
                name="dropped_keeps_nothing",
            ),
        ]
