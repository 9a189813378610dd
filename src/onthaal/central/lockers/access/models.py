"""Access: who may open what, when, with which proof; and the badges of the staff."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within


class Grant(Row):
    """One PIN and one QR for one handover. Exists with the plan, wakes when the thing is loaded."""

    class Status(models.TextChoices):
        ASLEEP = "asleep"
        AWAKE = "awake"
        USED = "used"
        REVOKED = "revoked"
        EXPIRED = "expired"

    handover = models.ForeignKey(
        "lockers.Handover", on_delete=models.PROTECT, db_constraint=False, related_name="grants"
    )
    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="grants")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASLEEP)
    selector = models.CharField(max_length=3)
    pin_verifier = models.CharField(max_length=200)
    qr_verifier = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True)
    """The clear PIN and QR text, until the notice that carries them was sent."""
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    wish_version = models.PositiveBigIntegerField(default=0)
    """The kiosk's wish version that first held it: its notice waits until the wall applied that one."""
    ended_at = models.DateTimeField(null=True)
    pin_tries = models.PositiveSmallIntegerField(default=0)
    """Wrong secrets behind this grant's selector, as the wall told them."""
    pin_closed_at = models.DateTimeField(null=True)
    """At the fifth: from then on the QR alone opens."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("handover"),
            Within("kiosk"),
            models.UniqueConstraint(
                fields=["kiosk", "selector"],
                condition=Q(status__in=["asleep", "awake"]),
                name="one_live_grant_per_selector",
            ),
            # One whose PIN was closed keeps its QR beside the grant that brings a new PIN.
            models.UniqueConstraint(
                fields=["handover"],
                condition=Q(status__in=["asleep", "awake"], pin_closed_at=None),
                name="one_live_grant_per_handover",
            ),
        ]


class Badge(Row):
    """A staff member's badge for the walls, and the PIN that goes with it."""

    account = models.ForeignKey(
        "foundation.Account", on_delete=models.PROTECT, db_constraint=False, related_name="badges"
    )
    secret_sealed = models.BinaryField()
    """The badge's secret, so that every wall can be given its own verifier."""
    pin_salt = models.CharField(max_length=32, blank=True)
    pin_sealed = models.BinaryField(null=True)
    """The argon2id result of the PIN; None until its owner chose one."""
    rights = ArrayField(models.CharField(max_length=12), default=list)
    """load, take_back, inspect, service."""
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("account"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(revoked_at=None), name="one_valid_badge_per_account"
            ),
        ]
