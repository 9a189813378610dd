"""A whole municipality in real processes, its clock and its mail."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psutil
import zxingcpp
from PIL import Image

from onthaal.clock import CLOCK_FILE
from tests.demo.started import Demo
from tests.journeys import traces
from tests.journeys.asking import ask, ask_bytes
from tests.journeys.wall import Wall
from tests.waiting import until

DAY = 86_400.0
BRUSSELS = ZoneInfo("Europe/Brussels")
PIN = re.compile(r"\b(\d{3}) (\d{3}) (\d{3})\b")


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

    def today(self) -> date:
        """The day in the town."""
        return self._now().date()

    def _now(self) -> datetime:
        return datetime.now(BRUSSELS) + timedelta(seconds=self.moved)  # noqa: TID251 (a test's own machine)

    def turn_to(self, hour: int) -> None:
        """On to the next time that it is this hour in the municipality."""
        now = self._now()
        then = now.replace(hour=hour, minute=0, second=0)
        self.turn(seconds=((then if then > now else then + timedelta(days=1)) - now).total_seconds())

    def turn(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move on; never back."""
        moved = self.moved + days * DAY + hours * 3600 + minutes * 60 + seconds
        unfinished = self.file.with_suffix(".unfinished")
        unfinished.write_text(str(moved))
        unfinished.rename(self.file)


@dataclass(frozen=True)
class Mail:
    """One caught mail."""

    number: int
    to: str
    subject: str
    text: str
    html: str
    return_path: str
    picture: str
    """Where the picture of its QR code is, if it has one."""

    @property
    def link(self) -> str:
        found = re.search(r"https?://\S+/r/\S+/", self.text)
        assert found, self.text
        return found[0]

    @property
    def whole(self) -> str:
        """Its text, its page as it came, and its page as it is read."""
        return "\n".join((self.subject, self.text, self.html, traces.seen(self.html)))

    @property
    def pin(self) -> str:
        found = PIN.search(self.text)
        assert found, self.text
        return "".join(found.groups())

    @property
    def qr(self) -> str:
        """The text of the QR code in the picture that came along."""
        picture = Image.open(io.BytesIO(ask_bytes(self.picture)))
        found = zxingcpp.read_barcode(picture)
        assert found is not None
        return str(found.text)


@dataclass
class Town:
    """One running demo."""

    help_phone: ClassVar = "+32 9 000 00 00"

    folder: Path
    port_base: int
    ready: dict[str, Any] = field(default_factory=dict)
    consoles: list[str] = field(default_factory=list)
    """What its pages said to the browsers that looked at them."""
    wall_shown_at: str = ""
    """Where the desk shows how its wall is now, once somebody looked."""

    def __post_init__(self) -> None:
        self.clock = Clock(self.folder / "clock")
        self.demo = Demo(self.folder, self.port_base, {CLOCK_FILE: str(self.clock.file)})

    def start(self) -> None:
        self.demo.start()
        self.attach()

    def attach(self) -> None:
        """Read where everything of the running demo is."""
        self.ready = json.loads((self.folder / "ready.json").read_text())
        self.wall = Wall(self.ready["wall"])

    def stop(self) -> None:
        self.demo.stop()

    def account(self, who: str) -> dict[str, str]:
        """The first account with this role, or the one with this name."""
        found: dict[str, str] = next(one for one in self.ready["accounts"] if who in (one["role"], one["name"]))
        return found

    @contextmanager
    def centre_out_of_reach(self) -> Iterator[None]:
        """For as long as this lasts the centre answers nobody."""
        stopped = [process for process in psutil.process_iter() if self._is_centre(process)]
        for process in stopped:
            process.suspend()
        assert stopped
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    def _is_centre(self, process: psutil.Process) -> bool:
        try:
            ours = process.environ().get("ONTHAAL_DEMO") == str(self.folder / "data")
            family = [process, *process.parents()]
            return ours and any("serve" in one.cmdline() for one in family)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def take_in(self, report: str) -> None:
        """Give a delivery report to `onthaal central bounce`, as a mail server would."""
        centre = next(process for process in psutil.process_iter() if self._is_centre(process))
        done = subprocess.run(
            [sys.executable, "-m", "onthaal", "central", "bounce"],
            input=report.encode(), capture_output=True, env=centre.environ(), check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def written(self) -> dict[str, str]:
        """Whatever its processes keep and say of their work, by where it stands; mail apart."""
        return {
            "logs": self.logs(),
            "rows": self.rows(),
            "store": traces.store(self.folder / "data" / "kiosk" / "kiosk.db"),
            "consoles": "\n".join(self.consoles),
        }

    def logs(self) -> str:
        """What all its processes wrote."""
        return "\n".join(file.read_text() for file in sorted((self.folder / "data" / "logs").glob("*.log")))

    def rows(self) -> str:
        """What its centre keeps of its work: see `rows.py`."""
        centre = next(process for process in psutil.process_iter() if self._is_centre(process))
        asked = [sys.executable, "-m", "tests.journeys.rows"]
        done = subprocess.run(asked, capture_output=True, text=True, env=centre.environ(), check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # -- mail ---------------------------------------------------------------------------------------------------

    def mails_to(self, address: str) -> list[Mail]:
        """Newest first."""
        return self.mails(f"?to={quote(address)}")

    def mails(self, which: str = "") -> list[Mail]:
        """All of them, newest first; `which`: a query of the mailbox."""
        found = ask(f"{self.ready['mail']}letters.json{which}")
        return [
            Mail(
                one["number"],
                one["sent_to"],
                one["subject"],
                one["text"],
                one["html"],
                one["return_path"],
                f"{self.ready['mail']}letters/{one['number']}/parts/1",
            )
            for one in found
        ]

    def mail_to(self, address: str, *, after: int = 0, within: float = 90.0) -> Mail:
        """The newest mail to an address, waited for; `after`: one with a higher number than this."""
        found: list[Mail] = []

        def came() -> bool:
            found[:] = self.mails_to(address)
            return bool(found) and found[0].number > after

        until(came, within=within, every=0.1, what=f"a mail to {address.partition('@')[0]}")
        return found[0]
