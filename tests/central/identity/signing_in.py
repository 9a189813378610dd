"""A municipality at the real provider, and a person who signs in: without a browser, with its cookies."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from django.db import connection

from onthaal import clock
from onthaal.central.foundation.identity import actions, keyring
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.models import ClientKey, Identity, Provider, SignIn
from onthaal.central.foundation.identity.oidc import keys
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.sealing import unseal
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.refusals import Why
from tests.provider.fixture import Client, Person, RealProvider
from tests.provider.keys import InTurn

ITSME = "http://itsme.services/v2/claim/"
NUMBER = "90051700156"
AN = Person(
    "an-1", {"name": "An Peeters", "given_name": "An", "family_name": "Peeters", "birthdate": "1990-05-17",
             "locale": "nl", f"{ITSME}BENationalNumber": NUMBER, f"{ITSME}identification_mode": "QR",
             f"{ITSME}ongoing_call": False, "rrn": NUMBER, "givenName": "An", "surname": "Peeters",
             "egovNRN": NUMBER},
)  # fmt: skip
BO = Person("bo-2", {"name": "Bo Maes", "given_name": "Bo", "family_name": "Maes", "birthdate": "1985-07-30"})


def case(sentence: str, *values: Any) -> Any:
    """One case of a test, named by a sentence."""
    return pytest.param(*values, id=sentence.replace(" ", "-"))


class turned_clock:  # noqa: N801 (it reads as a noun in tests)
    """Our clock: seconds ahead of the machine's."""

    def __init__(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = file
        self._ahead = 0.0
        monkeypatch.setenv(clock.CLOCK_FILE, str(file))
        file.write_text("0")

    def now(self) -> datetime:
        return clock.now()

    def turn(self, seconds: float) -> None:
        self._ahead += seconds
        self._file.write_text(str(self._ahead))


OURS = InTurn(8)
"""Making and reading keys takes longer than a sign-in: those of one desk are used again for a later one."""


def _made(use: Literal["sig", "enc"]) -> keys.Made:
    key = OURS.next(use, keys.ALGORITHMS[use])
    return keys.Made(key["kid"], msgspec.json.encode(key))


class Desk:
    """One municipality at one provider."""

    def __init__(self, row: Municipality, real: RealProvider, dialect: str, **more: Any) -> None:
        self.row, self.real, self.dialect = row, real, dialect
        with acting_for(row.pk):
            if not ClientKey.objects.exists():
                with pytest.MonkeyPatch.context() as swapped:
                    swapped.setattr(keys, "made", _made)
                    keyring.rotate_keys(clock.now())
            jwks = keyring.public_jwks()
            self._keys = {use: self._read_key(use) for use in ("sig", "enc")}
        back = f"http://{row.host}/aanmelden/{dialect}/terug"
        self.registered: Client = real.register(dialect, redirect_uris=[back], jwks=jwks, **more)
        with acting_for(row.pk):
            self.provider: Provider = Provider.objects.create(
                profile=dialect, issuer=self.registered.issuer, client_id=self.registered.client_id,
                portal_service="PORTAL" if dialect == "itsme" else "",
                wall_service="WALL" if dialect == "itsme" else "",
            )  # fmt: skip
        self.browser = secrets.token_urlsafe(16)

    def set(self, **fields: Any) -> None:
        with acting_for(self.row.pk):
            Provider.objects.filter(pk=self.provider.pk).update(**fields)
            self.provider = Provider.objects.get(pk=self.provider.pk)

    def begins(self, **asked: Any) -> str:
        """The address to go to."""
        whole = {"purpose": "portal", "about": "/mijn/", "browser": self.browser, "lang": "nl", **asked}
        return actions.begin(self.provider, **whole).url

    def goes(self, url: str, person: Person | None = AN, **how: Any) -> dict[str, str]:
        """What the provider sends back for somebody who approves; None refuses."""
        if person is None:
            self.real.refuses(self.registered)
        else:
            self.real.approves(self.registered, person, **how)
        return dict(parse_qsl(urlsplit(self.real.follow(url)).query))

    def comes_back(
        self, query: Mapping[str, str], *, profile: str = "", browser: str | None = None
    ) -> actions.Finished:
        return actions.finish(
            municipality=self.row.pk, profile=profile or self.dialect, query=query,
            browser=self.browser if browser is None else browser,
        )  # fmt: skip

    def signs_in(
        self, person: Person | None = AN, how: Mapping[str, Any] | None = None, **asked: Any
    ) -> actions.Finished:
        """The whole way."""
        return self.comes_back(self.goes(self.begins(**asked), person, **(how or {})))

    # -- what stands there afterwards -------------------------------------------------------------------------------

    def entries(self, kind: str) -> list[Entry]:
        with acting_for(self.row.pk):
            return list(Entry.objects.filter(kind=kind).order_by("pk"))

    def what(self) -> str:
        """What the journal says of how the last sign-in ended."""
        return str(self.entries("sign-in.ended")[-1].data["what"])

    def sign_ins(self) -> list[SignIn]:
        with acting_for(self.row.pk):
            return list(SignIn.objects.order_by("pk"))

    def identities(self) -> list[Identity]:
        with acting_for(self.row.pk):
            return list(Identity.objects.order_by("pk"))

    def private_key(self, use: str) -> dict[str, Any]:
        """Our first key of a use, with its private part. (Asked from other threads too: no query here.)"""
        return self._keys[use]

    def _read_key(self, use: str) -> dict[str, Any]:
        row = ClientKey.objects.filter(use=use).order_by("pk")[0]
        found: dict[str, Any] = json.loads(unseal(bytes(row.sealed), f"client-key:{row.kid}"))
        return found

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The paths that were asked of the provider meanwhile."""
        before, asked = len(self.real.line.passed), list[str]()
        yield asked
        asked += [path for _, path in self.real.line.passed[before:]]


def refused(finished: actions.Finished, why: Why = Why.IDENTITY_FAILED) -> bool:
    """Nobody was recognised, and this is why."""
    return finished.assertion is None and finished.why == why


def who(finished: actions.Finished) -> IdentityAssertion:
    """Who was recognised."""
    assert finished.assertion is not None, finished.why
    return finished.assertion


def locks_held() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return int(cursor.fetchone()[0])
