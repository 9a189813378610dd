"""The simulator as its own process, registered for the client of the suite."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path

from onthaal.simulator.clients import Client, Register, Service, register_file
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
from tests.simulator.process import Running, start


class Simulator:
    """`onthaal simulator itsme`, its phone played over the control interface."""

    quirks: frozenset[Quirk] = frozenset()

    def __init__(self, running: Running) -> None:
        self.running, self.issuer = running, running.issuer

    def phone(self, doing: Doing) -> None:
        """Answer the next sign-in."""
        asked = {"citizen": doing.citizen, "answer": doing.answer, "ongoing_call": doing.ongoing_call}
        assert self.running.posts("phone", asked)[0] == 200


def registered(registration: Registration) -> Register:
    """The register with this one client."""
    services = (
        Service(code=PORTAL, type="identification", redirect_uris=(PORTAL_BACK,)),
        Service(code=WALL, type="confirmation", redirect_uris=(WALL_BACK,)),
    )
    client = Client(
        client_id=registration.client_id, name="Aalter", jwks_uri=registration.jwks_uri,
        service=services, national_number=True,
    )  # fmt: skip
    return Register(client=(client,))


@contextmanager
def simulator(registration: Registration) -> Started:
    """Started on a free port; stopped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clients.toml"
        file.write_text(register_file(registered(registration)), "utf-8")
        running = start("--clients", str(file), "--data", folder)
        try:
            under_test: ProviderUnderTest = Simulator(running)
            yield under_test
        finally:
            running.stopped()
