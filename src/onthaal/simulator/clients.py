"""Who may ask: the register of clients, a file that says what a partner fills in at the real provider's portal."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

ISSUER_PATH: Final = "/v2"
"""Where on its server the provider is; what a client calls the issuer ends in it."""

ServiceType = Literal["authentication", "identification", "confirmation", "data-sharing"]


class ClientsUnusable(Exception):
    """The register cannot be used; the text says where."""


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flow of a client."""

    code: str
    type: ServiceType
    redirect_uris: tuple[str, ...]


class Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partner with its services and the address of its public keys."""

    client_id: str
    name: str
    jwks_uri: str
    service: tuple[Service, ...] = ()
    national_number: bool = False
    """Whether this client has the permission to be told national numbers and card numbers."""

    def service_called(self, code: str) -> Service | None:
        """The service with this code, letter by letter."""
        return next((service for service in self.service if service.code == code), None)

    def ever_returns_to(self, address: str) -> bool:
        """Whether any of its services names this address."""
        return any(address in service.redirect_uris for service in self.service)


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file: `[[client]]` tables, each with `[[client.service]]` tables."""

    client: tuple[Client, ...] = ()

    def called(self, client_id: str) -> Client | None:
        """The client with this id."""
        return next((client for client in self.client if client.client_id == client_id), None)


def read_register(path: Path) -> Register:
    """The register in a TOML file. Raises ClientsUnusable."""
    try:
        return checked(msgspec.toml.decode(path.read_bytes(), type=Register))
    except OSError as error:
        raise ClientsUnusable(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientsUnusable(f"{path}: {error}") from error
    except ClientsUnusable as error:
        raise ClientsUnusable(f"{path}: {error}") from error


def checked(register: Register) -> Register:
    """The same register. Raises ClientsUnusable for a name said twice or an address the provider would not take."""
    _once([client.client_id for client in register.client], "client_id")
    for client in register.client:
        _once([service.code for service in client.service], "service code")
        for address in (client.jwks_uri, *(uri for service in client.service for uri in service.redirect_uris)):
            _check_address(address)
    return register


def register_file(register: Register) -> str:
    """The file that `read_register` reads."""
    lines: list[str] = []
    for client in register.client:
        lines += ["[[client]]", *_table(client, leave_out=("service",)), ""]
        for service in client.service:
            lines += ["[[client.service]]", *_table(service), ""]
    return "\n".join(lines)


def _table(row: Client | Service, leave_out: tuple[str, ...] = ()) -> list[str]:
    # A JSON string, boolean or list of strings is written the same in TOML.
    fields = [field for field in row.__struct_fields__ if field not in leave_out]
    return [f"{field} = {msgspec.json.encode(getattr(row, field)).decode()}" for field in fields]


def _once(names: list[str], what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ClientsUnusable(f"{what} said twice: {', '.join(twice)}")


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.fragment or "#" in address:
        raise ClientsUnusable(f"{address}: an address with a fragment is not taken")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        raise ClientsUnusable(f"{address}: https only (http on this machine alone)")


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
