"""A demo from its first process to its last: start, tell where everything is, watch, stop."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onthaal.demo.layout import LOOPBACK, DemoFault, Places, Ports, demo_wall, issuer, write_clients, write_files
from onthaal.demo.postgres import Postgres, default_data
from onthaal.demo.power import PowerSwitch
from onthaal.demo.processes import Child, Falls, Household, alone_on, end_leftovers

_ANSWERS_WITHIN: Final = 60.0
_LOOKS_EVERY: Final = 0.2
_DARK_SECONDS: Final = 3.0

_FIRST_STEPS: Final = """
[bold]What to try first[/] (each page in a tab of its own)
  1. [bold]portal[/]  Ask for Aalterbonnen. The link in the [bold]mail[/] confirms it.
  2. [bold]desk[/]    Sign in as the clerk. Open the request: accept, prepare, label.
  3. [bold]wall[/]    Hold the clerk's badge before the reader. Type the wall PIN at the
             [bold]kiosk[/], choose to load, and hold the label. A door opens at the
             [bold]wall[/]: put the envelope in, shut it, confirm at the [bold]kiosk[/].
  4. [bold]mail[/]    The code has come. Type it at the [bold]kiosk[/]. A door opens at the
             [bold]wall[/]: take the envelope, shut it. The [bold]desk[/] knows who has it.

[bold]Then a driving licence[/]: for one person only, by two clerks, without a code
  1. [bold]portal[/]  Sign in with itsme: in the [bold]simulator[/] you are Emma, and approve.
             Ask for a provisional licence, to be collected at the wall.
  2. [bold]desk[/]    As clerk an: accept, payment, labels. Prepare: dossier, envelope.
  3. [bold]wall[/]    As clerk bea (an may not): load the envelope, as above.
  4. [bold]kiosk[/]   Collect a document with itsme. Open [bold]telephone[/]: it reads the code
             on the screen. Go on; its app is on this device; approve as Emma.
             Type its two digits at the [bold]kiosk[/]. For Bram no door opens.
  Then pull a plug at the [bold]wall[/], in the middle of anything."""


class _AskedToStop(Exception):
    """Somebody did, while it was starting."""


@dataclass
class Demo:
    """What the command line asked for, and everything that runs because of it."""

    console: Console
    ready_file: Path | None
    port_base: int
    data: Path | None
    reset: bool
    _household: Household = field(default_factory=Household)
    _stop: threading.Event = field(default_factory=threading.Event)
    _power: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._ports = Ports(self.port_base)
        self._accounts: list[dict[str, Any]] = []
        self._places = Places((self.data or default_data("demo")).resolve())
        self._postgres = Postgres(self._places.database)
        self._falls = Falls("postgres")

    def run(self) -> None:
        """Stay until Ctrl-C or SIGTERM. Raises a Fault when it cannot start or go on."""
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, self._asked_to_stop)
        begun = time.monotonic()
        with ExitStack() as open_things, suppress(_AskedToStop):
            self._begin_alone(open_things)
            self._start(open_things)
            self._tell(time.monotonic() - begun)
            self._watch()

    # -- starting -----------------------------------------------------------------------------------------------

    def _begin_alone(self, open_things: ExitStack) -> None:
        """Whatever refuses a start, before anything is thrown away or made."""
        if self.ready_file is not None and not self.ready_file.absolute().parent.is_dir():
            raise DemoFault(f"there is no folder {self.ready_file.absolute().parent} for the ready file; make it first")
        open_things.enter_context(alone_on(self._places.data))
        self._step("Looking after what is here")
        end_leftovers(self._places.marker, str(self._places.data))
        self._ports.check_free()
        if self.ready_file is not None:
            self.ready_file.unlink(missing_ok=True)

    def _start(self, open_things: ExitStack) -> None:
        places, ports = self._places, self._ports
        open_things.callback(self._goodbye)
        self._make_room()
        self._step("Starting PostgreSQL")
        env = {**self._postgres.start().environment(), **self._environment()}
        open_things.callback(self._postgres.stop)
        open_things.callback(self._household.stop)
        self._begin("mail", env, "-m", "onthaal.demo.mailbox", "--smtp", str(ports.smtp), "--web", str(ports.mail),
                    "--folder", str(places.mail), "--screen", ports.url(ports.kiosk) + "/")  # fmt: skip
        write_clients(places, ports)
        self._begin("simulator", env, "-m", "onthaal.simulator", "itsme", "--port", str(ports.simulator),
                    "--data", str(places.simulator), "--clients", str(places.clients_file))  # fmt: skip
        switch = PowerSwitch(ports.power, self._power.set)
        switch.start()
        open_things.callback(switch.stop)
        self._step("Preparing the database" if places.accounts.exists() else "Making a municipality to serve")
        enrolled = (places.kiosk / "kiosk.key.device").exists()
        code = self._once("seed", env, "-m", "onthaal.demo.seed", str(places.accounts), "--host", "*",
                          "--issuer", issuer(ports), *(() if enrolled else ("--enrolment-code",))).strip()  # fmt: skip
        self._step("Starting the centre, a worker and the wall")
        self._begin("central", env, "-m", "onthaal", "central", "serve", "--host", LOOPBACK,
                    "--port", str(ports.central), "--stream-port", str(ports.stream))  # fmt: skip
        self._begin("worker", env, "-m", "onthaal", "central", "worker")
        self._start_wall(env)
        self._start_kiosk(env, code)
        self._step("Waiting until everything answers")
        for port in (ports.central, ports.kiosk, ports.wall, ports.mail, ports.simulator):
            self._wait_for(ports.url(port) + "/")
        self._go_on()

    def _start_wall(self, env: Mapping[str, str]) -> None:
        """The emulated wall, with the badges and things of the municipality beside it."""
        places, ports = self._places, self._ports
        seeded = json.loads(places.accounts.read_text())
        self._accounts = seeded["accounts"]
        badges = {f"Badge {account['name']}": account["badge"] for account in self._accounts if account["badge"]}
        write_files(places, ports, demo_wall(places, badges, seeded["things"]))
        self._begin("wall", env, "-m", "onthaal", "emulator", "run", "--wall", str(places.wall_file),
                    "--data", str(places.wall), "--port", str(ports.wall),
                    "--power-url", f"{ports.url(ports.power)}/power")  # fmt: skip

    def _start_kiosk(self, env: Mapping[str, str], code: str) -> None:
        """Enrol the kiosk with the code, if there is one; then run its agent, which needs the wall but no centre."""
        places = self._places
        if code:
            self._wait_for(self._ports.url(self._ports.central) + "/")
            self._step("Enrolling the kiosk")
            self._once("enrol", env, "-m", "onthaal", "kiosk", "enrol", "--config", str(places.kiosk_file),
                       "--code", code)  # fmt: skip
        self._wait_for(self._ports.url(self._ports.wall) + "/")
        self._agent = self._begin("kiosk", env, "-m", "onthaal", "kiosk", "run", "--config", str(places.kiosk_file))

    def _make_room(self) -> None:
        marker = self._places.marker
        if self.reset and marker.is_file():
            for inside in self._places.data.iterdir():  # the folder itself stays: it may be what is locked
                if inside.is_dir() and not inside.is_symlink():
                    shutil.rmtree(inside)
                else:
                    inside.unlink()
        for folder in (self._places.data, self._places.logs, self._places.kiosk, self._places.wall):
            folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
        if not self._places.secret.exists():
            unfinished = self._places.secret.with_suffix(".unfinished")
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_hex(32))
            unfinished.rename(self._places.secret)

    def _environment(self) -> dict[str, str]:
        ports = self._ports
        return {
            "ONTHAAL_DEMO": str(self._places.data),
            "ONTHAAL_SECRET_KEY_FILE": str(self._places.secret),
            "ONTHAAL_SMTP_URL": f"smtp://{LOOPBACK}:{ports.smtp}",
            "ONTHAAL_PUBLIC_URL": ports.url(ports.central),
            "ONTHAAL_STREAM_URL": ports.url(ports.stream),
            "ONTHAAL_IDENTITY_LOOPBACK": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def _begin(self, name: str, env: Mapping[str, str], *arguments: str) -> Child:
        self._go_on()
        child = Child(name, [sys.executable, *arguments], env=env, logs=self._places.logs)
        return self._household.start(child)

    def _once(self, name: str, env: Mapping[str, str], *arguments: str) -> str:
        """Run a program to its end; what it printed comes back. DemoFault with its log's end when it fails.

        Who asks to stop meanwhile waits for it: it takes seconds, and the next start finds nothing half made.
        """
        self._go_on()
        log = self._places.logs / f"{name}.log"
        with log.open("ab") as log_file:
            done = subprocess.run(
                [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=log_file, env={**os.environ, **env},
                stdin=subprocess.DEVNULL, check=False, start_new_session=True,
            )  # fmt: skip
        self._go_on()
        if done.returncode != 0:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise DemoFault(f"{name} failed:\n{done.stdout.decode(errors='replace')}{end}")
        return done.stdout.decode()

    def _wait_for(self, url: str) -> None:
        until = time.monotonic() + _ANSWERS_WITHIN
        while True:
            self._go_on()
            self._look_after()
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own loopback address)
                    return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if time.monotonic() > until:
                    raise DemoFault(f"{url} does not answer; the logs are in {self._places.logs}") from None
                self._stop.wait(_LOOKS_EVERY)

    # -- running ------------------------------------------------------------------------------------------------

    def _tell(self, seconds: float) -> None:
        ports, accounts = self._ports, self._accounts
        addresses = {
            "portal": ports.url(ports.central) + "/",
            "desk": ports.url(ports.central) + "/desk/",
            "kiosk": ports.url(ports.kiosk) + "/",
            "wall": ports.url(ports.wall) + "/",
            "mail": ports.url(ports.mail) + "/",
            "telephone": ports.url(ports.mail) + "/telephone",
            "simulator": ports.url(ports.simulator) + "/",
        }
        explained = {
            "portal": "ask for something, as a resident",
            "desk": "accept and prepare, as a clerk",
            "kiosk": "the screen in the wall",
            "wall": "the wall itself: pull its doors",
            "mail": "every mail that was sent",
            "telephone": "reads the code on the kiosk",
            "simulator": "itsme, not real: approve there",
        }
        table = Table(box=None, show_header=False, padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="fold")
        for name, url in addresses.items():
            table.add_row(f"[bold]{name}[/]", url, explained[name])
        people = Table("account", "role", "password", "wall PIN", "badge", box=None, padding=(0, 1))
        for column in people.columns:
            column.no_wrap = True
        for account in accounts:
            people.add_row(*(str(account.get(key) or "–") for key in ("name", "role", "password", "pin", "badge")))
        self.console.print(table, people, sep="\n\n")
        self.console.print(_FIRST_STEPS, highlight=False)
        kept = escape(str(self._places.data))
        self.console.print(f"\nReady in {seconds:.0f} s. Data: {kept}. Stop with Ctrl-C.", highlight=False)
        if self.ready_file is not None:
            ready = {**addresses, "kiosk_config": str(self._places.kiosk_file), "accounts": accounts}
            unfinished = self.ready_file.with_name(self.ready_file.name + ".unfinished")
            unfinished.write_text(json.dumps(ready, indent=2))
            unfinished.rename(self.ready_file)

    def _watch(self) -> None:
        while not self._stop.wait(_LOOKS_EVERY):
            self._look_after()
            if self._power.is_set():
                self._cut_the_power()

    def _look_after(self) -> None:
        """Start again whatever fell, the database before those that ask it."""
        if self._postgres.fell():
            self._falls.another(self._postgres.last_words)
            self._postgres.start()
        self._household.look_after()

    def _cut_the_power(self) -> None:
        """Here and not where it was asked: a leash holds to the thread that starts the agent."""
        self.console.print("The power of the kiosk is cut.")
        self._agent.kill()
        self._stop.wait(_DARK_SECONDS)
        self._power.clear()
        self._agent.start()
        self.console.print("The power of the kiosk is back.")

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _goodbye(self) -> None:
        if self.ready_file is not None:
            self.ready_file.unlink(missing_ok=True)
        if not self._places.accounts.exists():
            return
        if self.data is not None:
            told = escape(f"Stopped. The data stays in {self._places.data}.")
        else:
            told = "Stopped. The data stays; `make demo` goes on with it, `make demo RESET=1` begins anew."
        self.console.print(told, highlight=False)

    def _step(self, what: str) -> None:
        self._go_on()
        self.console.print(f"· {what}")

    def _go_on(self) -> None:
        """Unless somebody asked to stop."""
        if self._stop.is_set():
            raise _AskedToStop
