"""`onthaal central …`: the service's commands."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec

import typer

from onthaal.lean import loading

app = typer.Typer(
    help="The centre: pages for residents and staff, and what the kiosks talk to. Settings: docs/settings.md.",
    no_args_is_help=True,
)

BAD_SETTINGS = 2
AWAY = 1
TRY_AGAIN = 75
"""EX_TEMPFAIL (sysexits.h): a mail server keeps the report, and brings it again."""
LAST_PORT = 65535

_P = ParamSpec("_P")


def _django() -> None:
    """Read the settings; say in one line what is wrong with them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onthaal.central.web.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        with loading():
            django.setup()
    except ImproperlyConfigured as error:
        typer.echo(f"The settings are not right: {error}", err=True)
        raise typer.Exit(BAD_SETTINGS) from None


def _refuse_what_is_wrong() -> None:
    """Django's checks, and ours: nothing starts on an error."""
    from django.core.checks import ERROR, run_checks

    wrong = [message for message in run_checks() if message.level >= ERROR and not message.is_silenced()]
    for message in wrong:
        typer.echo(f"{message.msg} ({message.id})\n  {message.hint or ''}", err=True)
    if wrong:
        raise typer.Exit(BAD_SETTINGS)


def _of_the_database(code: int) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    """A command that ends in words, with this exit code, when the database is away or has no tables yet."""

    def telling(command: Callable[_P, None]) -> Callable[_P, None]:
        @functools.wraps(command)
        def told(*args: _P.args, **options: _P.kwargs) -> None:
            from django.db import OperationalError, ProgrammingError
            from psycopg.errors import UndefinedColumn, UndefinedTable

            try:
                command(*args, **options)
            except OperationalError as error:
                typer.echo(f"The database does not answer: {str(error).strip()}", err=True)
                raise typer.Exit(code) from None
            except ProgrammingError as error:
                if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
                    raise
                typer.echo("The tables are not those of this version: run `onthaal central migrate`", err=True)
                raise typer.Exit(code) from None

        return told

    return telling


@app.command()
def serve(
    host: str = typer.Option("127.0.0.1", help="Address to listen on; a proxy with TLS stands before it."),
    port: int = typer.Option(8000, min=1, max=LAST_PORT, help="Port of the pages and of what kiosks tell."),
    stream_port: int = typer.Option(
        8001, min=1, max=LAST_PORT, help="Port of the event streams (a process of its own)."
    ),
    workers: int = typer.Option(0, min=0, help="Processes for the pages; 0: one per core, at least two."),
    threads: int = typer.Option(4, min=1, help="Threads in each; each holds one database connection."),
) -> None:
    """Serve the portal, the desk and the kiosks until stopped. Run `onthaal central worker` beside it."""
    if port == stream_port:
        typer.echo(f"--port and --stream-port are both {port}: each needs a port of its own", err=True)
        raise typer.Exit(BAD_SETTINGS)
    _django()
    with loading():
        _refuse_what_is_wrong()
        from onthaal.central.web.serving import Serving
        from onthaal.central.web.serving import serve as run

    processes = workers or max(2, os.cpu_count() or 1)
    serving = Serving(host=host, port=port, stream_port=stream_port, workers=processes, threads=threads)
    if (taken := serving.taken()) is not None:
        typer.echo(taken, err=True)
        raise typer.Exit(AWAY)
    raise typer.Exit(run(serving))


@app.command()
def worker() -> None:
    """Do what follows: mails, reminders, recalls, alerts, digests. Any number may run side by side. Ends with 1 when a
    part of it fell: whatever keeps it up must then start it again, as it does `serve`."""
    _django()
    with loading():
        _refuse_what_is_wrong()
        from onthaal.central.web import worker as working

    raise typer.Exit(working.run())


@app.command()
@_of_the_database(AWAY)
def migrate(
    check: bool = typer.Option(False, "--check", help="Change nothing; exit 1 when something is to be done."),
) -> None:
    """Bring the database's tables up to this version, as the owner role (ONTHAAL_OWNER_DATABASE_URL)."""
    _django()
    from django.core.management import call_command

    from onthaal.central.web import checks

    if check:
        waiting = checks.unapplied()
        for name in waiting:
            typer.echo(name)
        raise typer.Exit(1 if waiting else 0)
    if not checks.may_migrate():
        typer.echo("ONTHAAL_OWNER_DATABASE_URL is not set: only the owner role may change tables", err=True)
        raise typer.Exit(BAD_SETTINGS)
    call_command("migrate", database="owner", interactive=False, verbosity=1)


@app.command()
@_of_the_database(AWAY)
def found(
    slug: str = typer.Argument(help="Its short name, such as aalter."),
    *,
    name: str = typer.Option(help="As people read it."),
    host: str = typer.Option(help="The host name it is served on; * answers any, when it is alone."),
    address: str = typer.Option("", help="Street, number, place: under its pages."),
    help_phone: str = typer.Option(help="Whom residents call."),
    duty_address: str = typer.Option(help="Where alerts are mailed."),
    sender_address: str = typer.Option(help="Whom its mails are from."),
    languages: str = typer.Option("nl,fr,en", help="In which it speaks; its own first."),
    administrator: str = typer.Option(help="User name of the first administrator."),
    administrator_name: str = typer.Option(help="And their own name."),
) -> None:
    """Begin a municipality, with its first administrator. Their password is shown this once; they make everything else
    at the desk: accounts, places, walls and products."""
    _django()
    from django.core.exceptions import ValidationError
    from django.utils import translation

    from onthaal.central.foundation.people import founding

    new = founding.NewMunicipality(
        slug=slug, name=name, host=host, address=address, help_phone=help_phone, duty_address=duty_address,
        sender_address=sender_address, languages=tuple(languages.split(",")),
    )  # fmt: skip
    try:
        with translation.override("en"):
            begun, password = founding.found(new, administrator=administrator, name=administrator_name)
    except ValidationError as error:
        for field, wrong in error.message_dict.items():
            typer.echo(f"{field}: {' '.join(wrong)}", err=True)
        raise typer.Exit(BAD_SETTINGS) from None
    typer.echo(f"{begun.slug} begins. {administrator} signs in at /desk/ with the password {password}")


@app.command()
@_of_the_database(AWAY)
def check() -> None:
    """Ask whether this installation is fit to serve; each problem comes with what to do about it."""
    _django()
    from django.core.checks import WARNING, run_checks

    from onthaal.central.web import checks

    troubles = 0
    for message in run_checks(include_deployment_checks="ONTHAAL_PRODUCTION" in os.environ):
        if message.level >= WARNING and not message.is_silenced():
            troubles += 1
            typer.echo(f"✗ {message.msg} ({message.id})\n  {message.hint or ''}")
    for finding in checks.findings():
        troubles += not finding.good
        typer.echo(f"{'✓' if finding.good else '✗'} {finding.question}")
        if not finding.good:
            typer.echo(f"  {finding.hint}")
    raise typer.Exit(1 if troubles else 0)


@app.command()
@_of_the_database(AWAY)
def verify(
    export: str = typer.Option("", help="Also write the signed daily digests to this file (JSON lines)."),
) -> None:
    """Recompute every chain of every municipality: journal, kiosk logs, digests. Exit 1 at the first break."""
    _django()
    from onthaal.central.foundation.journal import digests
    from onthaal.central.foundation.people.models import Municipality
    from onthaal.central.lockers.devices.queries import snapshot_of
    from onthaal.central.web import chains

    lines: list[str] = []
    for municipality in Municipality.objects.order_by("slug"):
        with snapshot_of(municipality.pk):  # a head and its chain are of one moment, whatever is heard meanwhile
            sound = 0
            for checked in chains.recomputed():
                for remark in checked.remarks:
                    typer.echo(f"{municipality.slug}: {checked.name}: {remark}")
                if checked.break_at is not None:
                    typer.echo(f"{municipality.slug}: {checked.name} breaks at {checked.break_at}", err=True)
                    raise typer.Exit(1)
                sound += 1
                if sys.stderr.isatty():
                    typer.echo(f"\r{municipality.slug}: {sound} chains", nl=False, err=True)
            lines += [json.dumps(digest, sort_keys=True) for digest in digests.exported()]
        typer.echo(f"{municipality.slug}: {sound} chains and digests are whole")
    if export:
        _write(Path(export), lines)
        typer.echo(f"{len(lines)} digests written to {export}")


def _write(file: Path, lines: Sequence[str]) -> None:
    try:
        file.write_text("".join(f"{line}\n" for line in lines))
    except OSError as error:
        typer.echo(f"{file} cannot be written: {error.strerror}", err=True)
        raise typer.Exit(1) from None


@app.command()
@_of_the_database(AWAY)
def keys(
    municipality: str = typer.Option("", help="Only this one (its short name); without it, every municipality."),
    retire_now: bool = typer.Option(
        False,
        "--retire-now",
        help="After a leak: the old signing keys sign and are published no more, from this moment.",
    ),
) -> None:
    """Replace the keys with which providers such as itsme know us. They go on being published and opened as long as
    something may still need them; a worker does this by itself every three months."""
    _django()
    from onthaal import clock
    from onthaal.central.foundation.identity import actions
    from onthaal.central.foundation.people.models import Municipality
    from onthaal.central.foundation.tenancy import acting_for

    chosen = Municipality.objects.filter(slug=municipality) if municipality else Municipality.objects.order_by("slug")
    for one in chosen:
        with acting_for(one.pk):
            made = (actions.retire_now if retire_now else actions.rotate_keys)(clock.now())
        typer.echo(f"{one.slug}: {', '.join(key.kid for key in made)}")
    if municipality and not chosen:
        typer.echo(f"there is no municipality {municipality}", err=True)
        raise typer.Exit(BAD_SETTINGS)


@app.command()
@_of_the_database(AWAY)
def retry() -> None:
    """Try again what should have followed by itself and failed to its last try: run it once the fault is mended. A
    worker does the work; `onthaal central check` tells whether anything was given up."""
    _django()
    from onthaal import clock
    from onthaal.central.foundation.journal import following

    typer.echo(f"put back to work: {following.try_again(clock.now())}")


@app.command()
@_of_the_database(AWAY)
def restored() -> None:
    """Say, after restoring a backup and before anything else runs, that this is a new epoch: kiosks accept it once and
    tell again what they know, and no number they may keep is given out a second time. As the owner role
    (ONTHAAL_OWNER_DATABASE_URL)."""
    _django()
    from onthaal.central.foundation.people.actions import begin_epoch
    from onthaal.central.foundation.people.hosts import every_municipality
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.devices import restoring
    from onthaal.central.web import checks

    if not checks.may_migrate():
        typer.echo("ONTHAAL_OWNER_DATABASE_URL is not set: only the owner role may leave numbers out", err=True)
        raise typer.Exit(BAD_SETTINGS)
    restoring.leave_numbers_out()
    for municipality in every_municipality():
        with acting_for(municipality):
            begun = begin_epoch()
        typer.echo(f"{begun.slug}: epoch {begun.epoch}")


@app.command()
@_of_the_database(TRY_AGAIN)
def bounce() -> None:
    """Take in a delivery report (RFC 3464) from standard input: let your mail server pipe bounce+…@… here. Ends with 2
    when it is none of ours, and with 75 (try again later) when the database is away."""
    _django()
    from onthaal.central.foundation.notices import bounces

    try:
        outcome = bounces.take_in(sys.stdin.buffer.read(bounces.MOST_BYTES + 1))
    except bounces.NotAReport as error:
        typer.echo(f"This is no delivery report for one of our mails: {error}", err=True)
        raise typer.Exit(BAD_SETTINGS) from None
    typer.echo(
        {
            "bounced": "The mail is marked as bounced.",
            "bounced-before": "The mail was marked as bounced before; nothing changed.",
            "not-permanent": "The failure may pass; nothing changed.",
        }[outcome]
    )
