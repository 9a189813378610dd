"""A municipality begins: its own row, and the administrator who makes everything else at the desk."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from onthaal.central.foundation.people.actions import NewAccount, create_account
from onthaal.central.foundation.people.hosts import ANY_HOST
from onthaal.central.foundation.people.models import USERNAME, Lang, Municipality, Role
from onthaal.central.foundation.people.passwords import drawn
from onthaal.central.foundation.tenancy import acting_for

_HOST = re.compile(r"(?!-)[a-z0-9.-]+(?<![.-])(:[1-9][0-9]{0,4})?")
"""A name as a browser sends it, in lower case: no scheme, no path."""


@dataclass(frozen=True, kw_only=True)
class NewMunicipality:
    """What a municipality says of itself; all but slug and host can be changed at the desk."""

    slug: str
    name: str
    host: str
    help_phone: str
    duty_address: str
    sender_address: str
    address: str = ""
    languages: tuple[str, ...] = tuple(Lang.values)


@transaction.atomic
def found(new: NewMunicipality, *, administrator: str, name: str) -> tuple[Municipality, str]:
    """Make a municipality, and its first administrator with a password that is drawn. Both, or nothing.

    Returns the municipality, and the password: it is kept nowhere else. Raises ValidationError, with a message a field.
    """
    municipality = Municipality(**{**asdict(new), "host": new.host.strip().lower(), "languages": list(new.languages)})
    wrong = _wrong(municipality)
    if not USERNAME.fullmatch(administrator) or not name.strip():
        wrong["administrator"] = ["Give a user name of small letters and digits, and the name of a person."]
    if wrong:
        raise ValidationError(wrong)
    municipality.save(force_insert=True)
    password = drawn()
    with acting_for(municipality.pk):
        roles, language = (Role.ADMINISTRATOR.value,), municipality.languages[0]
        first = NewAccount(username=administrator, name=name.strip(), password=password, roles=roles, language=language)
        create_account(first, by=None)
    return municipality, password


def _wrong(municipality: Municipality) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    try:
        municipality.full_clean()
    except ValidationError as error:
        wrong = error.message_dict
    if municipality.host != ANY_HOST and not _HOST.fullmatch(municipality.host):
        wrong["host"] = ["Give the name alone, such as onthaal.example.be."]
    others = Municipality.objects.all()
    if others.filter(host=ANY_HOST).exists() or (municipality.host == ANY_HOST and others.exists()):
        wrong["host"] = ["Only a municipality that is alone answers any host: give each a name of its own."]
    return wrong
