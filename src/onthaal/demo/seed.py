"""The demo's municipality: made once, kept ever after. Prints nothing but what was asked for.

`python -m onthaal.demo.seed ACCOUNTS --host HOST --issuer URL` brings the tables up to date, makes what is missing
and writes the accounts file; `--enrolment-code` prints a one-time code for the kiosk besides. One process for all, for
its start is what takes time.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from onthaal.lean import loading


class _Person(NamedTuple):
    role: str
    username: str
    name: str
    language: str


PEOPLE: Final = (
    _Person("clerk", "an", "An Claeys", "nl"),
    _Person("clerk", "bea", "Bea Wouters", "nl"),  # who prepared a personal document does not load it
    _Person("technician", "tom", "Tom Maes", "nl"),
    _Person("administrator", "ingrid", "Ingrid Dubois", "fr"),
    _Person("auditor", "omar", "Omar Peeters", "nl"),
)
_TECHNICIAN: Final = "tom"
_ADMINISTRATOR: Final = "ingrid"


def main(
    accounts: Annotated[Path, typer.Argument(help="Where the demo's accounts are written.")],
    host: Annotated[str, typer.Option(help="The host name the municipality answers to.")] = "*",
    issuer: Annotated[str | None, typer.Option(help="Where the simulated itsme is, if there is one.")] = None,
    enrolment_code: Annotated[bool, typer.Option("--enrolment-code", help="Print a code for the kiosk.")] = False,
) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onthaal.central.web.settings")
    import django

    with loading():
        django.setup()
    from django.core.management import call_command

    call_command("migrate", database="owner", interactive=False, verbosity=0)
    things = make_municipality(host)
    if issuer is not None:
        _register_provider(issuer)
    keep_accounts(accounts, things)
    if enrolment_code:
        typer.echo(_enrolment_code())


def make_municipality(host: str) -> list[dict[str, str]]:
    """The municipality with its wall and products; its tagged things come back."""
    from onthaal.central.foundation.models import Municipality
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.catalogue import seeds

    municipality, _ = Municipality.objects.get_or_create(
        slug="aalter",
        defaults={
            "name": "Aalter",
            "host": host,
            "address": "Europalaan 22, 9880 Aalter",
            "help_phone": "+32 9 000 00 00",
            "duty_address": "wacht@aalter.example",
            "sender_address": "onthaal@aalter.example",
            "languages": ["nl", "fr", "en"],
        },
    )
    with acting_for(municipality.pk):
        seeded = seeds.seed_aalter()
    return [{"name": item.name, "tag": item.tag} for item in seeded.items if item.tag]


def _register_provider(issuer: str) -> None:
    """The simulated itsme as the municipality's provider, and keys of our own to be known by. The ports may have
    moved. It has no authorisation for national numbers, as a municipality that begins has none."""
    from onthaal import clock
    from onthaal.central.foundation.identity import actions as identity
    from onthaal.central.foundation.models import ClientKey, Municipality, Provider
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.demo.layout import CLIENT_ID, PORTAL_SERVICE, WALL_SERVICE

    with acting_for(Municipality.objects.get(slug="aalter").pk):
        registered = {"issuer": issuer, "client_id": CLIENT_ID}
        services = {"portal_service": PORTAL_SERVICE, "wall_service": WALL_SERVICE}
        Provider.objects.update_or_create(
            profile="itsme", defaults=registered, create_defaults={**registered, **services}
        )
        if not ClientKey.objects.exists():
            identity.rotate_keys(clock.now())


def keep_accounts(file: Path, things: list[dict[str, str]]) -> None:
    """Have every account of the demo, and write them to `file` with the municipality's tagged things.

    What the file tells stays as it is. Whoever it does not name, or the municipality does not have, is made: the data
    may be an older version's.
    """
    told = json.loads(file.read_text()) if file.exists() else {"accounts": [], "things": things}
    accounts = _complete(told["accounts"])
    if accounts == told["accounts"]:
        return
    unfinished = file.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps({**told, "accounts": accounts}, indent=2))
    if not file.exists():
        _fill_checklists()
    unfinished.rename(file)


def _complete(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from onthaal.central.foundation.models import Account, Municipality
    from onthaal.central.foundation.tenancy import acting_for

    known = {entry["name"]: entry for entry in told}
    with acting_for(Municipality.objects.get(slug="aalter").pk):
        there = set(Account.objects.values_list("username", flat=True))
        return [
            known[person.username] if person.username in known and person.username in there else _made(person)
            for person in PEOPLE
        ]


def _made(person: _Person) -> dict[str, Any]:
    """The account with a fresh password, and a badge for who works at the wall."""
    from onthaal.central.foundation.models import Account
    from onthaal.central.foundation.people import actions as people
    from onthaal.central.lockers.access import actions as access

    password = f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(9000) + 1000}"
    account = Account.objects.filter(username=person.username).first()
    if account is None:
        new = people.NewAccount(
            username=person.username,
            name=person.name,
            password=password,
            roles=(person.role,),
            language=person.language,
        )
        account = people.create_account(new, by=None)
    else:
        people.set_password(account, password, by=None)
    badge = pin = None
    if person.role in ("clerk", "technician"):
        pin = f"{secrets.randbelow(1_000_000):06}"
        badge = access.issue_badge(account_id=account.pk, by=account)
        access.set_badge_pin(account_id=account.pk, pin=pin, by=account)
    return {"name": person.username, "role": person.role, "password": password, "badge": badge, "pin": pin}


def _fill_checklists() -> None:
    """The example checklists of the personal products: without one, only the desk hands them out."""
    from onthaal.central.foundation.models import Account, Municipality
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.catalogue import seeds

    with acting_for(Municipality.objects.get(slug="aalter").pk):
        seeds.clear_for_demo(by=Account.objects.get(username=_ADMINISTRATOR))


def _enrolment_code() -> str:
    from onthaal.central.foundation.models import Account, Municipality
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.devices import actions as devices
    from onthaal.central.lockers.models import Kiosk

    with acting_for(Municipality.objects.get(slug="aalter").pk):
        technician = Account.objects.get(username=_TECHNICIAN)
        return devices.enrolment_code(kiosk_id=Kiosk.objects.order_by("pk")[0].pk, by=technician)


_WORDS: Final = ("linde", "molen", "regen", "fiets", "brug", "kers", "vuur", "wolk", "zomer", "haven", "klok", "veld")

if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)  # a pretty one shows passwords in its frames
    app.command()(main)
    app()
