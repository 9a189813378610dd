"""The certified provider, for the same client and the same people."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.identity_contract.relying import CALL, MODE, NATIONAL_NUMBER
from tests.identity_contract.under_test import (
    PORTAL,
    PORTAL_BACK,
    WALL,
    WALL_BACK,
    Doing,
    ProviderUnderTest,
    Quirk,
    Registration,
    Started,
)
from tests.provider.fixture import Client, Person, RealProvider, real_provider


def _person(sub: str, given_name: str) -> Person:
    claims = {
        "name": f"{given_name} Fictief", "given_name": given_name, "family_name": "Fictief",
        "birthdate": "1992-03-14", NATIONAL_NUMBER: "92031499833", MODE: "QR",
    }  # fmt: skip
    return Person(sub, claims)


class Certified:
    """`oidc-provider`, configured to look like itsme."""

    quirks: frozenset[Quirk] = frozenset({"takes-a-signed-request-object"})

    def __init__(self, real: RealProvider, client: Client) -> None:
        self._real, self._client = real, client
        self.issuer = client.issuer

    def phone(self, doing: Doing) -> None:
        """Answer the next sign-in."""
        noticed: dict[str, Any] = {CALL: doing.ongoing_call}
        match doing.answer:
            case "refuse":
                self._real.refuses(self._client)
            case "approve":
                self._real.approves(self._client, _person("emma", "Emma"), **noticed)
            case "other":
                self._real.approves(self._client, _person("bram", "Bram"), **noticed)
            case "wait":
                self._real.waits(self._client)


@contextmanager
def certified(registration: Registration) -> Started:
    """Started with this one client; stopped at the end."""
    with tempfile.TemporaryDirectory() as folder, real_provider(Path(folder)) as real:
        client = real.register(
            "itsme", client_id=registration.client_id, jwks_uri=registration.jwks_uri,
            redirect_uris=[PORTAL_BACK, WALL_BACK], services={PORTAL: [PORTAL_BACK], WALL: [WALL_BACK]},
        )  # fmt: skip
        under_test: ProviderUnderTest = Certified(real, client)
        yield under_test
