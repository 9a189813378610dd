"""Notices: what is sent to people. The clear code in one lives only sealed, and only until it was sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from onthaal.central.foundation.people.models import Lang
from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within


class Notice(Row):
    """One mail to one person (or to a staff address)."""

    class Status(models.TextChoices):
        HELD = "held"
        """Waits until its wall knows the code."""
        DUE = "due"
        SENT = "sent"
        BOUNCED = "bounced"
        DROPPED = "dropped"
        """Not needed any more, or its person was erased."""

    kind = models.CharField(max_length=60)
    """The words key below `mail.`: `request-link`, `ready`, `reminder`, `receipt`, `overdue` …"""
    person = models.ForeignKey(
        "foundation.Person", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False
    )
    address = models.EmailField(blank=True)
    """For staff addresses (duty); empty when a person is named."""
    language = models.CharField(max_length=2, choices=Lang.choices)
    about = models.CharField(max_length=80, blank=True)
    """The stream it speaks of: `handover:12`."""
    slots = models.JSONField(default=dict)
    """What fills the words: product names, places, dates. No code."""
    sealed = models.BinaryField(null=True)
    """The clear PIN and QR text; emptied when it was sent."""
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DUE)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [*Row.Meta.constraints, Within("person")]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "status", "due_at"], name="notice_due"),
            models.Index(fields=["municipality", "about"], name="notice_about"),
        ]


class ReturnAddress(models.Model):
    """The envelope sender of a notice: where its bounce comes to. Not fenced: a bounce names no municipality."""

    token = models.CharField(max_length=40, unique=True)
    municipality = models.ForeignKey("foundation.Municipality", on_delete=models.PROTECT)
    notice = models.BigIntegerField()
    pending = models.BooleanField(default=True)
    """Not yet sent, bounced or dropped: so that the worker finds whose mail to look at."""

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality"], name="return_address_pending", condition=models.Q(pending=True))
        ]

    def __str__(self) -> str:
        return str(self.notice)
