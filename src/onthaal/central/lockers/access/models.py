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

    class Proof(models.TextChoices):
        CODE = "code"
        """A PIN and a QR."""
        IDENTITY = "identity"
        """The addressee, freshly identified at a high level. No code opens it, ever."""

    handover = models.ForeignKey(
        "lockers.Handover", on_delete=models.PROTECT, db_constraint=False, related_name="grants"
    )
    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="grants")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASLEEP)
    proof = models.CharField(max_length=8, choices=Proof.choices, default=Proof.CODE)
    identity = models.ForeignKey(
        "foundation.Identity", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    """Whose: the one as whom they signed in when they asked for it."""
    selector = models.CharField(max_length=3, blank=True)
    pin_verifier = models.CharField(max_length=200, blank=True)
    qr_verifier = models.CharField(max_length=64, blank=True)
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
            Within("identity"),
            models.UniqueConstraint(
                fields=["kiosk", "selector"],
                condition=Q(status__in=["asleep", "awake"], proof="code"),
                name="one_live_grant_per_selector",
            ),
            models.CheckConstraint(
                name="identity_needs_no_code",
                condition=Q(proof="code", selector__gt="", qr_verifier__gt="", identity=None)
                | Q(
                    proof="identity",
                    identity__isnull=False,
                    selector="",
                    pin_verifier="",
                    qr_verifier="",
                    sealed=None,
                ),
            ),
            # One whose PIN was closed keeps its QR beside the grant that brings a new PIN.
            models.UniqueConstraint(
                fields=["handover"],
                condition=Q(status__in=["asleep", "awake"], pin_closed_at=None),
                name="one_live_grant_per_handover",
            ),
        ]


class Identification(Row):
    """Somebody at a wall says who they are. Bound to that kiosk, boot and session, and to two minutes."""

    class State(models.TextChoices):
        STARTED = "started"
        PROVED = "proved"
        """Signed in on their phone; the two digits are still to be typed."""
        APPROVED = "approved"
        REFUSED = "refused"
        TIMED_OUT = "timed-out"
        OVER = "over"
        """The session ended first."""

    OPEN: ClassVar[tuple[str, ...]] = ("started", "proved")

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    boot = models.CharField(max_length=40)
    session = models.CharField(max_length=80)
    way = models.CharField(max_length=5, choices=[("page", "page"), ("phone", "phone")])
    language = models.CharField(max_length=2)
    number = models.CharField(max_length=2)
    """Shown on the screen and in the provider's text."""
    digits = models.CharField(max_length=2, blank=True)
    """Shown on the phone, typed at the wall: drawn when the phone has signed in."""
    handle_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the one-time handle in the page's or the QR's address."""
    opened_at = models.DateTimeField(null=True)
    """When the handle was followed: it leads somewhere once."""
    provider = models.ForeignKey("foundation.Provider", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    identity = models.ForeignKey(
        "foundation.Identity", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.STARTED)
    why = models.CharField(max_length=40, blank=True)
    handovers = ArrayField(models.BigIntegerField(), default=list)
    """What was approved."""
    nonce = models.CharField(max_length=40, blank=True)
    """Of the command that tells the wall."""
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    """Approved, refused or timed out: the wall is told."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            Within("provider"),
            Within("identity"),
            models.UniqueConstraint(
                fields=["kiosk"], condition=Q(state__in=["started", "proved"]), name="one_identification_per_wall"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "decided_at"], name="identification_decided"),
            models.Index(fields=["kiosk", "boot", "session"], name="identification_session"),
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
