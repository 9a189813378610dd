"""Whoever stands before the wall: the screen in a real browser, a code before the reader, hands at the doors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooLong

from onthaal.words import words
from tests.journeys.asking import answers
from tests.journeys.town import Town
from tests.waiting import until

READ_ONCE = 2.0
"""Seconds in which the reader takes the same code for one that was not taken away yet."""


class Kiosk:
    """Whoever stands before the wall: the screen, the readers, the doors."""

    def __init__(self, town: Town, page: Page) -> None:
        self.town, self.wall, self.page = town, town.wall, page
        # The story before may have pulled its plug.
        until(lambda: answers(town.ready["kiosk"]), within=60, what="an answer of the kiosk's screen")
        if page.url != town.ready["kiosk"] or page.locator("#gone").is_visible():
            page.goto(town.ready["kiosk"])
        self.left_open: list[int] = []

    def sees(self, *screens: str, within: float = 40.0) -> None:
        """Wait for one of the screens."""
        wanted = ", ".join(f"[data-screen={screen}]" for screen in screens)
        expect(self.page.locator(wanted).first).to_be_visible(timeout=within * 1000)

    def does(self, act: str, value: str | None = None) -> None:
        which = f"[data-act={act}]" + (f'[data-value="{value}"]' if value is not None else "")
        expect(self.page.locator("#view[data-settled]")).to_be_attached()
        self.page.locator(which).first.click()

    def refuses(self, why: str) -> None:
        """Wait for the screen that says no, with the words of this reason; every door stays closed."""
        self.sees("refused")
        expect(self.page.locator("main")).to_contain_text(words(f"why.{why}", "nl"))
        assert self.wall.doors_open() == []
        self.stops()

    def says(self) -> str:
        return self.page.locator("main").inner_text()

    def case_number(self) -> str:
        """The case number on the screen."""
        found = re.search(r"\b\w+-\d{4}\b", self.says())
        assert found, self.says()
        return found[0]

    def stops(self) -> None:
        self.does("stop")
        self.sees("attract")

    def walks_away(self) -> None:
        """Leave the screen to the next story, also when this one went wrong."""
        if self.page.locator("[data-act=stop]").count():
            self.does("stop")

    def is_reminded(self, times: int) -> None:
        """The screen has asked this often that the door be shut."""
        expect(self.page.locator(f"[data-reminded='{times}']")).to_be_visible()

    def is_dark(self) -> None:
        """Nothing drives the screen any more."""
        expect(self.page.locator("#gone")).to_be_visible()

    def begins(self) -> None:
        self.sees("attract", within=60)
        self.does("start")
        self.sees("home")

    def types(self, digits: str) -> None:
        """Digit after digit, on the keyboard that some walls have."""
        self._digits(digits, self.page.keyboard.press)

    def touches(self, digits: str) -> None:
        """The same on the screen: it takes two quick touches of one key for one."""
        self._digits(digits, lambda digit: self.does("key", digit))

    def _digits(self, digits: str, press: Callable[[str], None]) -> None:
        shown = self.page.get_by_role("status")
        for count, digit in enumerate(digits, start=1):
            press(digit)
            expect(shown).to_contain_text(re.compile(rf"\b{count}\b.*\d"))
        self.does("enter")

    def opened(self) -> int:
        """The number of the one door that stands open, besides what was left open."""

        def doors() -> list[int]:
            return [number for number in self.wall.doors_open() if number not in self.left_open]

        until(doors, within=40, what="an open door")
        (number,) = doors()
        return number

    def identifies(self, role: str = "clerk") -> None:
        """A staff member: badge before the reader, then the own PIN."""
        account = self.town.account(role)
        self.sees("attract", within=60)
        self.holds(account["badge"])
        self.sees("staff-pin")
        self.types(account["pin"])
        self.sees("staff-menu")

    def loads(
        self, *, label: str | None = None, tag: str | None = None, text: str = "thing", role: str = "clerk"
    ) -> int:
        """Load one thing by its label or tag, from the attract screen back to it; the door's number comes back."""
        self.identifies(role)
        self.does("go", "load")
        self.sees("load-scan")
        if label is not None:
            self.wall.hold_code(label)
        if tag is not None:
            self.wall.hold_tag(tag)
        self.sees("load-put")
        number = self.opened()
        self.wall.take_tag_away()
        thing = self.wall.thing_with(tag) if tag is not None else self.wall.make(text)
        self.wall.put(number, thing)
        self.wall.shut(number)
        self.sees("load-confirm")
        self.does("confirm")
        self.sees("load-scan")
        self.stops()
        return number

    def shows(self, pin: str | None = None, qr: str | None = None, *, touched: bool = False) -> None:
        """Type a PIN (`touched`: on the screen), or hold a QR before the reader, and wait for nothing."""
        if qr is not None:
            self.sees("attract", within=60)
            self.holds(qr)
            return
        self.begins()
        self.does("go", "collect")
        self.sees("pin")
        (self.touches if touched else self.types)(pin or "")

    def holds(self, code: str) -> None:
        """Hold a code before the reader, long enough after the last time, until it was read.

        Just after a start the screen may be there before the reader; people hold it up again.
        """
        read = self.wall.read

        def taken() -> bool:
            until(lambda: time.monotonic() > read.get(code, -READ_ONCE) + READ_ONCE, what="the reader to take it anew")
            self.wall.hold_code(code)
            read[code] = time.monotonic()
            return self._goes("attract")

        until(taken, within=60, what="a look at the code")
        read[code] = time.monotonic()

    def _goes(self, screen: str) -> bool:
        try:
            self.page.locator(f"[data-screen={screen}]").wait_for(state="hidden", timeout=5_000)
        except TooLong:
            return False
        return True

    def collects(self, *, pin: str | None = None, qr: str | None = None, touched: bool = False) -> int:
        """Open by PIN or QR, take what is in, shut; the door's number comes back."""
        self.shows(pin, qr, touched=touched)
        self.sees("take")
        number = self.opened()
        self.wall.take(number)
        self.wall.shut(number)
        self.sees("thanks")
        self.leaves()
        return number

    def leaves(self) -> None:
        self.does("done")
        self.sees("attract")

    def brings_back(self, tag: str, *, holding: str | None = None) -> int:
        """Hold the tag before the reader, put the thing with it in (or another), shut."""
        self.begins()
        self.does("go", "return")
        self.sees("return-present")
        self.wall.hold_tag(tag)
        self.sees("return-put")
        number = self.opened()
        self.wall.take_tag_away()
        self.wall.put(number, holding or self.wall.thing_with(tag))
        self.wall.shut(number)
        return number

    def takes_out(self, number: int, *, role: str = "clerk", empty: bool = False) -> None:
        """Staff takes out what is to come back to the desk, and confirms. `empty`: there is nothing in it."""
        self.identifies(role)
        self.does("go", "takeout")
        self.sees("takeout-list")
        self.does("choose", str(number))
        self.sees("takeout-open")
        until(lambda: number in self.wall.doors_open(), what="the door that was chosen")
        if not empty:
            self.wall.take(number)
        self.wall.shut(number)
        self.sees("takeout-confirm")
        self.does("confirm")
        self.sees("takeout-list")
        self.stops()
