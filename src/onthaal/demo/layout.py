"""Where everything of a demo stands: its ports, its folders and its files."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onthaal.core.refusals import Fault
from onthaal.emulator.nine import nine_doors
from onthaal.emulator.papers import kiosk_file, wall_file
from onthaal.emulator.wall import CodeConfig, ThingConfig, WallConfig
from onthaal.simulator.clients import ISSUER_PATH, Client, Register, Service, register_file

LOOPBACK: Final = "127.0.0.1"
CLIENT_ID: Final = "onthaal-demo"
PORTAL_SERVICE, WALL_SERVICE = "AALTER_PORTAAL", "AALTER_AUTOMAAT"


class DemoFault(Fault):
    """The demo cannot start; the text says why and what to do."""

    passing = False


@dataclass(frozen=True)
class Ports:
    """Eight ports in a row, from `base`."""

    base: int

    @property
    def central(self) -> int:
        return self.base

    @property
    def stream(self) -> int:
        return self.base + 1

    @property
    def kiosk(self) -> int:
        return self.base + 2

    @property
    def wall(self) -> int:
        return self.base + 3

    @property
    def mail(self) -> int:
        return self.base + 4

    @property
    def smtp(self) -> int:
        return self.base + 5

    @property
    def power(self) -> int:
        return self.base + 6

    @property
    def simulator(self) -> int:
        return self.base + 7

    def check_free(self) -> None:
        """Raises DemoFault naming the first port that somebody else listens on."""
        for port in range(self.base, self.base + 8):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((LOOPBACK, port))
                except OSError:
                    raise DemoFault(
                        f"port {port} is taken by another program; stop it, or run"
                        " `.venv/bin/onthaal demo --port-base 9000`"
                    ) from None

    def url(self, port: int) -> str:
        return f"http://{LOOPBACK}:{port}"


@dataclass(frozen=True)
class Places:
    """The folders of one demo, below `data`."""

    data: Path

    @property
    def marker(self) -> Path:
        """Says that a demo was here; a reset throws away no folder without it."""
        return self.data / "demo"

    @property
    def database(self) -> Path:
        return self.data / "database"

    @property
    def secret(self) -> Path:
        return self.data / "secret.key"

    @property
    def wall(self) -> Path:
        return self.data / "wall"

    @property
    def wall_file(self) -> Path:
        return self.data / "wall.toml"

    @property
    def kiosk(self) -> Path:
        return self.data / "kiosk"

    @property
    def kiosk_file(self) -> Path:
        return self.data / "kiosk.toml"

    @property
    def simulator(self) -> Path:
        return self.data / "simulator"

    @property
    def clients_file(self) -> Path:
        return self.data / "clients.toml"

    @property
    def mail(self) -> Path:
        return self.data / "mail"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def accounts(self) -> Path:
        return self.data / "accounts.json"


def demo_wall(places: Places, badges: Mapping[str, str], things: Sequence[Mapping[str, str]]) -> WallConfig:
    """The nine-door wall of the demo, with what lies beside it at the first start: `things` with name and tag, and
    an envelope. Its page offers `badges` (name → text) to hold before the reader."""
    tagged = tuple(
        ThingConfig(id=f"item-{number}", text=thing["name"], tag=thing["tag"])
        for number, thing in enumerate(things, start=1)
    )
    envelope = ThingConfig(id="envelope-1", text="Envelop met bonnen")
    codes = tuple(CodeConfig(name=name, text=text) for name, text in badges.items())
    return nine_doors(places.wall / "lines", things=(*tagged, envelope), codes=codes)


def issuer(ports: Ports) -> str:
    """The simulated provider's address."""
    return ports.url(ports.simulator) + ISSUER_PATH


def write_clients(places: Places, ports: Ports) -> None:
    """Register the municipality with the simulated provider: one service to sign in, one to confirm at the wall.

    It may be told national numbers; whether it asks for them is up to the municipality.
    """
    centre = ports.url(ports.central)
    back = (f"{centre}/aanmelden/itsme/terug",)
    client = Client(
        client_id=CLIENT_ID,
        name="Aalter",
        jwks_uri=f"{centre}/.well-known/onthaal-jwks.json",
        service=(
            Service(code=PORTAL_SERVICE, type="identification", redirect_uris=back),
            Service(code=WALL_SERVICE, type="confirmation", redirect_uris=back),
        ),
        national_number=True,
    )
    places.clients_file.write_text(register_file(Register(client=(client,))), encoding="utf-8")


def write_files(places: Places, ports: Ports, wall: WallConfig) -> None:
    """Write wall.toml and kiosk.toml anew: the ports may have moved, the data stays."""
    screen = f"{LOOPBACK}:{ports.kiosk}"
    places.wall_file.write_text(wall_file(wall), encoding="utf-8")
    kiosk = kiosk_file(wall, places.kiosk, centre=ports.url(ports.central), screen=screen)
    places.kiosk_file.write_text(kiosk, encoding="utf-8")
