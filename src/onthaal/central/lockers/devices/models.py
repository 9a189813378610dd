"""Devices: the kiosks' keys, their logs with every fact as it came, their live state, and commands."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within

SILENT_AFTER = timedelta(minutes=3)
"""A kiosk tells its state every 20 s; without a word for this long it is *silent*."""


class Device(models.Model):
    """The public key of a kiosk. Not fenced: it is found before the municipality is known. Ids and keys only."""

    municipality = models.ForeignKey("foundation.Municipality", on_delete=models.PROTECT)
    kiosk = models.BigIntegerField()
    public_key = models.CharField(max_length=64)
    key_kind = models.CharField(max_length=10, default="software")
    enrolled_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["kiosk"], condition=Q(retired_at=None), name="one_enrolled_device_per_kiosk"
            )
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"


class EnrolmentCode(Row):
    """A one-time code shown at the desk; only its hash is kept."""

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False)
    hash = models.CharField(max_length=64)
    made_by = models.ForeignKey("foundation.Account", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    """Wrong codes typed while this one was open."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            Within("made_by"),
            models.UniqueConstraint(fields=["municipality", "hash"], name="one_enrolment_per_code"),
        ]


class Log(Row):
    """One log of a kiosk; a replaced disk begins a new one."""

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="logs")
    name = models.CharField(max_length=40)
    """The log's own id, drawn by the kiosk."""
    heard_up_to = models.PositiveBigIntegerField(default=0)
    head = models.BinaryField()
    """The chain's hash after the last fact heard."""
    begun_at = models.DateTimeField()
    broken_at = models.PositiveBigIntegerField(null=True)
    """The number of the first fact whose hash did not follow."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            models.UniqueConstraint(fields=["kiosk", "name"], name="one_log_per_name"),
        ]


class HeardFact(Row):
    """One fact, verbatim. Append-only: the application role may insert and read."""

    class Verdict(models.TextChoices):
        GOOD = "good"
        MALFORMED = "malformed"
        CONFLICT = "conflict"

    withheld: ClassVar[tuple[str, ...]] = ("UPDATE", "DELETE")

    log = models.ForeignKey(Log, on_delete=models.PROTECT, db_constraint=False, related_name="facts")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField(null=True)
    """The kiosk's clock; None when malformed."""
    heard_at = models.DateTimeField()
    kind = models.CharField(max_length=40, blank=True)
    told = models.TextField()
    """The JSON exactly as it came."""
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    remark = models.CharField(max_length=200, blank=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("log"),
            models.UniqueConstraint(fields=["log", "number"], name="one_fact_per_number"),
        ]


class KioskState(Row):
    """The latest live state of a kiosk: not history."""

    kiosk = models.OneToOneField("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="state")
    at = models.DateTimeField()
    """The kiosk's clock."""
    told_at = models.DateTimeField()
    """The centre's clock when it came: what *silent* is measured from."""
    silent_since = models.DateTimeField(null=True)
    """Set while the kiosk is silent."""
    boot = models.CharField(max_length=40)
    log = models.CharField(max_length=40)
    wish_epoch = models.PositiveIntegerField()
    wish_version = models.PositiveBigIntegerField()
    told = models.JSONField()
    """The whole of it, as `core.protocol.State`."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [*Row.Meta.constraints, Within("kiosk")]


class Command(Row):
    """An *open now* that a person asked for, and what became of it."""

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False)
    nonce = models.CharField(max_length=40)
    boot = models.CharField(max_length=40)
    compartment = models.ForeignKey("lockers.Compartment", on_delete=models.PROTECT, db_constraint=False)
    handover = models.ForeignKey("lockers.Handover", null=True, on_delete=models.PROTECT, db_constraint=False)
    asked_by = models.ForeignKey("foundation.Account", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    reason = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            Within("compartment"),
            Within("handover"),
            Within("asked_by"),
            models.UniqueConstraint(fields=["municipality", "nonce"], name="one_command_per_nonce"),
        ]


class OpeningAsked(Row):
    """Opening a door on a personal document from afar: one person asks, another one confirms within ten minutes."""

    kiosk = models.ForeignKey("lockers.Kiosk", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    compartment = models.ForeignKey("lockers.Compartment", on_delete=models.PROTECT, db_constraint=False)
    handover = models.ForeignKey("lockers.Handover", on_delete=models.PROTECT, db_constraint=False)
    asked_by = models.ForeignKey("foundation.Account", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    reason = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        "foundation.Account", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    command = models.OneToOneField(Command, null=True, on_delete=models.PROTECT, db_constraint=False)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("kiosk"),
            Within("compartment"),
            Within("handover"),
            Within("asked_by"),
            Within("confirmed_by"),
            Within("command"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("asked_by")), name="opening_needs_two_people"
            ),
            models.UniqueConstraint(
                fields=["handover"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="one_opening_asked_per_handover",
            ),
        ]
