"""A whole municipality in real processes, and what people do in it: ask, decide, load, collect, bring back.

Every act goes the way a person's would: pages in a real browser, a code before the reader, hands at the doors.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect

from tests.waiting import until

STARTS_WITHIN = 120.0
DAY = 86_400.0
PIN = re.compile(r"\b(\d{3}) (\d{3}) (\d{3})\b")
QR = re.compile(r"\bGZ1:[A-Z2-7]{17}\b")


def _call(url: str, body: object | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own loopback addresses)
        return json.loads(answer.read() or b"null")


class Clock:
    """The clock file that all processes of a town share."""

    def __init__(self, file: Path) -> None:
        self.file = file
        if not file.exists():
            file.write_text("0")

    @property
    def moved(self) -> float:
        """Seconds ahead of the machine's own clock."""
        return float(self.file.read_text())

    def turn(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move on; never back."""
        moved = self.moved + days * DAY + hours * 3600 + minutes * 60 + seconds
        unfinished = self.file.with_suffix(".unfinished")
        unfinished.write_text(str(moved))
        unfinished.rename(self.file)


class Wall:
    """The hands at the emulated wall."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = _call(f"{self.url}/state")
        return state

    def hold_code(self, text: str) -> None:
        _call(f"{self.url}/reader/code", {"text": text})

    def hold_tag(self, tag: str) -> None:
        _call(f"{self.url}/reader/tag", {"tag": tag})

    def take_tag_away(self) -> None:
        _call(f"{self.url}/reader/tag/clear", {})

    def make(self, text: str, tag: str | None = None) -> str:
        """A new thing in the hands; its id."""
        made = _call(f"{self.url}/hand/make", {"text": text, "tag": tag})
        return str(made["thing"]["id"] if isinstance(made.get("thing"), dict) else made["thing"])

    def put(self, compartment: int, thing: str) -> None:
        _call(f"{self.url}/hand/put", {"compartment": compartment, "thing": thing})

    def take(self, compartment: int, thing: str | None = None) -> None:
        _call(f"{self.url}/hand/take", {"compartment": compartment, "thing": thing})

    def shut(self, compartment: int) -> None:
        _call(f"{self.url}/hand/shut", {"compartment": compartment})

    def fault(self, kind: str, *, compartment: int | None = None, bus: str | None = None, on: bool = True) -> None:
        _call(f"{self.url}/fault", {"kind": kind, "compartment": compartment, "bus": bus, "on": on})

    def mend(self) -> None:
        _call(f"{self.url}/fault/clear", {})

    def cut_the_power(self) -> None:
        _call(f"{self.url}/power", {"cut": True})

    def doors_open(self) -> list[int]:
        doors = self.state()["compartments"]
        return [int(door["number"]) for door in doors if door["door"] == "open"]


@dataclass(frozen=True)
class Mail:
    """One caught mail."""

    number: int
    to: str
    subject: str
    text: str
    return_path: str

    @property
    def link(self) -> str:
        found = re.search(r"https?://\S+/r/\S+/", self.text)
        assert found, self.text
        return found[0]

    @property
    def pin(self) -> str:
        found = PIN.search(self.text)
        assert found, self.text
        return "".join(found.groups())

    @property
    def qr(self) -> str:
        found = QR.search(self.text)
        assert found, self.text
        return found[0]


@dataclass(frozen=True)
class Person:
    """Somebody whom no other story knows."""

    name: str
    email: str


@dataclass
class Town:
    """One running demo."""

    folder: Path
    port_base: int
    ready: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.clock = Clock(self.folder / "clock")

    def start(self) -> None:
        ready_file = self.folder / "ready.json"
        with (self.folder / "demo.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "onthaal", "demo", "--data", str(self.folder / "data"),
                 "--port-base", str(self.port_base), "--ready-file", str(ready_file)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "ONTHAAL_CLOCK_FILE": str(self.clock.file)},
            )  # fmt: skip
        until(lambda: ready_file.exists() or self.process_ended(), within=STARTS_WITHIN, what="the town's start")
        assert not self.process_ended(), (self.folder / "demo.log").read_text()
        self.attach()

    def attach(self) -> None:
        """Read where everything of the running demo is."""
        self.ready = json.loads((self.folder / "ready.json").read_text())
        self.wall = Wall(self.ready["wall"])

    def process_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def account(self, role: str) -> dict[str, str]:
        found: dict[str, str] = next(one for one in self.ready["accounts"] if one["role"] == role)
        return found

    # -- mail ---------------------------------------------------------------------------------------------------

    def mails_to(self, address: str) -> list[Mail]:
        """Newest first."""
        found = _call(self.ready["mail"] + "letters.json")
        return [
            Mail(one["number"], one["sent_to"], one["subject"], one["text"], one["return_path"])
            for one in found
            if one["sent_to"] == address
        ]

    def mail_to(self, address: str, *, after: int = 0, within: float = 45.0) -> Mail:
        """The newest mail to an address, waited for; `after`: one with a higher number than this."""
        until(
            lambda: any(mail.number > after for mail in self.mails_to(address)),
            within=within,
            what=f"a mail to {address.partition('@')[0]}",
        )
        return self.mails_to(address)[0]


class Portal:
    """A resident at home."""

    def __init__(self, town: Town, context: BrowserContext) -> None:
        self.town, self.page = town, context.new_page()

    def ask(self, product: str, who: Person, *, days: tuple[date, date] | None = None) -> None:
        """Fill in the form, and confirm by the link in the mail. `days`: from and until, for a loan."""
        self.page.goto(f"{self.town.ready['portal']}ask/{product}/?lang=nl")
        self.page.get_by_role("radio").first.check()
        self.page.locator("[name=name]").fill(who.name)
        self.page.locator("[name=email]").fill(who.email)
        self.page.locator("[name=organisation]").fill(f"Winkel van {who.name}")
        for field_, day in zip(("starts_on", "ends_on"), days or (), strict=False):
            self.page.locator(f"[name={field_}]").fill(day.isoformat())
        self.page.locator("main form button").last.click()
        expect(self.page).to_have_url(re.compile(r"/asked/"))
        link = self.town.mail_to(who.email).link
        self.page.goto(link)
        self.page.locator("main form button").click()
        expect(self.page.locator("[data-state=received]")).to_be_visible()
        self.link = link

    def state(self) -> str:
        self.page.goto(self.link)
        return self.page.locator("[data-state]").get_attribute("data-state") or ""


class Desk:
    """A clerk behind the desk."""

    def __init__(self, town: Town, context: BrowserContext, role: str = "clerk") -> None:
        self.town, self.page = town, context.new_page()
        account = town.account(role)
        self.page.goto(town.ready["desk"])
        self.page.locator("[name=username]").fill(account["name"])
        self.page.locator("[name=password]").fill(account["password"])
        self.page.locator("main button").click()
        expect(self.page.locator("nav.places")).to_be_visible()

    def open_request(self, who: Person, *, filter_: str = "new") -> None:
        self.page.goto(f"{self.town.ready['desk']}requests/?filter={filter_}")
        self.page.locator("tr", has_text=who.name).get_by_role("link").first.click()

    def accept(self, who: Person) -> str:
        """Accept and prepare somebody's request; the text of its label comes back."""
        self.open_request(who)
        self.act("accept")
        self.act("prepare")
        self.request = self.page.url
        self.page.locator("a[href$='/label/']").click()
        label = self.page.locator("[data-label]").get_attribute("data-label")
        assert label
        return label

    def act(self, name: str, reason: str = "") -> None:
        form = self.page.locator(f"form:has(input[name=act][value={name}])")
        if reason:
            form.locator("[name=reason]").fill(reason)
        form.locator("button").click()

    def stage(self) -> str:
        """How far the last accepted request is."""
        self.page.goto(self.request)
        return self.page.locator("[data-stage]").first.get_attribute("data-stage") or ""

    def see_stage(self, stage: str, *, within: float = 30.0) -> None:
        until(lambda: self.stage() == stage, within=within, what=f"stage {stage}")


class Kiosk:
    """Whoever stands before the wall: the screen, the readers, the doors."""

    def __init__(self, town: Town, context: BrowserContext) -> None:
        self.town, self.wall, self.page = town, town.wall, context.new_page()
        self.page.goto(town.ready["kiosk"])

    def sees(self, *screens: str, within: float = 20.0) -> None:
        """Wait for one of the screens."""
        wanted = ", ".join(f"[data-screen={screen}]" for screen in screens)
        expect(self.page.locator(wanted).first).to_be_visible(timeout=within * 1000)

    def does(self, act: str, value: str | None = None) -> None:
        which = f"[data-act={act}]" + (f'[data-value="{value}"]' if value is not None else "")
        expect(self.page.locator("#view[data-settled]")).to_be_attached()
        self.page.locator(which).first.click()

    def says(self) -> str:
        return self.page.locator("main").inner_text()

    def begins(self) -> None:
        self.sees("attract", within=60)
        self.does("start")
        self.sees("home")

    def types(self, digits: str) -> None:
        """Digit after digit, each waited for: the screen takes two quick touches of one key for one."""
        shown = self.page.get_by_role("status")
        for count, digit in enumerate(digits, start=1):
            self.does("key", digit)
            expect(shown).to_contain_text(re.compile(rf"\b{count}\b.*\d"))
        self.does("enter")

    def opened(self) -> int:
        """The number of the one door that stands open."""
        until(self.wall.doors_open, within=15, what="an open door")
        (number,) = self.wall.doors_open()
        return number

    def identifies(self, role: str = "clerk") -> None:
        """A staff member: badge before the reader, then the own PIN."""
        account = self.town.account(role)
        self.sees("attract", within=60)
        self.wall.hold_code(account["badge"])
        self.sees("staff-pin")
        self.types(account["pin"])
        self.sees("staff-menu")

    def loads(self, *, label: str | None = None, tag: str | None = None, text: str = "thing") -> int:
        """Load one thing by its label or tag, from the attract screen back to it; the door's number comes back."""
        self.identifies()
        self.does("go", "load")
        self.sees("load-scan")
        if label is not None:
            self.wall.hold_code(label)
        if tag is not None:
            self.wall.hold_tag(tag)
        self.sees("load-put")
        number = self.opened()
        self.wall.take_tag_away()
        thing = self.in_hand(tag) if tag is not None else self.wall.make(text)
        self.wall.put(number, thing)
        self.wall.shut(number)
        self.sees("load-confirm")
        self.does("confirm")
        self.sees("load-scan")
        self.does("stop")
        self.sees("attract")
        return number

    def in_hand(self, tag: str) -> str:
        """The id of the thing with this tag, which lies outside the wall."""
        things = self.wall.state()["outside"]
        return str(next(thing["id"] for thing in things if thing.get("tag") == tag))

    def collects(self, *, pin: str | None = None, qr: str | None = None) -> int:
        """Open by PIN or QR, take what is in, shut; the door's number comes back."""
        if qr is not None:
            self.sees("attract", within=60)
            self.wall.hold_code(qr)
        else:
            self.begins()
            self.does("go", "collect")
            self.sees("pin")
            self.types(pin or "")
        self.sees("take")
        number = self.opened()
        self.wall.take(number)
        self.wall.shut(number)
        self.sees("thanks")
        return number


def visit(browser: Browser, *, lang: str = "nl-BE", width: int = 1280, height: int = 900) -> BrowserContext:
    """A fresh browser: no cookies of anybody else's."""
    return browser.new_context(locale=lang, viewport={"width": width, "height": height}, reduced_motion="reduce")
