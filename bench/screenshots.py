"""`python -m bench.screenshots`: make the README's pictures from a running demo."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.chromium import ARGUMENTS, CHROMIUM
from tests.journeys.faces import Desk, Portal, newcomer, visit
from tests.journeys.screen import Kiosk
from tests.journeys.story import Story
from tests.journeys.town import Town

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PORT = 21_900


def _keep(page: Page, name: str, *, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(800)  # the doors swing; a picture is of one that stands still
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


def main() -> None:
    """Ask for vouchers, load them, type the code; and keep the moment when the door stands open."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, sync_playwright() as playwright:
        Path(folder).chmod(0o711)
        town = Town(Path(folder), PORT)
        town.start()
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = visit(browser)
            kiosk = Kiosk(town, context.new_page())
            story = Story(town, Portal(town, context), Desk(town, context.new_page()), kiosk, newcomer())
            ready = story.voucher_waits()
            kiosk.shows(pin=ready.pin)
            kiosk.sees("take")
            wall = context.new_page()
            wall.goto(town.ready["wall"])
            _keep(wall, "wall", width=1280, height=900)
            _keep(kiosk.page, "kiosk", width=1280, height=800)
            town.wall.take(story.number)
            town.wall.shut(story.number)
            browser.close()
        finally:
            town.stop()


if __name__ == "__main__":
    main()
