"""Somebody without a telephone at hand says who they are on the provider's page, in the wall's own browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.chromium import CHROMIUM
from tests.journeys.conftest import ARGUMENTS
from tests.journeys.papers import Papers


@pytest.fixture
def with_browser(papers: Papers) -> Iterator[Papers]:
    """The wall, with a browser of its own that needs no screen."""
    file = papers.town.folder / "data" / "kiosk.toml"
    fitted = file.read_text()
    arguments = json.dumps([*ARGUMENTS, "--headless=new"])
    file.write_text(f"{fitted}\n[browser]\ncommand = {json.dumps(CHROMIUM)}\nargs = {arguments}\n")
    _starts_again(papers)
    try:
        yield papers
    finally:
        file.write_text(fitted)
        _starts_again(papers)


def test_a_passport_is_taken_by_the_page_in_the_walls_own_browser(with_browser: Papers) -> None:
    papers, bram = with_browser, with_browser.citizen("bram")
    number = papers.waits(bram, "eerste-reispas")

    papers.begins()
    papers.kiosk.sees("identify-way")
    papers.kiosk.does("go", "page")
    papers.kiosk.sees("identify-page")
    expect(papers.kiosk.page.locator("main")).not_to_contain_text(bram.known.family_name)
    bram.approves()
    papers.kiosk.does("page")
    papers.kiosk.sees("identify-next", within=40)

    assert papers.takes_next() == number
    papers.an.reaches("collected")
    assert bram.state() == "done"


def _starts_again(papers: Papers) -> None:
    papers.wall.cut_the_power()
    papers.kiosk.is_dark()
    papers.kiosk.sees("attract", within=60)
