"""Is this installation fit to serve? Each answer with a hint: what to do about it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, register
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from onthaal.central.foundation.findings import Finding
from onthaal.central.foundation.identity import checks as identity
from onthaal.central.foundation.journal.following import given_up
from onthaal.central.foundation.notices.mail_server import connected
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.roles import APPLICATION, OWNER, fenced_tables
from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.catalogue.models import Product

SMTP_SECONDS = 5
SMTP_OK = 250
"""The answer to NOOP (RFC 5321)."""


@register()
def production_is_strict(app_configs: object, **_: Any) -> list[Error]:
    """What would be an accident in production stops it."""
    if not settings.PRODUCTION:
        return []
    found = []
    if settings.ONTHAAL_CLOCK_FILE:
        hint = "unset ONTHAAL_CLOCK_FILE: a clock that a file turns is for tests"
        found.append(Error("the clock can be turned", hint=hint, id="onthaal.E001"))
    if urlsplit(settings.ONTHAAL_PUBLIC_URL).scheme != "https":
        hint = "set ONTHAAL_PUBLIC_URL to the https:// address that residents use"
        found.append(Error("the public address is not https", hint=hint, id="onthaal.E002"))
    if urlsplit(settings.ONTHAAL_STREAM_URL or "https://").scheme != "https":
        hint = "set ONTHAAL_STREAM_URL to an https:// address, or leave it out"
        found.append(Error("the address of the event streams is not https", hint=hint, id="onthaal.E003"))
    if settings.ONTHAAL_IDENTITY_LOOPBACK:
        hint = "unset ONTHAAL_IDENTITY_LOOPBACK: a provider on this machine is for tests and the demo"
        found.append(Error("anybody on this machine may say who people are", hint=hint, id="onthaal.E004"))
    return found


@register()
def who_signed_in_is_answered(app_configs: object, **_: Any) -> list[Error]:
    """Otherwise somebody finds out on the way back from a provider."""
    try:
        import_string(settings.ONTHAAL_SIGNED_IN)
    except ImportError:
        hint = "set ONTHAAL_SIGNED_IN to the dotted path of a function, or leave it out"
        return [Error("there is no function that answers who signed in", hint=hint, id="onthaal.E005")]
    return []


def findings() -> Iterator[Finding]:
    """Everything that can be asked from here, slowest last."""
    yield from _roles()
    yield from _fences()
    tables = _migrations()
    yield tables
    if tables.good:
        yield _followed()
    yield _smtp()
    if not tables.good:
        return
    for municipality in Municipality.objects.order_by("slug"):
        yield from identity.findings(municipality, wanted=_needs_identity(municipality))


def _needs_identity(municipality: Municipality) -> bool:
    with acting_for(municipality.pk):
        return Product.objects.filter(personal=True, locker_allowed=True).exists()


def _one(using: str, statement: str) -> Any:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _roles() -> Iterator[Finding]:
    free = _one(APPLICATION, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    hint = "connect as a role made with NOSUPERUSER NOBYPASSRLS (ONTHAAL_DATABASE_URL)"
    yield Finding("the application role is held by row-level security", not free, hint)
    owned = _one(APPLICATION, "SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
    hint = "migrate as another role (ONTHAAL_OWNER_DATABASE_URL): who owns a table may lift its fences"
    yield Finding("the application role owns no table", owned == 0, hint)


def _fences() -> Iterator[Finding]:
    forced = dict(fenced_tables(APPLICATION))
    wanted = {model._meta.db_table for model in apps.get_models() if issubclass(model, Row)}
    open_ones = sorted(table for table in wanted if not forced.get(table))
    hint = f"run `onthaal central migrate`; not fenced: {', '.join(open_ones)}"
    yield Finding(f"all {len(wanted)} tables of municipalities are fenced", not open_ones, hint)


def _migrations() -> Finding:
    return Finding("every migration was run", not unapplied(), "run `onthaal central migrate`")


def unapplied() -> list[str]:
    """Migrations that were not run yet."""
    executor = MigrationExecutor(connections[APPLICATION])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _backwards in plan]


def _followed() -> Finding:
    hint = "read in the worker's log why it failed (follower failed); once mended, run `onthaal central retry`"
    return Finding("everything that follows by itself was done", not given_up().exists(), hint)


def _smtp() -> Finding:
    mail = settings.ONTHAAL_MAIL
    question = f"mail can be handed over at {mail.host}:{mail.port}"
    hint = "start the mail server, or set ONTHAAL_SMTP_URL"
    try:
        with connected(mail, SMTP_SECONDS) as server:
            return Finding(question, server.noop()[0] == SMTP_OK, hint)
    except ssl.SSLCertVerificationError as error:
        return Finding(question, good=False, hint=f"its certificate is not trusted here ({error.verify_message})")
    except smtplib.SMTPNotSupportedError as error:
        return Finding(question, good=False, hint=str(error))
    except smtplib.SMTPAuthenticationError:
        return Finding(question, good=False, hint="user or password in ONTHAAL_SMTP_URL is wrong")
    except (OSError, smtplib.SMTPException):
        return Finding(question, good=False, hint=hint)


def may_migrate() -> bool:
    return OWNER in settings.DATABASES
