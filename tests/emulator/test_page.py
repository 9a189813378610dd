"""The page in a real browser: a person pulls doors, puts things in, and takes them out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import segno
from playwright.async_api import Browser, Page, Route, async_playwright, expect
from playwright.async_api import TimeoutError as NotPressed

from tests import axe
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.emulator.beside import served
from tests.emulator.process import Reached

# One browser for all stories, so one loop for all of them; each has a context of its own.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Reached]:
    with served(tmp_path, power_url="http://127.0.0.1:9/nobody") as reached:
        yield reached


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


async def test_a_thing_is_made_put_in_shut_away_and_taken_out(wall: Reached, page: Page) -> None:
    await page.goto(wall.url + "?lang=nl")
    await page.get_by_role("button", name="Nieuw feestmateriaal met tag").click()
    await expect(page.get_by_role("button", name="Kies Feestmateriaal 1")).to_be_visible()
    wall.posts("hand/lever", {"compartment": 7})
    await page.get_by_role("button", name="Leg Feestmateriaal 1 in kluisje 7").first.click()
    await expect(page.get_by_text("Uw handen zijn leeg.")).to_be_visible()
    await page.get_by_role("button", name="Kluisje 7, open: duw de deur dicht").press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Kluisje 7 is dicht.")
    assert [thing["text"] for thing in wall.compartment(7)["things"]] == ["Feestmateriaal 1"]

    await page.get_by_role("button", name="Noodhendel").click()
    await page.get_by_role("button", name="Neem Feestmateriaal 1 uit kluisje 7").first.click()
    await expect(page.get_by_role("button", name="Kies Feestmateriaal 1")).to_be_visible()
    assert wall.compartment(7)["things"] == []


async def test_nothing_can_be_pressed_before_the_page_knows_the_wall(wall: Reached, page: Page) -> None:
    """A press that nobody hears yet would be lost without a word."""
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/words*", late)
    await page.goto(wall.url + "?lang=nl")
    make = page.get_by_role("button", name="Nieuw feestmateriaal met tag")
    with pytest.raises(NotPressed):
        await make.click(timeout=1000)
    come.set()
    await make.click()
    await expect(page.get_by_role("button", name="Kies Feestmateriaal 1")).to_be_visible()


async def test_a_bolted_door_does_not_come_and_the_page_says_why(wall: Reached, page: Page) -> None:
    await page.goto(wall.url + "?lang=en")
    await page.get_by_role("button", name="Compartment 3, closed: pull the door open").click()
    await expect(page.get_by_role("status")).to_have_text("Compartment 3 is locked.")
    assert wall.compartment(3)["door"] == "closed"


async def test_a_tag_is_held_before_the_reader_and_taken_away(wall: Reached, page: Page) -> None:
    await page.goto(wall.url + "?lang=nl")
    await page.get_by_role("button", name="Nieuw feestmateriaal met tag").click()
    await page.get_by_role("button", name="Houd Feestmateriaal 1 voor de tag-lezer").click()
    await expect(page.get_by_role("button", name="Haal weg")).to_be_visible()
    assert wall.state()["reader"]["tag"] == wall.state()["hands"][0]["tag"]
    await page.get_by_role("button", name="Haal weg").click()
    await expect(page.get_by_text("Er is niets voor de lezer.")).to_be_visible()


async def test_a_code_is_held_as_text_or_as_a_picture(wall: Reached, page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    segno.make("GZ1:FROMTHEMAIL").save(str(picture), scale=5)
    await page.goto(wall.url + "?lang=nl")
    await page.get_by_label("Tekst van de QR-code").fill("GZ1:TYPED")
    async with page.expect_response("**/reader/code*") as typed:
        await page.get_by_role("button", name="Houd voor de lezer").click()
    assert (await typed.value).ok
    async with page.expect_response("**/reader/picture*") as shown:
        await page.get_by_label("Kies een afbeelding met een QR-code").set_input_files(picture)
    assert (await (await shown.value).json())["text"] == "GZ1:FROMTHEMAIL"
    await expect(page.get_by_role("status")).to_have_text("De code ging naar de lezer.")


async def test_a_thing_is_dragged_into_a_compartment_and_back(wall: Reached, page: Page) -> None:
    wall.posts("hand/lever", {"compartment": 8})
    wall.posts("hand/make", {"text": "Bolderkar"})
    await page.goto(wall.url + "?lang=nl")
    await page.locator("#hands .card").drag_to(page.locator(".door[data-number='8'] .lying"))
    await expect(page.get_by_text("Uw handen zijn leeg.")).to_be_visible()
    assert wall.compartment(8)["things"][0]["text"] == "Bolderkar"
    await page.locator(".door[data-number='8'] .thing").drag_to(page.locator("#hands"))
    await expect(page.get_by_role("button", name="Kies Bolderkar")).to_be_visible()


async def test_the_keyboard_never_falls_off_the_page(wall: Reached, page: Page) -> None:
    wall.posts("hand/lever", {"compartment": 8})
    thing = wall.posts("hand/make", {"text": "Bolderkar"})[1]["thing"]
    wall.posts("hand/put", {"compartment": 8, "thing": thing["id"]})
    await page.goto(wall.url + "?lang=nl")
    await page.locator(".door[data-number='8'] .thing").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Kies Bolderkar")).to_be_visible()
    assert await page.evaluate("document.activeElement.closest('.door')?.dataset.number") == "8"


async def test_a_cable_is_unplugged_and_everything_mended(wall: Reached, page: Page) -> None:
    await page.goto(wall.url + "?lang=nl")
    cable = page.get_by_role("switch", name="Trek kabel main uit")
    await cable.click()
    await expect(cable).to_be_checked()
    assert {"kind": "silent", "compartment": None, "bus": "main"} in wall.state()["faults"]
    await page.get_by_role("button", name="Herstel alles").click()
    await expect(cable).not_to_be_checked()


async def test_a_power_cut_that_nobody_answers_is_said(wall: Reached, page: Page) -> None:
    await page.goto(wall.url + "?lang=nl")
    await page.get_by_role("button", name="Onderbreek de stroom").click()
    await expect(page.get_by_role("status")).to_have_text("De stroom kon niet onderbroken worden.")


@pytest.mark.parametrize(("lang", "width"), [("nl", 1280), ("fr", 480), ("en", 1280)])
async def test_the_page_is_usable_for_everybody(wall: Reached, page: Page, lang: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    wall.posts("hand/lever", {"compartment": 7})
    for tag in (None, "new"):
        thing = wall.posts("hand/make", {"text": "Vlaggenset", "tag": tag})[1]["thing"]
        wall.posts("hand/put", {"compartment": 7, "thing": thing["id"]})
        wall.posts("hand/make", {"text": "Verlengkabel", "tag": tag})
    wall.posts("reader/tag", {"tag": "E280116060000000000000A1"})
    wall.posts("fault", {"kind": "late_reply", "bus": "main"})
    await page.goto(f"{wall.url}?lang={lang}")
    await page.locator("[data-key='leaf-3']").click()
    await expect(page.get_by_role("status")).not_to_be_empty()
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    await page.evaluate(axe.SCRIPT)
    found = await page.evaluate(axe.FAULTS, axe.TAGGED)
    assert found == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate("document.documentElement.lang") == lang
