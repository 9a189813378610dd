"""Who there is: the municipality, its staff's accounts, and the people it serves (erasable)."""

from __future__ import annotations

import re
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from onthaal.central.foundation.rows import Row, ScopedManager

USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,79}")


def one_line(text: str) -> str:
    """A name as it may stand in a mail's header: no line ends, nothing that cannot be printed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


class Lang(models.TextChoices):
    NL = "nl", "Nederlands"
    FR = "fr", "français"
    EN = "en", "English"


class Role(models.TextChoices):
    CLERK = "clerk"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Municipality(models.Model):
    """The tenant. Not fenced: the host name is looked up here before a scope is known."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=255, unique=True)
    """The host name (with port, if any) on which it is served; `*` answers any host on a one-municipality machine."""
    address = models.CharField(max_length=200, blank=True)
    help_phone = models.CharField(max_length=40)
    duty_address = models.EmailField()
    """Where alerts are mailed."""
    sender_address = models.EmailField()
    languages = ArrayField(models.CharField(max_length=2, choices=Lang.choices), default=list)
    epoch = models.PositiveIntegerField(default=1)
    """Raised by `onthaal central restored`."""

    class Meta:
        verbose_name_plural = "municipalities"

    def __str__(self) -> str:
        return self.name


class SignInTry(models.Model):
    """Wrong passwords of late, per account and per origin; and by the hour what else one origin tried (`tries`). Not
    fenced: counted before anybody is known.

    Keys are keyed hashes: no name and no network address.
    """

    key = models.CharField(max_length=64, unique=True)
    wrong = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["last_at"], name="sign_in_try_age")]

    def __str__(self) -> str:
        return str(self.last_at)


class AccountManager(ScopedManager, BaseUserManager[Any]):
    """Accounts of the scope's municipality, found by user name."""


class Account(AbstractBaseUser, Row):
    """A staff member's local account. The journal names it by its pseudonym."""

    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(max_length=80)
    name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, choices=Lang.choices, default=Lang.NL)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    """Its owner left and the name was erased: from then on the beginning of the pseudonym stands for it."""

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta(Row.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Row.Meta.constraints,
            models.UniqueConstraint(fields=["municipality", "username"], name="one_account_per_username"),
        ]

    def __str__(self) -> str:
        return self.name

    def has_role(self, *roles: str) -> bool:
        return self.is_active and bool(set(roles) & set(self.roles))

    # Django's admin asks these of whoever stands before it.

    @property
    def is_staff(self) -> bool:
        return self.has_role(Role.ADMINISTRATOR, Role.TECHNICIAN)

    def has_perm(self, permission: str, row: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Person(Row):
    """Somebody served: a resident, or who stands for a business or an association. Erasable; the rest names the
    pseudonym only."""

    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, blank=True)
    organisation = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, choices=Lang.choices, default=Lang.NL)
    low = models.BooleanField(default=False)
    """Asks for a compartment within reach of a seated person."""
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(Row.Meta):
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return str(self.pseudonym)
