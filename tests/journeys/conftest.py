"""A town a worker: started once, used by one story after the other, each with people of its own.

Which stories share one: see `tests/together.py`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.chromium import ARGUMENTS, CHROMIUM
from tests.free_ports import free_row
from tests.journeys.faces import Desk, Portal, newcomer, visit
from tests.journeys.papers import PaperDesk, Papers
from tests.journeys.screen import Kiosk
from tests.journeys.story import Story
from tests.journeys.town import Town

FIRST_PORT = 21_000
LAST = ("test_leaks.py", "test_personal_leaks.py", "test_town_itself.py")
"""They look through what the stories before them left in their town, and then end it: in whatever order others run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.timeout(300))
    items.sort(key=lambda item: LAST.index(item.path.name) if item.path.name in LAST else -1)


@pytest.fixture(scope="package")
def town() -> Iterator[Town]:
    """A town of this worker's own, gone after the last story.

    With JOURNEY_TOWN=FOLDER the one that runs there, for writing stories.
    """
    if here := os.environ.get("JOURNEY_TOWN"):
        running = Town(Path(here), FIRST_PORT)
        running.attach()
        yield running
        return
    folder = Path(tempfile.mkdtemp(prefix="onthaal-town-", dir="/var/tmp"))
    folder.chmod(0o711)  # started by root, the database is another user's, who must pass through
    running = Town(folder, free_row(FIRST_PORT))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Standing(NamedTuple):
    """Pages that stay open from story to story."""

    screen: Page
    desk: Page
    """An's, with or without personal documents."""
    beas: Page


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """For the stories alone: Playwright's loop may not be there when asyncio tests run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def standing(town: Town, browser: Browser) -> Standing:
    """The wall's screen and the computers of the desk: the same ones in each story, as in a town."""
    return Standing(*(_listened_to(town, visit(browser)).new_page() for _ in Standing._fields))


@pytest.fixture
def story(town: Town, browser: Browser, standing: Standing) -> Iterator[Story]:
    """A story of its own; at its end the wall must stand there as it was found: empty and closed.

    A browser for each who looks: a tab behind another is drawn once a second.
    """
    found = _doors(town)
    at_home = _listened_to(town, visit(browser))
    kiosk = Kiosk(town, standing.screen)
    yield Story(town, Portal(town, at_home), Desk(town, standing.desk), kiosk, newcomer())
    kiosk.walks_away()
    at_home.close()
    town.wall.mend()
    town.wall.take_tag_away()
    town.wall.drop_all()
    assert _doors(town) == found


@pytest.fixture
def papers(story: Story, browser: Browser, standing: Standing) -> Iterator[Papers]:
    """A story about personal documents, long enough after the one before it that the wall lets people begin; not so
    long that those at the desk must sign in again."""
    opened = []

    def fresh() -> BrowserContext:
        opened.append(_listened_to(story.town, visit(browser)))
        return opened[-1]

    story.clock.turn(minutes=11)
    yield Papers(story, PaperDesk(story.town, standing.desk, "an"), PaperDesk(story.town, standing.beas, "bea"), fresh)
    for one in opened:
        one.close()


def _listened_to(town: Town, opened: BrowserContext) -> BrowserContext:
    """What pages say in its console is kept: it, too, is looked through."""
    opened.on("console", lambda said: town.consoles.append(said.text))
    opened.on("weberror", lambda said: town.consoles.append(str(said.error)))
    return opened


def _doors(town: Town) -> list[tuple[int, str, list[str]]]:
    """Door and content of each compartment; only the first story of a town is sure to find it empty and closed."""
    doors = town.wall.state()["compartments"]
    return [(door["number"], door["door"], [thing["id"] for thing in door["things"]]) for door in doors]
