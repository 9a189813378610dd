"""A simulator that runs, and a relying party that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from onthaal.simulator.clients import register_file
from tests.identity_contract.relying import Relying, publishing
from tests.identity_contract.simulated import registered
from tests.identity_contract.under_test import Registration
from tests.simulator.process import Running, start


@dataclass
class Standing:
    """The process, the client, and the clock file they may turn."""

    running: Running
    relying: Relying
    clock: Path
    said: str = ""

    def phone(self, answer: str, *, citizen: str = "emma", **more: object) -> None:
        """What somebody does: with what waits now, or with what comes next."""
        status, told = self.running.posts("phone", {"citizen": citizen, "answer": answer, **more})
        assert status == 200, told


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    relying, clock = Relying(), tmp_path / "clock"
    clock.write_text("0")
    with publishing(relying) as jwks_uri:
        file = tmp_path / "clients.toml"
        file.write_text(register_file(registered(Registration(jwks_uri=jwks_uri))), "utf-8")
        options = ("--clients", str(file), "--data", str(tmp_path / "data"))
        running = start(*options, ONTHAAL_CLOCK_FILE=str(clock))
        relying.issuer = running.issuer
        up = Standing(running, relying, clock)
        yield up
        if running.process.poll() is None:
            running.stopped()
