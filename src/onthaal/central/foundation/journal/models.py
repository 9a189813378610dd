"""The journal: audit trail, outbox and source of the figures. Append-only and chained, stream by stream."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from onthaal.central.foundation.rows import Row


class Stream(Row):
    """The head of one chain: a handover's, a staff account's, a request's …"""

    withheld: ClassVar[tuple[str, ...]] = ("DELETE",)

    name = models.CharField(max_length=80)
    """`handover:12`, `account:<pseudonym>`, `request:7`, `kiosk:3`, `item:5`."""
    length = models.PositiveBigIntegerField(default=0)
    head = models.BinaryField()

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "name"], name="one_stream_per_name"),
        ]


class Entry(Row):
    """Something that happened. The application role may insert and read it, never change or delete it."""

    withheld: ClassVar[tuple[str, ...]] = ("UPDATE", "DELETE")

    stream = models.CharField(max_length=80)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    """When it happened (a kiosk's clock for facts), UTC."""
    noted_at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    """`handover.loaded`, `request.accepted` …: what followers hang on."""
    by = models.CharField(max_length=60, blank=True)
    """The pseudonym of who did it, `kiosk:<id>`, or empty for the system."""
    about = models.JSONField(default=dict)
    """Whom and what else it names: {"handover": 12, "item": 5, "kiosk": 3, "compartment": 4, "request": 7,
    "person": "<pseudonym>", "fact": [log, number]}: numbers and pseudonyms only."""
    data = models.JSONField(default=dict)
    """What else there is to say; never a name, an address or a code."""
    hash = models.BinaryField()

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "stream", "number"], name="one_entry_per_number"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "kind", "at"], name="entry_kind"),
            models.Index(fields=["municipality", "at"], name="entry_at"),
        ]


class Following(models.Model):
    """One follower's work on one entry: claimed by a worker with one UPDATE, retried on its own, done once.

    Not fenced: a worker finds it before it knows the municipality. Numbers and names of functions only.
    """

    municipality = models.ForeignKey("foundation.Municipality", on_delete=models.PROTECT)
    entry = models.BigIntegerField()
    follower = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    """The class of the last error, no text of it."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "follower"], name="one_following_per_follower")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="following_open", condition=models.Q(done_at=None, gave_up_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.follower} {self.entry}"


class Digest(Row):
    """The signed digest over all heads of one day."""

    withheld: ClassVar[tuple[str, ...]] = ("UPDATE", "DELETE")

    day = models.DateField()
    heads = models.JSONField()
    signature = models.BinaryField()
    signed_at = models.DateTimeField()

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "day"], name="one_digest_per_day"),
        ]
