"""A simulator that runs, and a relying party that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
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

    def phone(self, answer: str, *, citizen: str = "emma", **more: object) -> None:
        """What somebody does: with what waits now, or with what comes next."""
        status, told = self.running.posts("phone", {"citizen": citizen, "answer": answer, **more})
        assert status == 200, told


def started(relying: Relying, jwks_uri: str, folder: Path) -> Standing:
    """A process of its own, whose clock and keys are in `folder`."""
    clock, file = folder / "clock", folder / "clients.toml"
    clock.write_text("0")
    file.write_text(register_file(registered(Registration(jwks_uri=jwks_uri))), "utf-8")
    running = start("--clients", str(file), "--data", str(folder / "data"), ONTHAAL_CLOCK_FILE=str(clock))
    relying.issuer = running.issuer
    return Standing(running, relying, clock)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Standing]:
    """A simulator of one test: to read what it said, or to stop it."""
    relying = Relying()
    with publishing(relying) as jwks_uri:
        up = started(relying, jwks_uri, tmp_path)
        yield up
        if up.running.process.poll() is None:
            up.running.stopped()


@dataclass
class Shared:
    """The simulator of this run, and where its one client publishes its keys."""

    standing: Standing
    jwks_uri: str

    def as_new(self) -> Standing:
        """As it stood when it was started: on time, working, nobody waiting and nothing said beforehand."""
        running, fresh = self.standing.running, Relying()
        self.standing.clock.write_text("0")
        self.standing.relying.signing, self.standing.relying.reading = fresh.signing, fresh.reading
        client = msgspec.to_builtins(registered(Registration(jwks_uri=self.jwks_uri)).client)
        assert running.posts("clients", {"client": client})[0] == 200
        assert running.posts("condition", {"state": "up", "seconds": 10.0})[0] == 200
        for waits in running.state()["waiting"]:
            self.standing.phone("refuse", handle=waits["handle"])
        self.standing.phone("wait")
        assert running.state()["waiting"] == []
        return self.standing


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    relying = Relying()
    with publishing(relying) as jwks_uri:
        up = started(relying, jwks_uri, tmp_path_factory.mktemp("simulator"))
        listener = up.running.listened_away()
        yield Shared(up, jwks_uri)
        up.running.process.terminate()
        listener.join(30)
        up.running.process.communicate(timeout=30)


@pytest.fixture
def standing(shared: Shared) -> Standing:
    """The simulator of this run, as new."""
    return shared.as_new()
