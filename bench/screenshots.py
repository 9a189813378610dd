"""`python -m bench.screenshots`: make the README's pictures from a running demo."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.town import Desk, Kiosk, Portal, Town, visit

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
            portal, desk, kiosk = Portal(town, context), Desk(town, context), Kiosk(town, context)
            email = "kruidenier@winkel.example"
            portal.ask("aalterbonnen", email=email, organisation="Kruidenier De Linde")
            label = desk.accept("Kruidenier De Linde")
            _keep(desk.page, "label", width=900, height=700)
            asked = town.mail_to(email).number
            kiosk.loads(label=label, text="Envelop")
            ready = town.mail_to(email, after=asked)
            kiosk.begins()
            _keep(kiosk.page, "kiosk-home", width=900, height=1200)
            kiosk.does("go", "collect")
            kiosk.sees("pin")
            kiosk.types(ready.pin)
            kiosk.sees("take")
            number = kiosk.opened()
            wall = context.new_page()
            wall.goto(town.ready["wall"])
            _keep(wall, "wall", width=1280, height=900)
            _keep(kiosk.page, "kiosk", width=900, height=1200)
            kiosk.wall.take(number)
            kiosk.wall.shut(number)
            browser.close()
        finally:
            town.stop()


if __name__ == "__main__":
    main()
