"""Somebody without a telephone at hand says who they are on the provider's page, in the wall's own browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.chromium import ARGUMENTS, CHROMIUM, on_screen
from tests.free_ports import free_port
from tests.journeys.asking import answers, ask
from tests.journeys.papers import Papers
from tests.journeys.town import Town
from tests.waiting import until


@dataclass
class OwnBrowser:
    """The wall's own browser. It opens this port in these stories only, so that they can look into it."""

    screen: str
    port: int

    def pages(self) -> list[str]:
        try:
            listed = ask(f"http://127.0.0.1:{self.port}/json/list")
        except OSError:
            return []
        return sorted(one["url"] for one in listed if one["type"] == "page")

    def shows(self, address: str) -> None:
        """Wait for a page below this address over the screen."""
        until(lambda: [url for url in self.pages() if url.startswith(address)], within=60, what="the page")

    def shows_its_screen(self) -> None:
        until(lambda: self.pages() == [self.screen], within=60, what="the screen alone")

    def keeps_nothing(self, looker: Browser) -> None:
        """No second context, no cookie, and no way back to what was shown."""
        self.shows_its_screen()
        seen = looker.browser_type.connect_over_cdp(f"http://127.0.0.1:{self.port}")
        try:
            tools = seen.new_browser_cdp_session()
            contexts = "Target.getBrowserContexts"  # it goes a moment after its window
            until(lambda: tools.send(contexts)["browserContextIds"] == [], what="the end of its second context")
            assert tools.send("Storage.getCookies")["cookies"] == []
            (page,) = seen.contexts[0].pages
            history = seen.contexts[0].new_cdp_session(page).send("Page.getNavigationHistory")
            assert {entry["url"] for entry in history["entries"]} <= {self.screen, "about:blank"}
        finally:
            seen.close()


@pytest.fixture(scope="module")
def own(town: Town) -> Iterator[OwnBrowser]:
    """The wall with a browser of its own, one that needs no screen, for as long as these stories last."""
    own = OwnBrowser(town.ready["kiosk"], free_port())
    file = town.folder / "data" / "kiosk.toml"
    fitted = file.read_text()
    arguments = [*ARGUMENTS, "--headless=new", f"--remote-debugging-port={own.port}", *on_screen(own.screen)]
    table = f'command = {json.dumps(CHROMIUM)}\nargs = {json.dumps(arguments)}\nhosts = ["127.0.0.1"]\n'
    file.write_text(f"{fitted}\n[browser]\n{table}")
    try:
        _starts_again(town)
        own.shows_its_screen()
        yield own
    finally:
        file.write_text(fitted)
        _starts_again(town)


def test_a_passport_is_taken_by_the_page_in_the_walls_own_browser(
    own: OwnBrowser, papers: Papers, browser: Browser
) -> None:
    bram = papers.citizen("bram")
    number = papers.waits(bram, "eerste-reispas")

    _chooses_the_page(papers)
    expect(papers.kiosk.page.locator("main")).not_to_contain_text(bram.known.family_name)
    papers.kiosk.does("page")
    own.shows(papers.town.ready["simulator"])
    bram.approves()
    papers.kiosk.sees("identify-next")
    own.keeps_nothing(browser)

    assert papers.takes_next() == number
    papers.an.reaches("collected")
    assert bram.state() == "done"


def test_who_leaves_half_way_leaves_nothing_on_the_page(own: OwnBrowser, papers: Papers, browser: Browser) -> None:
    """Once by Stop in the bar below the page, once by walking away until the two minutes are over."""
    _chooses_the_page(papers)
    papers.kiosk.does("page")
    own.shows(papers.town.ready["simulator"])
    papers.kiosk.stops()
    own.keeps_nothing(browser)

    _chooses_the_page(papers)
    papers.kiosk.does("page")
    own.shows(papers.town.ready["simulator"])
    papers.is_too_late()
    own.keeps_nothing(browser)
    assert papers.wall.doors_open() == []


def _chooses_the_page(papers: Papers) -> None:
    papers.begins()
    papers.kiosk.sees("identify-way")
    papers.kiosk.does("go", "page")
    papers.kiosk.sees("identify-page")


def _starts_again(town: Town) -> None:
    town.wall.cut_the_power()
    until(lambda: not answers(town.ready["kiosk"]), within=40, what="the dark")
    until(lambda: answers(town.ready["kiosk"]), within=60, what="the light")
