"""Who somebody is, as a provider says: our registrations, our keys, sign-ins under way, known identities."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import Within


class Provider(Row):
    """One provider as this municipality is registered with it. What all of its kind share is its profile."""

    profile = models.SlugField(max_length=20)
    """`itsme`, `acm-idm`, `fas`: see `identity/profiles`."""
    issuer = models.URLField(max_length=200)
    client_id = models.CharField(max_length=200)
    portal_service = models.CharField(max_length=80, blank=True)
    """Where the provider knows services by code (itsme): that of the portal."""
    wall_service = models.CharField(max_length=80, blank=True)
    """That of the wall: with a text to confirm, where the provider offers it."""
    authorisation = models.CharField(max_length=120, blank=True)
    """The reference of the permission to use the national number. Without it the number is neither asked nor kept."""
    in_portal = models.BooleanField(default=True)
    at_wall_page = models.BooleanField(default=True)
    """At the wall: on the provider's page, in the kiosk's own browser."""
    at_wall_phone = models.BooleanField(default=True)
    """At the wall: on the person's own phone."""
    refuse_on_call = models.BooleanField(default=True)
    """Send a person to the desk when the provider says they are on the telephone meanwhile."""
    enabled = models.BooleanField(default=True)

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "profile"], name="one_provider_per_profile"),
        ]

    def __str__(self) -> str:
        return self.profile


class ProviderState(Row):
    """Whether a provider answers, as our own looks and people's tries found it. Beside its registration, which people
    change."""

    provider = models.OneToOneField(Provider, on_delete=models.PROTECT, db_constraint=False, related_name="state")
    looked_at = models.DateTimeField(null=True)
    """When a look at it began last."""
    answered_at = models.DateTimeField(null=True)
    """When it answered a look last."""
    missed = models.PositiveSmallIntegerField(default=0)
    """Looks and tries in a row that found it silent."""
    silent_since = models.DateTimeField(null=True)
    """Since when nobody is sent there; none while it answers."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [*Row.Meta.constraints, Within("provider")]


class ClientKey(Row):
    """A key of ours: one to sign with, one to be written to. Replaced ones open what is on its way a while longer."""

    class Use(models.TextChoices):
        SIGN = "sig"
        ENCRYPT = "enc"

    kid = models.CharField(max_length=64)
    use = models.CharField(max_length=3, choices=Use.choices)
    sealed = models.BinaryField()
    """The private JWK (RSA 2048)."""
    public = models.JSONField(null=True)
    """What of it is published, so that publishing it opens no seal."""
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField(null=True)
    """A signing key is published before it is used."""
    replaced_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    """When it stopped opening anything; its private part is no more."""

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "kid"], name="one_client_key_per_kid"),
        ]


class SignIn(Row):
    """One sign-in on its way: from our request to what came of it. Used once."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    purpose = models.CharField(max_length=12)
    """`portal`, `wall-page`, `wall-phone`."""
    about = models.CharField(max_length=80, blank=True)
    """`identification:12` at a wall; the page to go on to in the portal."""
    state_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    """SHA-256 of the browser's own cookie: an answer in another browser is refused."""
    sealed = models.BinaryField(null=True)
    """The nonce and the PKCE verifier, until it was used."""
    language = models.CharField(max_length=2)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=40, blank=True)
    """A value of `core.refusals.Why`; empty when it went well."""
    identity = models.ForeignKey(
        "foundation.Identity", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("provider"),
            Within("identity"),
            models.UniqueConstraint(fields=["municipality", "state_hash"], name="one_sign_in_per_state"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "started_at"], name="sign_in_age")
        ]


class Identity(Row):
    """Somebody as one provider knows them, by keyed pseudonyms only. A person may have several."""

    person = models.ForeignKey(
        "foundation.Person", on_delete=models.PROTECT, db_constraint=False, related_name="identities"
    )
    issuer = models.URLField(max_length=200)
    subject_key = models.CharField(max_length=64)
    """HMAC of issuer and subject."""
    number_key = models.CharField(max_length=64, blank=True)
    """HMAC of the national number, where an authorisation lets us know it."""
    number_sealed = models.BinaryField(null=True)
    birthdate_sealed = models.BinaryField(null=True)
    language = models.CharField(max_length=2, blank=True)
    """In which they are spoken to, as the provider said last; empty when it said none of ours."""
    bound_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta(Row.Meta):
        verbose_name_plural = "identities"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            Within("person"),
            models.UniqueConstraint(
                fields=["municipality", "subject_key"], condition=Q(erased_at=None), name="one_identity_per_subject"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "number_key"], name="identity_number", condition=~Q(number_key=""))
        ]
